"""Reading requests: what is no HTTP ends the connection instead of leaving its sender waiting."""

import io

import pytest

from exporter.simulator.wire import Hangup, read_request


def test_a_request_is_read_with_its_query_and_headers() -> None:
    request = read_request(io.BytesIO(b"GET /a?b=1&c= HTTP/1.1\r\nWolkvox-Token: fake\r\n\r\n"))
    assert request is not None
    assert (request.method, request.path, dict(request.query)) == ("GET", "/a", {"b": "1", "c": ""})
    assert request.headers["wolkvox-token"] == "fake"


def test_the_end_of_the_stream_is_no_request() -> None:
    assert read_request(io.BytesIO(b"")) is None


@pytest.mark.parametrize(
    "greeting",
    [
        # The first line of a TLS greeting, whose random bytes hold two blanks.
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03a\x20b\x85c\n",
        b"GET /\r\n",
        b"GET / HTTP/2.0\r\n",
        b"GET / and more HTTP/1.1\r\n",
        b"\n",
    ],
)
def test_what_is_no_http_is_hung_up_on_by_its_first_line(greeting: bytes) -> None:
    with pytest.raises(Hangup):
        read_request(_OneLine(greeting))


@pytest.mark.parametrize(
    "request_", [b"GET //[ HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"]
)
def test_what_cannot_be_read_is_hung_up_on(request_: bytes) -> None:
    with pytest.raises(Hangup):
        read_request(io.BytesIO(request_))


class _OneLine(io.BytesIO):
    """A client that waits for the answer after one line: reading on would block."""

    def readline(self, *args: int | None) -> bytes:
        line = super().readline(*args)
        if not line:
            raise AssertionError("read on beyond the first line")
        return line
