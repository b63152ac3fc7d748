"""The log: one line an event whatever is in it, and never a token."""

import io
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter import logs
from exporter.config import Secret
from exporter.polling import Token
from exporter.wolkvox import Client

PYTHON_LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)
LINES = Callable[[], list[str]]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., LINES]]:
    """Set logging up with stderr in the memory; what was set up before is back after the test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def set_up(level: str = "info", form: str = "logfmt", secrets: list[str] | None = None) -> LINES:
        stderr = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stderr)
        logs.set_up(level, form, secrets or [])
        return lambda: stderr.getvalue().splitlines()

    yield set_up
    root.handlers[:] = handlers
    root.setLevel(level)


def test_logfmt(logged: Callable[..., LINES]) -> None:
    lines = logged()
    logging.getLogger("x").warning(
        "poll %s",
        "failed",
        extra={"operation": "ventas norte", "seconds": 0.5, "detail": 'a "b"\n=c', "hint": ""},
    )
    (line,) = lines()
    stamp, _, rest = line.partition(" ")
    assert stamp.startswith("ts=")
    assert stamp.endswith("Z")
    assert rest == (
        'level=warn msg="poll failed" operation="ventas norte" seconds=0.5 detail="a \\"b\\"\\n=c" hint=""'
    )


def test_json(logged: Callable[..., LINES]) -> None:
    lines = logged(form="json")
    logging.getLogger("x").error("línea\ndos", extra={"rows": 3, "path": object})
    (line,) = lines()
    event = json.loads(line)
    assert (event["level"], event["msg"], event["rows"]) == ("error", "línea\ndos", 3)
    assert isinstance(event["path"], str)


def test_a_traceback_is_on_the_line_of_its_event(logged: Callable[..., LINES]) -> None:
    lines = logged()
    try:
        _ = 1 // 0
    except ZeroDivisionError:
        logging.getLogger("x").exception("broke")
    (line,) = lines()
    assert "traceback=" in line
    assert "ZeroDivisionError" in line


@pytest.mark.parametrize(("level", "seen"), [("debug", 4), ("info", 3), ("warn", 2), ("error", 1)])
def test_levels(logged: Callable[..., LINES], level: str, seen: int) -> None:
    lines = logged(level)
    log = logging.getLogger("x")
    for tell in (log.debug, log.info, log.warning, log.error):
        tell("event")
    assert len(lines()) == seen


def test_a_level_is_written_as_the_flag_names_it(logged: Callable[..., LINES]) -> None:
    lines = logged("debug")
    for level in PYTHON_LEVELS:
        logging.getLogger("x").log(level, "event")
    assert [line.split()[1] for line in lines()] == [f"level={name}" for name in [*logs.LEVELS, "error"]]


@pytest.mark.parametrize("form", logs.FORMATS)
def test_a_token_never_shows(logged: Callable[..., LINES], form: str) -> None:
    token = "fake-token-7"
    lines = logged(form=form, secrets=[token, "ab"])
    try:
        _ = dict[str, str]()[token]
    except KeyError:
        logging.getLogger("x").exception("sent %s", token, extra={"token": token, "ab": "about"})
    (line,) = lines()
    assert token not in line
    assert "***" in line
    assert "about" in line  # a secret of two letters would blot out half of every line


@pytest.mark.parametrize("form", logs.FORMATS)
@pytest.mark.parametrize("token", ['fake"token', "fake\\token", "fake\nñ token"])
def test_a_secret_that_a_line_can_only_hold_escaped_does_not_show_either(
    logged: Callable[..., LINES], form: str, token: str
) -> None:
    lines = logged(form=form, secrets=[token])
    logging.getLogger("x").info("sent %s now", token)
    (line,) = lines()
    assert "sent *** now" in line


def test_of_a_secret_that_begins_with_another_nothing_is_left(logged: Callable[..., LINES]) -> None:
    secrets = [f"fake{'!' * number}" for number in range(20)]
    lines = logged(secrets=secrets)
    logging.getLogger("x").info(" ".join(secrets))
    assert "!" not in lines()[0]


def test_a_secret_that_comes_later_is_kept_out_too(logged: Callable[..., LINES]) -> None:
    lines = logged(secrets=["fake-old"])
    logs.hide(["fake-new", "x"])
    logging.getLogger("x").info("from fake-old to fake-new, x")
    assert lines()[0].endswith('msg="from *** to ***, x"')


def test_a_rotated_token_is_kept_out_too(logged: Callable[..., LINES], tmp_path: Path) -> None:
    lines = logged(secrets=["fake-old"])
    file = tmp_path / "token"
    file.write_text("fake-old")
    token = Token(Secret(file=file), "ventas")
    file.write_text("fake-new")
    token.read_again()
    logging.getLogger("x").info("now with %s", token.text)
    assert lines()[-1].endswith('msg="now with ***"')


def test_libraries_tell_no_query_at_any_level(logged: Callable[..., LINES]) -> None:
    # A warning of urllib3's holds the whole URL, and that may hold a telephone.
    assert Client is not None
    lines = logged("debug")
    for name in ("urllib3", "urllib3.connection", "urllib3.connectionpool"):
        logging.getLogger(name).warning("Failed to parse headers (url=...customer_phone=3000000001)")
        logging.getLogger(name).error("the same")
    logging.getLogger("asyncio").debug("Using selector: EpollSelector")
    assert lines() == []


@pytest.mark.parametrize("form", logs.FORMATS)
@given(text=st.text(), value=st.text() | st.binary() | st.floats() | st.none())
def test_whatever_is_in_it_it_is_one_line(form: str, text: str, value: object) -> None:
    record = logging.makeLogRecord({"msg": text, "args": (), "levelname": "INFO", "value": value})
    line = logs._Formatter(form, ["fake-token"]).format(record)
    line.encode()
    if form == "json":
        json.loads(line)
    assert "\n" not in line
    assert "\r" not in line


TELLING = """
import logging, sys
from exporter import logs
logs.set_priorities()
print("config.yaml: a problem\\n  and its second line", file=sys.stderr)
for part in ("it comes ", "in pieces", "", "\\n\\n"):
    sys.stderr.write(part)
