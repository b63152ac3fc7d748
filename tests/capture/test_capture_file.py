"""A capture as a file: what was written is what is read, and what is no whole capture is refused by name."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.capture import (
    Capture,
    CaptureError,
    Exchange,
    Failure,
    config_mapping,
    read_capture,
    write_capture,
)
from exporter.wolkvox import Cause
from support.fakes import make_operation

AT = 1_786_543_448.123

CAPTURE = Capture(
    config_mapping([make_operation()]),
    {"ventas": {"clock": {"behind": None, "seconds": 1.5}}},
    (
        Exchange(
            "ventas", "campaigns", "", AT, 0.5, 200, AT - 0.123, "TLSv1.3", b'[{"campaign":"4875 - X"}]'
        ),
        Exchange("ventas", "machine_codes", "4875", AT, 0.5, 404, body=b"<html>\n\xc3\xa9", cut=True),
        Exchange("ventas", "machine_codes", "4876", AT, 0.5, 200, body=b"[]", rows_left_out=59_000),
        Exchange("ventas", "campaign_results", "", AT, 60.0, failure=Failure(Cause.TIMEOUT, "late", "wait")),
        Exchange("ventas", "skills", "", AT, 0.5, 200, body=b'{"data":[{"a":1.50}],"data":"\xc3\xa9"}'),
        Exchange("ventas", "skills", "", AT, 0.5, 500),
        Exchange("ventas", "skills", "", AT, 0.5, 200, AT, failure=Failure(Cause.CONNECTION, "cut short")),
    ),
    "made up",
    3,
)


def written(folder: Path) -> list[bytes]:
    file = folder / "written"
    write_capture(file, CAPTURE)
    return file.read_bytes().splitlines(keepends=True)


def refusal(file: Path) -> str:
    """Return what is said of a file that is no capture, after its name."""
    with pytest.raises(CaptureError) as caught:
        read_capture(file)
    text = str(caught.value)
    assert text.startswith(f"{file}: ")
    assert text.isprintable()
    return text.removeprefix(f"{file}: ")


def test_what_was_written_is_what_is_read(tmp_path: Path) -> None:
    write_capture(tmp_path / "one", CAPTURE)
    assert read_capture(tmp_path / "one") == CAPTURE
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o600
    assert len(list(tmp_path.iterdir())) == 1


def test_an_answer_over_several_lines_stands_on_one(tmp_path: Path) -> None:
    body = b'{"code": "404",\r\n    "error": "Not Found",\n    "msg": "Validate\\ndates"}'
    one = Exchange("ventas", "campaigns", "", AT, 0.5, 404, body=body)
    write_capture(tmp_path / "one", Capture(CAPTURE.config, {}, (one,)))
    assert (tmp_path / "one").read_bytes().count(b"\n") == 3
    (read,) = read_capture(tmp_path / "one").exchanges
    assert read.body == b'{"code":"404","error":"Not Found","msg":"Validate\\ndates"}'


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("kept")
    with pytest.raises(CaptureError, match="one: cannot be written: File exists"):
        write_capture(tmp_path / "one", CAPTURE)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(CaptureError, match="link: cannot be written: File exists"):
        write_capture(tmp_path / "link", CAPTURE)
    with pytest.raises(CaptureError, match="cannot be written: No such file or directory"):
        write_capture(tmp_path / "folder" / "one", CAPTURE)
    assert (tmp_path / "one").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "one"]


def damaged(lines: list[bytes], number: int, change: Callable[[bytes], bytes]) -> bytes:
    return b"".join([*lines[: number - 1], change(lines[number - 1]), *lines[number:]])


DAMAGES: dict[str, tuple[int, Callable[[bytes], bytes], str]] = {
    "another version": (
        1,
        lambda line: line.replace(b'"wolkvox_capture":1', b'"wolkvox_capture":2'),
        "was written by a newer version of wolkvox-exporter: update it",
    ),
    "a version of digits": (
        1,
        lambda line: line.replace(b'"wolkvox_capture":1', b'"wolkvox_capture":' + b"9" * 5000),
        "was written by a newer version of wolkvox-exporter: update it",
    ),
    "no version": (
        1,
        lambda line: line.replace(b'"wolkvox_capture":1', b'"wolkvox_capture":"1"'),
        "line 1: wolkvox_capture must be 1",
    ),
    "another file": (1, lambda _: b'{"at": 1}\n', "line 1: is not the beginning of a capture"),
    "no object": (1, lambda _: b"[1]\n", "line 1: is not the beginning of a capture"),
    "nested": (1, lambda _: b"[" * 100_000, "line 1: is not the beginning of a capture"),
    "no config": (1, lambda line: line.replace(b'"config"', b'"confg"'), "line 1: Object "),
    "a wrong config": (
        1,
        lambda line: line.replace(b"America/Bogota", b"America/Macondo"),
        "line 1: config: operations[0].timezone: unknown time zone 'America/Macondo'",
    ),
    "no operations": (
        1,
        lambda line: line.replace(b'"operations":[', b'"operatons":['),
        "line 1: config: operations: is missing",
    ),
    "facts of somebody else": (
        1,
        lambda line: line.replace(b'"facts":{"ventas"', b'"facts":{"compras"'),
        "line 1: facts: 'compras' is no operation of its config",
    ),
    "an operation of somebody else": (
        2,
        lambda line: line.replace(b'"ventas"', b'"compras"'),
        "line 2: 'compras' is no operation of its config",
    ),
    "torn": (2, lambda line: line[:40] + b"\n", "line 2: Input data was truncated"),
    "no JSON": (3, lambda _: b"hello\n", "line 3: JSON is malformed"),
    "nested too deeply": (3, lambda _: b'{"body":' + b"[" * 100_000, "line 3: nested too deeply"),
    "not UTF-8": (
        4,
        lambda line: line.replace(b"4876", b"\xff\xfe"),
        "line 4 is not UTF-8: the file is damaged",
    ),
    "another key": (2, lambda line: b'{"note":1,' + line[1:], "line 2: Object contains unknown field `note`"),
    "another type": (
        2,
        lambda line: line.replace(b'"seconds":0.5', b'"seconds":"0.5"'),
        "line 2: Expected `float`, got `str` - at `$.seconds`",
    ),
    "another cause": (
        5,
        lambda line: line.replace(b'"timeout"', b'"weather"'),
        "line 5: Invalid enum value 'weather' - at `$.failure.cause`",
    ),
    "an unknown API": (
        2,
        lambda line: line.replace(b'"campaigns"', b'"campaings"'),
        "line 2: unknown API 'campaings': campaigns, ",
    ),
    "no campaign": (
        3,
        lambda line: line.replace(b'"campaign":"4875"', b'"campaign":null'),
        "line 3: machine_codes is asked by campaign: an id or all is expected",
    ),
    "a campaign too many": (
        2,
        lambda line: line.replace(b'"campaign":null', b'"campaign":"4875"'),
        "line 2: campaigns is not asked by campaign: campaign must be null",
    ),
    "neither answer nor failure": (
        5,
        lambda line: line[: line.index(b',"failure"')] + b"}\n",
        "line 5: a status or a failure is expected",
    ),
    "a failure with an answer": (
        5,
        lambda line: line.replace(b'"failure"', b'"text":"x","failure"'),
        "line 5: a body does not go with failure",
    ),
    "an answer without a body": (
        2,
        lambda line: line[: line.index(b',"body"')] + b"}\n",
        "line 2: exactly one of body and text is expected",
    ),
    "no status": (
        2,
        lambda line: line.replace(b'"status":200', b'"status":2000'),
        "line 2: status must be from 100 to 599",
    ),
    "back in time": (
        2,
        lambda line: line.replace(b'"seconds":0.5', b'"seconds":-1'),
        "line 2: seconds must be 0 or more",
    ),
    "rows too few": (
        4,
        lambda line: line.replace(b'"rows_left_out":59000', b'"rows_left_out":-1'),
        "line 4: rows_left_out must be 0 or more",
    ),
    "no time": (
        2,
        lambda line: line.replace(b"+00:00", b""),
        "line 2: a time such as 2026-08-12T08:02:08+00:00 is expected",
    ),
    "one exchange too few": (
        4,
        lambda _: b"",
        "line 8: 7 answers are expected above, not 6",
    ),
    "no end": (9, lambda _: b"", "is cut off after line 8: the last line, with the key end, is missing"),
    "half an end": (
        9,
        lambda _: b'{"en',
        "is cut off after line 9: the last line, with the key end, is missing",
    ),
    "two ends": (9, lambda line: line + line, "line 10: nothing is expected after the end"),
    "an early end": (5, lambda line: b'{"end":3}\n' + line, "line 6: nothing is expected after the end"),
    "UTF-16": (1, lambda line: line.decode().encode("utf-16"), "is UTF-16: save it as UTF-8"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, kind: str) -> None:
    number, change, expected = DAMAGES[kind]
    file = tmp_path / "damaged"
    file.write_bytes(damaged(written(tmp_path), number, change))
    assert refusal(file).startswith(expected)


def test_a_file_that_was_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = b"".join(written(tmp_path))
    file = tmp_path / "cut"
    for size in [*range(0, len(whole) - 1, 97), len(whole) - 2]:
        file.write_bytes(whole[:size])
        assert refusal(file)
    # Without the last line break nothing is missing.
    file.write_bytes(whole[:-1])
    assert read_capture(file) == CAPTURE


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nothing") == "cannot be read: No such file or directory"
    assert refusal(tmp_path) == "cannot be read: Is a directory"
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe") == "cannot be read: a file is expected, not a pipe"
    (tmp_path / "empty").write_bytes(b" \n")
    assert refusal(tmp_path / "empty") == "is empty"


@pytest.mark.parametrize("garbage", [b"\0", b"x", b"{", b"\n", b"\x80", b'{"wolkvox_capture":1'])
def test_a_hundred_megabytes_of_garbage_are_refused(tmp_path: Path, garbage: bytes) -> None:
    file = tmp_path / "garbage"
    file.write_bytes(garbage * (100_000_000 // len(garbage)))
    assert len(refusal(file)) < 200


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", 2**40)
    assert refusal(tmp_path / "large") == "is larger than 128 MiB"
