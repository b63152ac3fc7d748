"""What an API says of an operation or of its skills: a sample for each row, until the answer comes of age."""

import math

import pytest

from exporter.clock import Moment
from exporter.families import Column, Family, Scope, Value
from exporter.metrics import row_lines as module
from exporter.parsing import Absent
from exporter.snapshot import Listing, OperationSnapshot, Row

NOW = Moment(1_000_000.0, 1000.0)


def unread(*_: object) -> Value | Absent:
    raise AssertionError("what was read is published, and not read again")


def column(*labels: str) -> Column:
    return Column("skills", ("f",), unread, (("1",), 1.0), labels)


QUEUED, WITHIN_10, WITHIN_20 = column(), column("10s"), column("20s")
LICENCES = column()
FAMILIES = (
    Family("skill_queued", "Help.", Scope.SKILL, columns=(QUEUED,)),
    Family("skill_level", "Help.", Scope.SKILL, labels=("within",), columns=(WITHIN_10, WITHIN_20)),
    Family("licences", "Help.", Scope.OPERATION, columns=(LICENCES,)),
)


@pytest.fixture(autouse=True)
def _families(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = (QUEUED, WITHIN_10, WITHIN_20, LICENCES)
    monkeypatch.setattr(module, "ROW_FAMILIES", FAMILIES)
    monkeypatch.setattr(module, "PLACE", {one: place for place, one in enumerate(columns)})


def texts(rows: tuple[Row, ...] | None, seconds: float = 0.0) -> tuple[list[str], float]:
    answers = {} if rows is None else {"skills": {"": Listing(NOW, rows)}}
    now = Moment(NOW.wall + seconds, NOW.monotonic + seconds)
    lines, until = module.row_lines(OperationSnapshot("op", {}, answers), {"skills": 900.0}, now)
    return [text.decode() for text in lines], until


def test_each_row_has_its_samples_and_what_is_not_known_has_none() -> None:
    rows = (Row(("7", 'A "b"'), (1.0, 0.5, None, None)), Row(("8", ""), (None, 0.25, 1.0, None)))
    assert texts(rows) == (
        [
            'skill_queued{operation="op",skill_id="7",skill="A \\"b\\""} 1\n',
            (
                'skill_level{operation="op",skill_id="7",skill="A \\"b\\"",within="10s"} 0.5\n'
                'skill_level{operation="op",skill_id="8",skill="",within="10s"} 0.25\n'
                'skill_level{operation="op",skill_id="8",skill="",within="20s"} 1\n'
            ),
            "",
        ],
        1900.0,
    )


def test_a_row_about_the_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROW_FAMILIES", FAMILIES[2:])
    assert texts((Row((), (None, None, None, 25.0)),))[0] == ['licences{operation="op"} 25\n']


@pytest.mark.parametrize("rows", [None, ()])
def test_without_rows_there_is_nothing(rows: tuple[Row, ...] | None) -> None:
    assert texts(rows) == (["", "", ""], math.inf if rows is None else 1900.0)


def test_over_age_answers_vanish() -> None:
    rows = (Row(("7", "A"), (1.0, None, None, None)),)
    assert texts(rows, 899.0)[0][0]
    assert texts(rows, 900.0) == (["", "", ""], math.inf)
