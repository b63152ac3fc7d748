import contextlib
import gc
import gzip
import http.server
import json
import logging
import socket
import ssl
import threading
import time
import traceback
import tracemalloc
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import exporter
from exporter.apis import BY_NAME, PollContext
from exporter.apis.machine_codes import report
from exporter.wolkvox import (
    Answer,
    Call,
    Cause,
    Client,
    RequestFailed,
    connecting,
    find_record,
)
from exporter.wolkvox.connecting import ALLOW_LIST_HINT
from wolkvox.vendor import GIVE_UP, Script, Vendor, answer, chunked, dripping, envelope, hang, reset

TOKEN = "7b7d-secret-7b7d"
PRIVATE = Call("campaign.php", {"api": "find_record", "customer_phone": "3001234567"})
SERVE = Callable[..., Vendor]
OK = b"HTTP/1.1 200 OK\r\n"


def drop(_rows: list[object]) -> None:
    """Take rows and forget them."""


CAMPAIGNS = Call("real_time.php", {"api": "campaigns"})


def fetch(vendor: Vendor, call: Call = CAMPAIGNS, **limits: float) -> tuple[list[object], Answer]:
    rows: list[object] = []
    given = Client(vendor.url, timeout=limits.pop("timeout", 15.0), **limits)  # type: ignore[arg-type]
    return rows, given.fetch(call, TOKEN, rows.extend)


def failing(vendor: Vendor, **limits: float) -> RequestFailed:
    with pytest.raises(RequestFailed) as caught:
        fetch(vendor, PRIVATE, **limits)
    failure = caught.value
    told = "".join(traceback.format_exception(failure)) + repr(failure) + failure.hint
    assert TOKEN not in told
    assert "3001234567" not in told
    assert "\n" not in failure.detail
    assert failure.__context__ is None
    return failure


def test_the_request(vendor: SERVE) -> None:
    server = vendor(answer([]))
    fetch(server)
    line, *headers = server.requests[0].decode().split("\r\n")
    assert line == "GET /api/v2/real_time.php?api=campaigns HTTP/1.1"
    assert sorted(h.lower() for h in headers if h) == sorted(
        [
            f"host: localhost:{server.port}",
            f"wolkvox-token: {TOKEN}",
            f"user-agent: wolkvox-exporter/{exporter.__version__}",
            "accept: application/json",
            "accept-encoding: gzip",
            "connection: close",
        ]
    )


def test_the_calls() -> None:
    context = PollContext(datetime(2026, 3, 1, tzinfo=UTC))
    settings, token_info = (BY_NAME[name].call(context) for name in ("campaign_settings", "token_info"))
    assert (settings.path, settings.query) == ("information.php", {"api": "campaigns"})
    assert (token_info.path, token_info.query) == ("information.php", {"api": "token_info"})
    call = report("4875", datetime(2026, 3, 1, 0, 5, 9), datetime(2026, 3, 1, 23, 59, 59))  # noqa: DTZ001
    assert call.path == "reports_manager.php"
    assert call.query == {
        "api": "campaign_8",
        "campaign_id": "4875",
        "date_ini": "20260301000509",
        "date_end": "20260301235959",
    }
    assert "4875" not in repr(call)


ROWS = [{"campaign": "4875 - MY CAMPAÑA - tel1 (100%)", "records": "1"}, {"campaign": "2", "records": None}]


