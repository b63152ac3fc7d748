"""A vendor on a loopback socket that answers each connection with scripted bytes."""

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable
from typing import Self

Script = Callable[[socket.socket], None]

GIVE_UP = 20.0  # seconds; no test waits that long unless it fails


class Vendor:
    """Reads one request a connection, keeps it in `requests`, then runs the script and closes."""

    def __init__(self, script: bytes | Script, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self._script = script
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://localhost:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(GIVE_UP)
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        while True:
            try:
                conn, _ = self._listener.accept()
            except OSError:
                return
            conn.settimeout(GIVE_UP)
            with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
                stack.enter_context(conn)
                if self._context:
                    conn = stack.enter_context(self._context.wrap_socket(conn, server_side=True))
                self._answer(conn)

    def _answer(self, conn: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            received = conn.recv(65536)
            if not received:
                return
            request += received
        self.requests.append(request)
        if callable(self._script):
            self._script(conn)
        else:
            conn.sendall(self._script)


def answer(body: bytes | object, status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer; a body that is no bytes is sent as JSON, and `_` in a header's name is a dash."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json; charset=utf-8"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if "Content_Length" not in headers:
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join([*lines, "", ""]).encode() + content


def chunked(pieces: Iterable[bytes], **headers: str) -> Script:
    """A script for an answer of unknown length; `_` in a header's name is a dash."""
    lines = ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    def script(conn: socket.socket) -> None:
        conn.sendall("\r\n".join([*lines, "", ""]).encode())
        for piece in pieces:
            conn.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        conn.sendall(b"0\r\n\r\n")

    return script


def dripping(head: bytes, drop: bytes) -> Script:
    """A script that sends `head` and then `drop` again and again, slowly, until the caller has gone."""

    def script(conn: socket.socket) -> None:
        conn.sendall(head)
        pause = threading.Event()
        while True:
            conn.sendall(drop)
            pause.wait(0.02)

    return script


def hang(conn: socket.socket) -> None:
    """Say nothing until the caller has gone."""
    conn.recv(1)


def reset(conn: socket.socket) -> None:
    """End the connection with a RST."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def envelope(code: object, error: object, msg: object, **more: object) -> dict[str, object]:
    return {"code": code, "error": error, "msg": msg, **more}
