import csv
import errno
import io
import json
import os
import subprocess
import sys
import tempfile
import termios
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.operators.cells import Cells
from exporter.operators.formulas import without_apostrophes
from exporter.operators.output import OutputError, StagedOutput, row_writer
from exporter.operators.telephone_filter import TELEPHONE_COLUMNS
from exporter.operators.terminal import progress_bar
from operators.limits import files_up_to

COLUMNS = ("a", "b")
ROWS: list[Cells] = [{"a": 'x, "y"\nñ', "b": 1}, {"a": None}, {"b": 0, "c": "left out"}]


class Screen(io.StringIO):
    """A standard output that is a terminal."""

    def isatty(self) -> bool:
        return True


def written(form: str, rows: list[Cells], columns: tuple[str, ...] = COLUMNS) -> str:
    stream = io.StringIO(newline="")
    out = row_writer(form, stream, columns)
    for row in rows:
        out.row(row)
    out.finish()
    return stream.getvalue()


def test_csv() -> None:
    assert list(csv.reader(io.StringIO(written("csv", ROWS), newline=""))) == [
        ["a", "b"],
        ['x, "y"\nñ', "1"],
        ["", ""],
        ["", "0"],
    ]


def test_json_and_json_lines() -> None:
    expected = [{"a": 'x, "y"\nñ', "b": 1}, {"a": None, "b": None}, {"a": None, "b": 0}]
    assert json.loads(written("json", ROWS)) == expected
    assert [json.loads(line) for line in written("jsonl", ROWS).splitlines()] == expected
    assert (json.loads(written("json", [])), written("jsonl", [])) == ([], "")


@given(st.lists(st.fixed_dictionaries({"a": st.text() | st.none() | st.integers(), "b": st.text()})))
def test_any_cells_come_back(rows: list[dict[str, str | int | None]]) -> None:
    assert json.loads(written("json", list(rows))) == rows


CONTROLS = "\x00\x07\x08\x1b]0;owned\x07\x7f\x85\x9b2J\u200e\u202e\u2028\u2066\ufeff"


@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl"])
def test_no_format_commands_the_terminal(form: str) -> None:
    text = written(form, [{"a": f"ñ {CONTROLS} \u00a0", "b": 12}])
    assert "owned" in text
    assert "\u00a0" in text
    assert [c for c in text if not c.isprintable() and c not in "\n\u00a0"] == []


@given(st.text(), st.sampled_from(["table", "csv", "json", "jsonl"]))
def test_no_text_commands_the_terminal(cell: str, form: str) -> None:
    text = written(form, [{"a": cell, "b": 12}])
    assert {c for c in text if not c.isprintable() and unicodedata.category(c) != "Zs"} <= {"\n", "\t"}
    text.encode()


def test_csv_runs_no_formula_and_keeps_numbers() -> None:
    rows: list[Cells] = [{"a": "=HYPERLINK(0)", "b": -5}, {"a": "+573000000000"}, {"a": "a\r=1"}]
    assert written("csv", rows) == "a,b\n'=HYPERLINK(0),-5\n+573000000000,\n\"a\n'=1\",\n"


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]) | st.just("\n"))))
def test_csv_gives_back_what_it_was_given(texts: list[str]) -> None:
    read = csv.reader(io.StringIO(written("csv", [{"a": text, "b": 1} for text in texts]), newline=""))
    assert [without_apostrophes(row[0]) for row in read][1:] == texts


def test_a_table_has_no_command_for_the_terminal_and_no_markup_of_ours() -> None:
    text = written("table", [{"a": "\x1b[2J[bold]x[/bold]", "b": 12}])
    assert "\x1b" not in text
    assert "[bold]x[/bold]" in text
    assert text.splitlines()[0].split() == ["a", "b"]


def test_a_long_table_has_one_head_and_straight_columns() -> None:
    lines = written("table", [{"a": f"5550{number:06d}", "b": number} for number in range(1200)]).splitlines()
    body = [line for line in lines if line.startswith("5550")]
    assert len(body) == 1200
    assert sum("a" in line for line in lines) == 1
    assert len({line.index("5550") for line in body}) == 1
    assert len({len(line) for line in body}) == 1


@pytest.mark.parametrize("width", [1, 20, 80])
def test_a_table_has_all_its_columns_on_a_terminal_of_any_width(width: int) -> None:
    script = (
        "import sys; from exporter.operators.terminal import TableWriter; assert sys.stdout.isatty();"
        "t = TableWriter(sys.stdout, [f'column_{n}' for n in range(30)]);"
        "t.row({f'column_{n}': f'value_{n}' for n in range(30)}); t.finish()"
    )
    ours, terminal = os.openpty()
    termios.tcsetwinsize(terminal, (24, width))
    with os.fdopen(ours, "rb", buffering=0) as screen:
        subprocess.run([sys.executable, "-c", script], stdin=terminal, stdout=terminal, check=True)
        os.close(terminal)
        shown = screen.read(1 << 16) or b""
    for number in range(30):
        assert b"column_%d" % number in shown
        assert b"value_%d" % number in shown


def shown(width: int, rows: list[Cells], columns: tuple[str, ...]) -> list[str]:
    stream = io.StringIO(newline="")
    out = row_writer("table", stream, columns, width)
    for row in rows:
        out.row(row)
    out.finish()
    return stream.getvalue().splitlines()


WIDE = tuple(f"column_{number}" for number in range(12))


def test_what_does_not_fit_the_screen_is_a_block_for_each_row() -> None:
    rows: list[Cells] = [{column: f"value of {column}" for column in WIDE}, {WIDE[0]: "x" * 200, WIDE[11]: 7}]
    assert shown(80, rows, WIDE) == [
        *(f"{column}: value of {column}" for column in WIDE),
        "",
        f"column_0: {'x' * 200}",
        *(f"{column}:" for column in WIDE[1:11]),
        "column_11: 7",
        "",
    ]