@pytest.mark.parametrize("document", [ROWS, envelope("200", None, "2 records", data=ROWS)])
@pytest.mark.parametrize("lead", [b"", b"\xef\xbb\xbf", b"\n "])
@pytest.mark.parametrize("packing", ["plain", "gzip", "x-gzip", "chunked", "unending"])
def test_rows_arrive(vendor: SERVE, document: object, lead: bytes, packing: str) -> None:
    body = lead + json.dumps(document).encode()
    scripts: dict[str, bytes | Script] = {
        "plain": answer(body),
        "gzip": answer(gzip.compress(body), Content_Encoding="GZIP"),
        "x-gzip": answer(gzip.compress(body), Content_Encoding="x-gzip"),
        "chunked": chunked([body[:7], body[7:8], body[8:]]),
        "unending": OK + b"\r\n" + body,
    }
    rows, got = fetch(vendor(scripts[packing]))
    assert rows == ROWS
    assert got == Answer(rows=2, bytes=len(body), http_status=200)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("200 OK", []),
        ("200 OK", envelope("200", None, "0 records", data=[])),
        ("404 Not Found", envelope("404", "Not Found", "NO RECORDS WERE FOUND")),
        ("404 Not Found", envelope("", None, "no data", data=[])),
    ],
)
def test_no_rows(vendor: SERVE, status: str, body: object) -> None:
    rows, got = fetch(vendor(answer(body, status)))
    assert rows == []
    assert got.rows == 0
    said = f' "{body["msg"]}"' if isinstance(body, dict) else ""
    assert str(got) == f"HTTP {status[:3]}{said}"
    assert got.http_status == int(status[:3])


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        ("401 Unauthorized", envelope("401", "Unauthorized", "PLEASE ENTER THE WOLKVOX-TOKEN"), Cause.AUTH),
        ("403 Forbidden", envelope("403", "Forbidden", "PLEASE VALIDATE TOKEN"), Cause.AUTH),
        ("403 Forbidden", envelope("403", "Forbidden", "TOKEN LIMIT EXCEEDED"), Cause.QUOTA),
        (
            "403 Forbidden",
            envelope(403, "x", "EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)"),
            Cause.CONCURRENCY,
        ),
        ("403 Forbidden", envelope(403, "x", "MANTENIMIENTO"), Cause.FORBIDDEN),
        ("403 Forbidden", b"<html>TOKEN LIMIT EXCEEDED</html>", Cause.HTTP_STATUS),
        ("404 Not Found", b"<html>not found</html>", Cause.HTTP_STATUS),
        ("404 Not Found", envelope("404", "x", "TOO MANY RECORDS"), Cause.TOO_LARGE),
        ("400 Bad Request", envelope("400", "x", "SOME PARAMETERS ARE REQUIRED"), Cause.HTTP_STATUS),
        ("500 Error", b"", Cause.HTTP_STATUS),
        ("502 Bad Gateway", [1], Cause.HTTP_STATUS),
        ("503 Busy", b" " * (2**20 + 1), Cause.HTTP_STATUS),
        ("204 No Content", b"", Cause.HTTP_STATUS),
        ("206 Partial", [{}], Cause.HTTP_STATUS),
        ("304 Not Modified", b"", Cause.REDIRECT),
        ("200 OK", envelope("403", "Forbidden", "TOKEN LIMIT EXCEEDED"), Cause.QUOTA),
        ("200 OK", b"<html>login</html>", Cause.DECODE),
        ("200 OK", b"", Cause.DECODE),
        ("200 OK", b'[{"a":"1"},{"a":', Cause.DECODE),
        ("200 OK", {"rows": []}, Cause.SHAPE),
        ("200 OK", "text", Cause.SHAPE),
    ],
)
def test_answers_that_are_failures(vendor: SERVE, status: str, body: object, cause: Cause) -> None:
    failure = failing(vendor(answer(body, status)))
    assert failure.cause is cause
    assert (failure.http_status, failure.sent) == (int(status[:3]), True)


def test_the_vendors_words_are_repeated_without_the_token(vendor: SERVE) -> None:
    said = f"PLEASE VALIDATE TOKEN {TOKEN}\r\n" + "x" * 1000
    detail = failing(vendor(answer(envelope("403", "x", said), "403 x"))).detail
    assert detail.startswith("HTTP 403; wolkvox says: PLEASE VALIDATE TOKEN *** x")
    assert len(detail) < 240


def test_the_vendors_words_are_repeated_without_telephones(vendor: SERVE) -> None:
    said = f"Campaign 4875 until 2026-08-12 08:00: no 3009998887, (+573009998887) {TOKEN.upper()}"
    detail = failing(vendor(answer(envelope("403", "x", said), "403 x"))).detail
    assert detail == "HTTP 403; wolkvox says: Campaign 4875 until 2026-08-12 08:00: no ***, (+***) ***"


