"""A receiver of what Alertmanager sends: webhooks, a pager's events, chat messages, mails."""

import contextlib
import email
import email.policy
import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
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
            # Telegram answers in JSON, Slack with a word; Alertmanager takes nothing else for a success.
            telegram = self.path.endswith("/sendMessage")
            said = b'{"ok": true, "result": {"message_id": 1, "chat": {"id": 1}}}' if telegram else b"ok"
            self.send_response(http.HTTPStatus.OK if telegram else http.HTTPStatus.ACCEPTED)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

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


@contextlib.contextmanager
def mailbox() -> Iterator[tuple[str, list[EmailMessage]]]:
    """Take mails by SMTP on a free port while the block runs; yield its address and what has come so far."""
    got: list[EmailMessage] = []

    class Handler(socketserver.StreamRequestHandler):
        timeout = 30

        def handle(self) -> None:
            self.say("220 mail")
            while line := self.rfile.readline():
                command = line.strip().upper()
                if command == b"DATA":
                    self.say("354 go on")
                    # A line that begins with a dot has another one before it.
                    body = b"".join(part.removeprefix(b".") for part in iter(self.rfile.readline, b".\r\n"))
                    got.append(email.message_from_bytes(body, policy=email.policy.default))
                self.say("221 bye" if command == b"QUIT" else "250 ok")
                if command == b"QUIT":
                    return

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}", got
        finally:
            server.shutdown()
            thread.join()
