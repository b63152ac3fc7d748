"""The goals, what was measured, and the tables that are printed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One goal: what was measured, and whether it was reached; None where it could not be measured."""

    what: str
    goal: str
    measured: str
    reached: bool | None

    @property
    def verdict(self) -> str:
        """The word for it."""
        return {True: "pass", False: "**miss**", None: "not measured"}[self.reached]


@dataclass
class Report:
    """What a run has found: the rows of goals, and further tables."""

    rows: list[Row] = field(default_factory=list)
    tables: list[tuple[str, str]] = field(default_factory=list)

    def at_most(self, what: str, value: float, limit: float, unit: str, detail: str = "") -> None:
        """Add a goal that is a greatest value."""
        self._add(what, f"at most {limit:g}{unit}", f"{_digits(value)}{unit}", detail, value <= limit)

    def at_least(self, what: str, value: float, limit: float, unit: str, detail: str = "") -> None:
        """Add a goal that is a least value."""
        self._add(what, f"at least {limit:g}{unit}", f"{_digits(value)}{unit}", detail, value >= limit)

    def _add(self, what: str, goal: str, measured: str, detail: str, reached: bool) -> None:
        row = Row(what, goal, f"{measured} ({detail})" if detail else measured, reached)
        self.rows.append(row)
        print(f"{row.verdict}: {what}: {row.measured}, {goal}", flush=True)

    def missing(self, what: str, why: str) -> None:
        """Add a goal that could not be measured here."""
        self.rows.append(Row(what, "", why, None))

    def table(self, title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add a table."""
        text = markdown(head, rows)
        self.tables.append((title, text))
        print(f"\n{title}\n\n{text}", flush=True)

    def goals(self) -> str:
        """Return the table of the goals."""
        return markdown(
            ["what", "goal", "measured", ""], ([r.what, r.goal, r.measured, r.verdict] for r in self.rows)
        )

    def text(self, introduction: str) -> str:
        """Return everything as Markdown."""
        tables = [f"{title}:\n\n{text}" for title, text in self.tables]
        return "\n\n".join([introduction, *([self.goals()] if self.rows else []), *tables])


def _digits(value: float) -> str:
    """Return a figure to three digits, or whole."""
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"  # noqa: PLR2004 - three digits


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table with columns of even width, readable as it stands too."""
    lines = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in [list(head), *lines]) for place in range(len(head))]
    text = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in [list(head), *lines]
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)


def _markers(part: str) -> tuple[str, str]:
    return f"<!-- begin: bench {part} -->", f"<!-- end: bench {part} -->"


def check_markers(file: Path, parts: Iterable[str]) -> None:
    """End with a message where a document lacks the markers of a part."""
    text = file.read_text()
    for marker in (marker for part in parts for marker in _markers(part)):
        if text.count(marker) != 1:
            raise SystemExit(f"{file} lacks the marker {marker}")


def write_into(file: Path, part: str, text: str) -> None:
    """Replace what stands between the markers of a part in a document."""
    begin, end = _markers(part)
    head, _, rest = file.read_text().partition(begin)
    _, _, tail = rest.partition(end)
    file.write_text(f"{head}{begin}\n\n{text}\n\n{end}{tail}")