def test_the_vendors_words_are_repeated_without_the_person_that_was_asked_for(vendor: SERVE) -> None:
    said = "Ana-1 was not found\x1b[31m, nor ANA-1"
    call = find_record("4875", customer="Ana-1")
    _, got = fetch(vendor(answer(envelope("404", "Not Found", said), "404 Not Found")), call)
    assert str(got) == 'HTTP 404 "*** was not found [31m, nor ***"'
    with pytest.raises(RequestFailed) as caught:
        fetch(vendor(answer(envelope("500", "x", said), "500 x")), call)
    assert caught.value.detail == "HTTP 500; wolkvox says: *** was not found [31m, nor ***"
    assert "Ana-1" not in repr(call)


def test_an_error_whose_body_is_broken_keeps_its_status(vendor: SERVE) -> None:
    assert failing(vendor(answer(b"x", "500 Error", Content_Length="9"))).cause is Cause.HTTP_STATUS
    assert failing(vendor(answer(b"x", "500 Error", Content_Encoding="gzip"))).cause is Cause.HTTP_STATUS


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(vendor: SERVE, status: str) -> None:
    other = vendor(answer(ROWS))
    failure = failing(vendor(answer(b"", status, Location=f"{other.url}/api/v2/real_time.php")))
    assert failure.cause is Cause.REDIRECT
    assert other.requests == []


