"""What commands make of the probe sockets that they find."""

import contextlib
import json
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import pytest

from exporter.__main__ import main
from exporter.commands.support import running_exporters
from exporter.commands.support.running_exporters import (
    PolledOperation,
    StateAnswer,
    state_page,
    state_problems,
    warn_of_others,
)
from exporter.config import Config, Secret, load_config
from exporter.service import Service
from exporter.state import open_store
from exporter.toolkit import probe_socket
from exporter.toolkit.message import Request
from support.fakes import FakeClock, make_operation

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="abstract names are Linux's")

PROGRAM = f"exporter-of-a-test-{os.getpid()}"
"""Tests of commands that run at the same time must not take these for exporters."""

PORT = 200_000 + os.getpid()
"""No TCP port, and so nobody's but this run's."""
SERVER = f"https://wv{PORT}.example"

Answers = Callable[[bytes | None], None]


@pytest.fixture(autouse=True)
def own_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for these exporters alone."""
    monkeypatch.setattr(running_exporters, "PROGRAM", PROGRAM)


@pytest.fixture
def answers() -> Iterator[Answers]:
    """Stand where an exporter has its probe socket, and say what it is told to say; None: nothing, ever."""
    with contextlib.ExitStack() as stack:
        number = iter(range(PORT, PORT + 1_000_000, 100_000))

        def start(answer: bytes | None) -> None:
            found = probe_socket.listen(PROGRAM, next(number))
            assert found
            listener = stack.enter_context(found)

            def serve() -> None:
                with contextlib.suppress(OSError):
                    while True:
                        client, _ = listener.accept()
                        if answer is None:
                            stack.enter_context(client)
                        else:
                            with client:
                                client.recv(65536)
                                client.sendall(answer)

            thread = threading.Thread(target=serve, daemon=True)
            # A thread that still waits for clients keeps the name.
            stack.callback(thread.join, 60)
            stack.callback(listener.shutdown, socket.SHUT_RDWR)
            thread.start()

        yield start


def http(body: bytes, status: str = "200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body)


class Command:
    """A command for one operation, with a state of its own, and perhaps one more in its configuration."""

    def __init__(self, folder: Path, *more: str) -> None:
        entries = [{"name": name, "base_url": SERVER, "token": "fake-token-1"} for name in ("ventas", *more)]
        file = folder / "config.yaml"
        state = {"url": f"sqlite://{folder}/state.db"}
        file.write_text(json.dumps({"operations": entries, "state": state}))
        self.config = load_config(file)
        self.store = open_store(self.config.state, FakeClock())
        assert self.store.open()

    def answer(self, name: str = "ventas", base_url: str = SERVER, lease: str = "", **more: str) -> bytes:
        """Return what an exporter says that has the same state, where `more` says nothing else."""
        polled = PolledOperation(name, base_url, lease or f"{name} {base_url}")
        told = {"state": "/else/where.db", "identity": self.store.identity, "user": "fulano", **more}
        return http(msgspec.json.encode(StateAnswer(config_file="/etc/x.yaml", operations=[polled], **told)))

    def problems(self) -> str:
        return "\n".join(state_problems(self.config, self.config.operations[:1], self.store))


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    made = Command(tmp_path)
    yield made
    made.store.close()


def test_an_exporter_with_the_same_state_is_no_problem(command: Command, answers: Answers) -> None:
    answers(command.answer())
    assert command.problems() == ""


def test_another_state_is_refused_with_both_named(command: Command, answers: Answers) -> None:
    answers(command.answer())
    answers(command.answer(identity="file 1:2"))
    said = command.problems()
    assert f"uses another state: /else/where.db instead of {command.config.state.file}" in said
    assert "as user fulano with --config.file=/etc/x.yaml, or name the state of that exporter" in said


def test_where_its_own_state_cannot_be_opened_an_exporter_is_named_too(
    command: Command, answers: Answers
) -> None:
    command.store.close()
    assert "the state store is unavailable" in command.problems()
    assert len(command.problems().splitlines()) == 1
    answers(command.answer(identity="file 1:2"))
    first, second, third = command.problems().splitlines()
    assert "the state store is unavailable" in first
    assert second.endswith(", which polls ventas, uses the state /else/where.db")
    assert "as user fulano with --config.file=/etc/x.yaml" in third


@pytest.mark.parametrize(
    ("more", "said", "advised"),
    [
        ({"identity": ""}, "cannot use its state /else/where.db at present", "its log says what is wrong"),
        ({"lease": f"abc {SERVER}"}, "has other operations with the same token", "run this command as user"),
        (
            {"name": "abc", "lease": f"ventas {SERVER}", "identity": "file 1:2"},
            "uses another state",
            "run this command as user",
        ),
    ],
)
def test_what_else_would_not_be_shared(
    command: Command, answers: Answers, more: dict[str, str], said: str, advised: str
) -> None:
    answers(command.answer(**more))
    difference, advice = command.problems().splitlines()
    assert said in difference
    assert advised in advice


def test_the_token_counts_and_not_the_name_of_the_operation(tmp_path: Path, answers: Answers) -> None:
    command = Command(tmp_path, "zonas")
    with contextlib.closing(command.store):
        # Alone, this operation has a lease of its own for the token that both share here.
        answers(command.answer(name="zonas"))
        said = command.problems()
    assert "which polls zonas, has other operations with the same token in its configuration" in said


def test_an_exporter_warns_of_another_and_not_of_itself(
    command: Command, answers: Answers, caplog: pytest.LogCaptureFixture
) -> None:
    answers(command.answer(identity="file 1:2"))
    for own_ports in ({PORT}, set[int]()):
        warn_of_others(command.config, command.store, own_ports)
        for thread in threading.enumerate():
            if thread.name == "exporters":
                thread.join()
    (warning,) = [one for one in caplog.records if one.name == running_exporters.__name__]
    assert (warning.levelname, warning.getMessage()[:16]) == ("WARNING", "another exporter")
    said = f"the exporter on port {PORT}, which polls ventas, uses another state: /else/where.db instead of"
    assert vars(warning)["problem"] == f"{said} {command.config.state}"


@pytest.mark.parametrize(
    ("more", "warnings"),
    # Of the same server it might be the same token.
    [({"base_url": f"{SERVER}.other"}, 0), ({"name": "otra"}, 1)],
)
def test_other_operations_are_their_own_affair(
    command: Command,
    answers: Answers,
    more: dict[str, str],
    warnings: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answers(command.answer(**more, identity="file 1:2"))
    assert command.problems() == ""
    assert sum("another name" in record.message for record in caplog.records) == warnings


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"hello\r\n\r\n",
        http(b"only probes are served here\n", "404 Not Found"),
        http(b"\xff\xfe"),
        http(b"[" * 100_000),
        http(b'{"state": 1}'),
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 2_000_000,
    ],
)
def test_what_is_no_answer_keeps_no_command_from_its_work(
    command: Command, answers: Answers, answer: bytes
) -> None:
    answers(answer)
    answers(command.answer(identity="file 1:2"))
    assert "uses another state" in command.problems()


def test_who_does_not_answer_is_not_waited_for(
    command: Command, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_exporters, "_ANSWER_WITHIN_SECONDS", 0.1)
    answers(None)
    begun = time.monotonic()
    assert command.problems() == ""
    assert time.monotonic() - begun < 30


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Put the log back that a command sets up."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:] = before[0]
    root.setLevel(before[1])


@pytest.mark.usefixtures("logging_as_before")
def test_a_command_says_it_and_calls_nobody(
    command: Command, answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(command.answer(identity="file 1:2"))
    file = f"--config.file={command.config.state.file.with_name('config.yaml')}"
    for words in (["once"], ["machine-codes"], ["find-record", "--forget"]):
        assert main([*words, file]) == 1
        out, err = capsys.readouterr()
        assert (out, err.count("uses another state")) == ("", 1)


def test_the_page_tells_only_what_was_asked_for_and_no_secret(command: Command) -> None:
    others = [
        make_operation(name=name, base_url=server, token=Secret(f"fake-secret-{token}"))
        for name, server, token in (("b", SERVER, 1), ("a", SERVER, 1), ("c", "https://x.example", 2))
    ]
    service = Service(Config(tuple(others)), command.store)
    page = state_page(command.store, "here", Path("config.yaml"), service)
    nothing = msgspec.json.decode(page(Request("GET", "/-/state")).content, type=StateAnswer)
    assert nothing.operations == []
    answer = page(Request("GET", "/-/state", urlencode({"base_url": SERVER}))).content
    found = msgspec.json.decode(answer, type=StateAnswer)
    assert [(one.name, one.lease) for one in found.operations] == [
        (name, f"a {SERVER}") for name in ("b", "a")
    ]
    assert found.config_file == str(Path("config.yaml").absolute())
    assert b"fake-secret" not in answer
    assert b"x.example" not in answer


def test_listening_sockets_of_the_name_are_found_and_no_others() -> None:
    with contextlib.ExitStack() as stack:
        for name in (
            f"{PROGRAM}/{PORT}",
            f"{PROGRAM}/x",
            f"{PROGRAM}/{PORT}/x",
            f"other/{PORT}1",
            f"{PROGRAM}/",
        ):
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(f"\0{name}")
            listener.listen()
        bound = stack.enter_context(socket.socket(socket.AF_UNIX))
        bound.bind(f"\0{PROGRAM}/{PORT}2")
        assert probe_socket.ports(PROGRAM) == [PORT]
