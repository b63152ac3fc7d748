"""What the exporter makes of a capture, as text: the doctor's lines, and what a scrape sees at the end."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

from exporter.apis import APIS
from exporter.capture import read_capture_and_config
from exporter.commands import doctor
from exporter.commands.support.command_line import parse
from scripts.recorded_answers import RecordedAnswers
from scripts.replay import replay

FOLDER = Path(__file__).parent
_AFTERWARDS_SECONDS = 75 * 60.0
"""So that every API has been asked, of each campaign."""
_READ = tuple(f"{family.name}{{" for api in APIS for family in api.families)
"""How samples of what was read begin; the others say how often, and when."""


def captures() -> list[Path]:
    """Return the files of the corpus."""
    return sorted(FOLDER.glob("*.jsonl"))


def expected_of(file: Path) -> Path:
    """Return the file with what is expected of a capture."""
    return file.with_suffix(".expected.txt")


def made_of(file: Path) -> str:
    """Return what is made of a capture."""
    return "\n".join([f"# doctor --replay {file.name}", *diagnosis(file), "# /metrics", *samples(file), ""])


def diagnosis(file: Path) -> list[str]:
    """Return the lines of the doctor."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        doctor.run(parse(["doctor", "--replay", str(file)]))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def samples(file: Path) -> Iterator[str]:
    """Yield the samples of the exposition at the end, as it writes them."""
    _, config = read_capture_and_config(file)
    answers = RecordedAnswers(file, config.operations)
    series: dict[str, float] = {}
    for scrape in replay(config, answers, until=answers.last + _AFTERWARDS_SECONDS):
        series |= scrape.series
        for name in scrape.gone:
            del series[name]
    return (f"{name} {figure!r}" for name, figure in sorted(series.items()) if name.startswith(_READ))
