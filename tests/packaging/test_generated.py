"""What is generated and committed is what the code makes."""

from generators.__main__ import behind


def test_generated_files_are_current() -> None:
    assert behind(write=False) == [], "run `make generate`, and look at what it changes"