logs.set_up("debug", sys.argv[1])
for level in (10, 20, 30, 40):
    logging.getLogger("x").log(level, "línea\\ndos")
1 / 0
"""


def told(journal: str | None, form: str = "logfmt") -> list[str]:
    """Return what a process writes to stderr, which it takes for the journal if the text names it."""
    environment = {name: value for name, value in os.environ.items() if name != "JOURNAL_STREAM"}
    with tempfile.TemporaryFile() as stderr:
        status = os.fstat(stderr.fileno())
        if journal is not None:
            environment["JOURNAL_STREAM"] = journal.format(status)
        command = [sys.executable, "-c", TELLING, form]
        subprocess.run(command, env=environment, stderr=stderr, check=False, timeout=60)
        stderr.seek(0)
        return stderr.read().decode().splitlines()


@pytest.mark.parametrize("form", logs.FORMATS)
def test_the_journal_is_told_how_bad_it_is(form: str) -> None:
    lines = told("{0.st_dev}:{0.st_ino}", form)
    assert lines[:4] == ["<3>config.yaml: a problem", "<3>  and its second line", "<3>it comes in pieces", ""]
    events, traceback = lines[4:8], lines[8:]
    assert [event[:3] for event in events] == ["<7>", "<6>", "<4>", "<3>"]
    assert all("línea\\ndos" in event for event in events)
    assert traceback[-1] == "<3>ZeroDivisionError: division by zero"
    assert all(line.startswith("<3>") for line in traceback)


@pytest.mark.parametrize("journal", [None, "", "0:0", "{0.st_dev}:1", "{0.st_ino}", "{0.st_ino}:{0.st_dev}"])
def test_nobody_but_the_journal_is_told_a_priority(journal: str | None) -> None:
    # The variable outlives a redirection of the stream.
    lines = told(journal)
    assert lines[0] == "config.yaml: a problem"
    assert not any(line.startswith("<") for line in lines)