@pytest.mark.parametrize("width", range(60, 110, 7))
def test_no_line_of_a_table_is_longer_than_the_screen(width: int) -> None:
    rows: list[Cells] = [{"telephone": "5551234567", "total_machine_recognitions": 7, "no_answer": 1}]
    lines = shown(width, rows, TELEPHONE_COLUMNS)
    assert all(len(line) <= width for line in lines)
    text = "".join(" ".join(lines).split())
    for name in TELEPHONE_COLUMNS:
        assert all(part in text for part in name.split("_"))


def test_titles_have_several_lines_before_a_table_becomes_blocks() -> None:
    rows: list[Cells] = [{"telephone": "5551234567", "no_answer": 1}] * 3
    first, second, third, _, *body = shown(80, rows, TELEPHONE_COLUMNS)
    assert (first.split(), second.split()) == (["total_"], ["machine_", "no_", "answer_"])
    assert third.split()[:3] == ["telephone", "recognitions", "answer"]
    assert [line.split() for line in body] == [["5551234567", "1"]] * 3
    assert shown(100, rows, TELEPHONE_COLUMNS)[0].split() == [*TELEPHONE_COLUMNS]


def test_a_later_page_that_does_not_fit_is_in_blocks() -> None:
    page: list[Cells] = [{"a": "x", "b": 1}] * 500
    rows: list[Cells] = [*page, {"a": "y" * 100, "b": 2}]
    lines = shown(40, rows, COLUMNS)
    assert [line.split() for line in lines[2:4]] == [["x", "1"]] * 2
    assert lines[-3:] == [f"a: {'y' * 100}", "b: 2", ""]


def test_only_a_terminal_has_a_width(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    with StagedOutput(None) as output, StagedOutput(tmp_path / "file") as file:
        assert [output.width, file.width] == [None, None]
        monkeypatch.setattr(sys, "stdout", Screen())
        assert [output.width, file.width] == [50, None]


def test_an_empty_table_has_its_head() -> None:
    assert written("table", []).split()[:2] == ["a", "b"]


def test_a_file_appears_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_text("old")
    file.chmod(0o644)
    with StagedOutput(file) as delivery:
        delivery.stream.write("new")
        assert file.read_text() == "old"
        delivery.commit()
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o600)
    assert os.listdir(tmp_path) == ["out.csv"]  # noqa: PTH208 - names are what is asked for


def test_until_then_it_has_no_name(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    with StagedOutput(file) as delivery:
        delivery.stream.write("telephones")
        delivery.stream.flush()
        assert list(tmp_path.iterdir()) == []
        delivery.commit()
    assert file.read_text() == "telephones"


@pytest.fixture(params=["no O_TMPFILE", "not this file system", "no /proc"])
def _systems_without_unnamed_files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(error: int) -> Callable[..., Any]:
        def call(*_: object, **__: object) -> int:
            raise OSError(error, os.strerror(error))

        return call

    really_open = os.open

    def opened(path: Any, flags: int, *more: int, **named: Any) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "")
        return really_open(path, flags, *more, **named)

    match request.param:
        case "no O_TMPFILE":
            monkeypatch.delattr(os, "O_TMPFILE")
            monkeypatch.setattr(tempfile, "_O_TMPFILE_WORKS", False)
        case "not this file system":
            monkeypatch.setattr(os, "open", opened)
        case _:
            monkeypatch.setattr(os, "link", refused(errno.ENOENT))


@pytest.mark.usefixtures("_systems_without_unnamed_files")
def test_systems_without_unnamed_files_get_a_copy(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_text("old")
    text = "ñ\n" * 100_000
    with StagedOutput(file) as delivery:
        delivery.stream.write(text)
        assert list(tmp_path.iterdir()) == [file]
        delivery.commit()
    assert (file.read_text(), file.stat().st_mode & 0o777) == (text, 0o600)
    with StagedOutput(file) as delivery:
        delivery.stream.write(text)
        delivery.stream.flush()
        with files_up_to(1000), pytest.raises(OutputError, match=str(file)):
            delivery.commit()
    assert list(tmp_path.iterdir()) == [file]


def test_the_longest_name_is_a_name(tmp_path: Path) -> None:
    file = tmp_path / ("x" * 255)
    with StagedOutput(file) as delivery:
        delivery.commit()
    assert list(tmp_path.iterdir()) == [file]


def test_without_a_commit_nothing_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "out.csv"
    for target in (file, None):
        with StagedOutput(target) as delivery:
            delivery.stream.write("half")
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().out == ""


def test_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with StagedOutput(None) as delivery:
        delivery.stream.write("x\nñ\n")
        delivery.commit()
    assert capsys.readouterr().out == "x\nñ\n"


def test_a_link_is_followed_and_a_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with StagedOutput(tmp_path / "link") as delivery:
        delivery.stream.write("x")
        delivery.commit()
    assert (tmp_path / "real").read_text() == "x"
    assert (tmp_path / "link").is_symlink()
    for place in (Path("/dev/null"), tmp_path):
        with pytest.raises(OutputError, match="not a regular file"):
            StagedOutput(place)


def test_places_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be created"):
        StagedOutput(tmp_path / "none" / "out.csv")


def test_a_full_disk_is_told_and_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_text("old")
    with StagedOutput(file) as delivery:
        delivery.stream.write("x" * 5000)
        with files_up_to(1000), pytest.raises(OutputError, match=str(file)):
            delivery.commit()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_progress_says_nothing_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("work", 3) as progress:
        progress.advance()
    assert capsys.readouterr() == ("", "")