@pytest.mark.parametrize(
    ("script", "cause", "detail"),
    [
        (reset, Cause.CONNECTION, "the connection was reset"),
        (b"", Cause.CONNECTION, "the connection was closed without an answer"),
        (answer(b"[{},{}", Content_Length="100"), Cause.CONNECTION, "the answer was cut short"),
        (
            OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n[{},{\r\n",
            Cause.CONNECTION,
            "the answer was cut short",
        ),
        (
            OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n[{},{\r\n",
            Cause.DECODE,
            "the answer is not valid HTTP",
        ),
        (b"SSH-2.0-OpenSSH_9.6\r\n", Cause.DECODE, "the answer is not valid HTTP"),
        (OK + b"X: " + b"x" * 70_000 + b"\r\n\r\n[]", Cause.DECODE, "the answer is not valid HTTP"),
        (OK + b"X: x\r\n" * 200 + b"\r\n[]", Cause.DECODE, "the answer is not valid HTTP"),
        (answer(b"[{}]", Content_Encoding="gzip"), Cause.DECODE, "the answer is not valid gzip"),
        (
            answer(gzip.compress(b"[{}]")[:-9], Content_Encoding="gzip"),
            Cause.DECODE,
            "the answer is not valid gzip",
        ),
        (
            answer(b"[{}]", Content_Encoding="br"),
            Cause.DECODE,
            "the answer has a Content-Encoding that was not requested",
        ),
    ],
)
def test_broken_exchanges(vendor: SERVE, script: bytes | Script, cause: Cause, detail: str) -> None:
    failure = failing(vendor(script))
    assert (failure.cause, failure.detail) == (cause, detail)
    assert failure.hint == (ALLOW_LIST_HINT if script is reset else "")


def test_a_reset_in_the_middle(vendor: SERVE) -> None:
    def script(conn: socket.socket) -> None:
        conn.sendall(OK + b"Content-Length: 100000\r\n\r\n[{},")
        reset(conn)

    failure = failing(vendor(script))
    assert failure.cause is Cause.CONNECTION
    assert failure.hint == "" or failure.http_status is None


def test_a_refusing_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(RequestFailed) as caught:
        Client(f"http://127.0.0.1:{port}").fetch(CAMPAIGNS, TOKEN, drop)
    assert caught.value.cause is Cause.CONNECTION
    assert caught.value.http_status is None


def test_an_unknown_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_args: object, **_kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(RequestFailed) as caught:
        Client("http://nonexistent.invalid").fetch(CAMPAIGNS, TOKEN, drop)
    assert caught.value.cause is Cause.CONNECTION


@pytest.mark.parametrize(
    "address", ["http://", "http://[::1", "nonsense", "http://a..b:99999", "ftp://127.0.0.1"]
)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(RequestFailed) as caught:
        Client(address).fetch(CAMPAIGNS, TOKEN, drop)
    assert caught.value.cause is Cause.CONNECTION
    assert caught.value.__context__ is None


@pytest.mark.parametrize("token", ["", " ", "a\nb", "a\r\nHost: x", "ñ", " a", "a\x00"])
def test_a_token_that_no_header_can_carry_is_not_sent(vendor: SERVE, token: str) -> None:
    server = vendor(answer([]))
    with pytest.raises(RequestFailed) as caught:
        Client(server.url).fetch(CAMPAIGNS, token, drop)
    assert caught.value.cause is Cause.AUTH
    assert server.requests == []


@pytest.mark.parametrize(
    "script",
    [
        hang,
        dripping(b"", b"H"),
        dripping(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        dripping(OK + b"X-Slow: ", b"x"),
        dripping(OK + b"Content-Length: 100000\r\n\r\n[", b" "),
        dripping(OK + b"\r\n[", b"{},"),
        dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n", b"3\r\n{},\r\n"),
        dripping(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"[]")[:10], b"\x00\x00\x00\xff\xff"),
    ],
    ids=["hang", "status", "continue", "header", "body", "unending", "chunks", "gzip"],
)
@pytest.mark.parametrize("secure", [False, True])
def test_the_deadline_holds_for_the_whole_exchange(  # noqa: PLR0913, PLR0917
    vendor: SERVE,
    script: Script,
    secure: bool,
    server_tls: ssl.SSLContext,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    server = vendor(script, server_tls if secure else None)
    start = time.monotonic()
    failure = failing(server, timeout=0.5)
    assert failure.cause is Cause.TIMEOUT
    assert failure.detail == "no complete answer within 0.5 seconds"
    assert time.monotonic() - start < GIVE_UP


def test_the_deadline_holds_for_the_handshake(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    with socket.create_server(("127.0.0.1", 0)) as listener:  # connected by the kernel, never answered
        start = time.monotonic()
        with pytest.raises(RequestFailed) as caught:
            Client(f"https://localhost:{listener.getsockname()[1]}", timeout=0.5).fetch(
                CAMPAIGNS, TOKEN, drop
            )
        assert caught.value.cause is Cause.TIMEOUT
        assert time.monotonic() - start < GIVE_UP


def test_tls_with_a_trusted_certificate(
    vendor: SERVE, server_tls: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
        monkeypatch.setenv(name, str(certificate[0]))
        assert fetch(vendor(answer(ROWS), server_tls))[0] == ROWS
        monkeypatch.delenv(name)


def test_tls_with_a_strange_certificate(
    vendor: SERVE, server_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    server = vendor(answer(ROWS), server_tls)
    failure = failing(server)
    assert failure.cause is Cause.TLS
    assert failure.detail == "the certificate is not trusted: self-signed certificate"
    assert server.requests == []


def test_tls_with_a_certificate_for_another_name(
    vendor: SERVE, server_tls: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    server = vendor(answer(ROWS), server_tls)
    with pytest.raises(RequestFailed) as caught:
        Client(f"https://127.0.0.1:{server.port}").fetch(CAMPAIGNS, TOKEN, drop)
    assert caught.value.cause is Cause.TLS
    assert server.requests == []


def test_tls_below_1_2_is_refused(
    vendor: SERVE, server_tls: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        server_tls.minimum_version = server_tls.maximum_version = ssl.TLSVersion.TLSv1_1
    assert failing(vendor(answer(ROWS), server_tls)).cause is Cause.TLS


def test_tls_to_a_server_that_speaks_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            with listener.accept()[0] as conn:
                conn.sendall(b"220 mail ESMTP\r\n")
                conn.recv(65536)

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(RequestFailed) as caught:
            Client(f"https://localhost:{listener.getsockname()[1]}").fetch(CAMPAIGNS, TOKEN, drop)
        thread.join()
    assert (caught.value.cause, caught.value.detail) == (Cause.TLS, "TLS handshake failed")


@pytest.mark.parametrize("content", [None, "not a certificate"])
def test_a_bundle_that_cannot_be_read(
    tmp_path: Path, content: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content:
        bundle.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with pytest.raises(RequestFailed) as caught:
        Client("https://localhost:1").fetch(CAMPAIGNS, TOKEN, drop)
    assert caught.value.cause is Cause.TLS
    assert str(bundle) in caught.value.detail


def test_a_plain_answer_over_the_limit(vendor: SERVE) -> None:
    body = json.dumps([{"a": "x" * 100}] * 100).encode()
    assert fetch(vendor(answer(body)), max_bytes=len(body))[1].bytes == len(body)
    assert failing(vendor(answer(body)), max_bytes=len(body) - 1).cause is Cause.TOO_LARGE


def test_packed_bytes_that_unpack_to_nothing_count_too(vendor: SERVE) -> None:
    packed = gzip.compress(b"[{}") + gzip.compress(b"") * 10_000
    assert (
        failing(vendor(answer(packed, Content_Encoding="gzip")), max_bytes=100_000).cause is Cause.TOO_LARGE
    )


def test_packed_bytes_that_unpack_to_nothing_for_ever_end_at_the_limit(vendor: SERVE) -> None:
    nothing = dripping(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 1000)
    assert failing(vendor(nothing), max_bytes=100_000).cause is Cause.TOO_LARGE


def bomb(members: int) -> Iterable[bytes]:
    row = b'{"a":"' + b"0" * 65_520 + b'"},'
    member = gzip.compress(row * 256)  # 16 MiB
    yield gzip.compress(b"[")
    for _ in range(members):
        yield member


def test_a_gzip_bomb_ends_at_the_limit_in_little_memory(vendor: SERVE) -> None:
    def script(conn: socket.socket) -> None:
        conn.sendall(OK + b"Content-Encoding: gzip\r\n\r\n" + b"".join(bomb(640)))  # 10 GiB

    tracemalloc.start()
    try:
        # The server's own copy, of 10 MB, is in the peak.
        failure = failing(vendor(script), max_bytes=32 * 2**20, timeout=60.0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert failure.cause is Cause.TOO_LARGE
    assert peak < 50 * 2**20


def test_a_long_answer_takes_little_memory(vendor: SERVE) -> None:
    row = json.dumps({f"field{i}": "x" * 200 for i in range(20)}).encode()
    block = b",".join([row] * 100)
    count = 64 * 2**20 // (len(row) + 1) // 100

    def pieces() -> Iterator[bytes]:
        yield b'{"data":[' + block
        for _ in range(count - 1):
            yield b"," + block
        yield b"]}"

    seen = 0

    def sink(rows: list[object]) -> None:
        nonlocal seen
        seen += len(rows)

    server = vendor(chunked(pieces()))
    tracemalloc.start()
    try:
        got = Client(server.url, timeout=60.0).fetch(CAMPAIGNS, TOKEN, sink)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert got.rows == seen == count * 100
    assert got.bytes > 60 * 2**20
    assert peak < 6 * 2**20


def test_an_exception_of_the_sink_passes_through(vendor: SERVE) -> None:
    def sink(_rows: list[object]) -> None:
        raise OSError("mine")

    with pytest.raises(OSError, match=r"^mine$"):
        Client(vendor(answer(ROWS)).url).fetch(CAMPAIGNS, TOKEN, sink)


class Reader:
    """Keeps rows, as the readers of lists do."""

    def __init__(self) -> None:
        self.rows: list[object] = []

    def add(self, rows: list[object]) -> None:
        """Take rows."""
        self.rows += rows


@pytest.mark.parametrize("body", [b'{"code":"200","data":[{"a":1}]}', b'{"data":[{"a":1},'])
@pytest.mark.parametrize("packed", [False, True])
def test_what_was_read_needs_no_search_for_cycles_to_be_gone(
    vendor: SERVE, body: bytes, packed: bool
) -> None:
    # 10,000 campaigns that stay until the next search, with each poll, would fill the memory.
    script = answer(gzip.compress(body), Content_Encoding="gzip") if packed else answer(body)
    forgets(Client(vendor(script).url))


def test_what_was_read_of_an_answer_cut_short_is_gone_too(vendor: SERVE) -> None:
    forgets(Client(vendor(answer(b'[{"a":1},' + b" " * 2**17, Content_Length="1000000")).url))


def test_what_was_read_is_gone_too_where_the_first_address_refused(
    vendor: SERVE, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As "localhost" and many other names are: the first address is of IPv6, where nothing listens.
    server = vendor(answer([{"a": 1}]))
    with socket.create_server(("127.0.0.1", 0)) as closed:
        refusing = closed.getsockname()
    resolved = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", to) for to in (refusing, ("127.0.0.1", server.port))
    ]
    monkeypatch.setattr(connecting, "resolve", lambda _host, _port, _end: resolved)
    forgets(Client(server.url))


def forgets(client: Client) -> None:
    reader = Reader()
    gone = weakref.ref(reader)
    gc.disable()
    try:
        with contextlib.suppress(RequestFailed):
            client.fetch(CAMPAIGNS, TOKEN, reader.add)
        assert reader.rows == [{"a": 1}]
        del reader
        assert gone() is None
    finally:
        gc.enable()


def test_nothing_is_read_from_netrc(vendor: SERVE, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine localhost login somebody password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = vendor(answer([]))
    fetch(server)
    assert b"authorization" not in server.requests[0].lower()


def test_nothing_is_logged(vendor: SERVE, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        fetch(vendor(answer(ROWS)), PRIVATE)
        failing(vendor(OK + b"broken header\r\n\r\n"))
    assert caplog.records == []


def test_threads_share_a_client(vendor: SERVE) -> None:
    client = Client(vendor(answer(ROWS)).url)
    got: list[int] = []
    threads = [
        threading.Thread(target=lambda: got.append(client.fetch(CAMPAIGNS, TOKEN, drop).rows))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [2] * 8


class Proxy(http.server.BaseHTTPRequestHandler):
    """A forwarding proxy that answers itself, and refuses tunnels."""

    asked: list[str] = []  # noqa: RUF012 - one for the class, as each request is a new object

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.wfile.write(answer(ROWS))

    def do_CONNECT(self) -> None:
        self.asked.append(self.path)
        self.wfile.write(answer(b"", "407 Proxy Authentication Required"))

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("NO_PROXY", "no_proxy", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    Proxy.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server, contextlib.ExitStack() as stack:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("HTTP_PROXY", address)
        monkeypatch.setenv("HTTPS_PROXY", address)
        yield address


def test_a_proxy_of_the_environment_is_used(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy
    assert Client("http://wv0042.invalid").fetch(CAMPAIGNS, TOKEN, drop).rows == 2
    assert Proxy.asked == ["http://wv0042.invalid/api/v2/real_time.php?api=campaigns"]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: [])
    monkeypatch.setenv("NO_PROXY", "wv0042.invalid")
    with pytest.raises(RequestFailed):
        Client("http://wv0042.invalid").fetch(CAMPAIGNS, TOKEN, drop)


def test_a_proxy_that_refuses_the_tunnel(proxy: str) -> None:
    assert proxy
    with pytest.raises(RequestFailed) as caught:
        Client("https://wv0042.invalid").fetch(CAMPAIGNS, TOKEN, drop)
    assert caught.value.cause is Cause.CONNECTION
    assert "proxy" in caught.value.detail
    assert Proxy.asked == ["wv0042.invalid:443"]


def test_loopback_never_goes_through_a_proxy(proxy: str, vendor: SERVE) -> None:
    assert proxy
    assert fetch(vendor(answer(ROWS)))[0] == ROWS
    assert Proxy.asked == []
