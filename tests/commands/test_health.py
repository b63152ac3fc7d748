"""`health` asks whatever listens; the exporter itself is asked in the integration tests."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

from exporter.__main__ import main
from exporter.commands import health
from support.ports import free_port

ANSWERS = Callable[[bytes], int]


@pytest.fixture
def answers() -> Iterator[ANSWERS]:
    """Listen on loopback and give one answer to everybody; returns the port."""
    with ExitStack() as stack:

        def start(answer: bytes) -> int:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve() -> None:
                with suppress(OSError):
                    while True:
                        connection, _ = listener.accept()
                        with connection:
                            connection.recv(65536)
                            connection.sendall(answer)

            threading.Thread(target=serve, daemon=True).start()
            port: int = listener.getsockname()[1]
            return port

        yield start


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, "healthy\n"),
        (b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n", 1, "not healthy: HTTP 503\n"),
        (b"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n", 1, "not healthy: HTTP 404\n"),
    ],
)
def test_its_exit_code_is_the_health(
    answers: ANSWERS, answer: bytes, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["health", f"--web.listen-address=127.0.0.1:{answers(answer)}"]) == code
    assert capsys.readouterr().out == said


@pytest.mark.parametrize("answer", [b"", b"hello\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_answer_is_not_healthy(
    answers: ANSWERS, answer: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"127.0.0.1:{answers(answer)}"
    assert main(["health", f"--web.listen-address={address}"]) == 1
    assert capsys.readouterr().err.startswith(f"wolkvox-exporter: {address} does not answer: ")


@pytest.mark.parametrize("host", ["", "127.0.0.1", "0.0.0.0", "localhost"])  # noqa: S104 - asked, not bound
def test_nobody_there_is_not_healthy(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["health", f"--web.listen-address={host}:{free_port()}"]) == 1
    assert "does not answer" in capsys.readouterr().err


def test_where_exporters_run_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(health, "ports", lambda _program: [9001, 9002])
    monkeypatch.setattr(health, "DEFAULT_LISTEN_ADDRESS", f":{free_port()}")
    hint = "; exporters run here on 9001, 9002: name one with --web.listen-address=:PORT\n"
    assert main(["health"]) == 1
    assert capsys.readouterr().err.endswith(f" does not answer: Connection refused{hint}")
    assert main(["health", "--web.listen-address=127.0.0.2:1"]) == 1
    assert "exporters run here" not in capsys.readouterr().err
