"""A receiver of what Alertmanager sends: webhooks, a pager's events, chat messages."""

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """One request: its path, and its body as JSON."""

    path: str
    body: Any

    @property
    def text(self) -> str:
        """The whole body, for looking for words in it."""
        return json.dumps(self.body, ensure_ascii=False)


@dataclass
class Receiver:
    """What has come so far, oldest first."""

    url: str
    messages: list[Message] = field(default_factory=list)

    def at(self, path: str) -> list[Message]:
        """Return the messages that came to a path."""
        return [message for message in self.messages if message.path == path]


@contextlib.contextmanager
def receiver() -> Iterator[Receiver]:
    """Receive on a free port while the block runs."""
    got = Receiver("")

    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 30

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.messages.append(Message(self.path, json.loads(body)))
            self.send_response(http.HTTPStatus.ACCEPTED)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        got.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield got
        finally:
            server.shutdown()
            thread.join()
