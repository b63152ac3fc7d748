"""Makes what is expected of each capture in tests/corpus."""

from pathlib import Path

from corpus.replaying import captures, expected_of, made_of


def expected() -> dict[Path, str]:
    """Return what is made of each capture by the file that holds it."""
    return {expected_of(file): made_of(file) for file in captures()}
