"""The way out: proxies and what they answer, authorities that users name."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from http import HTTPStatus

import pytest

from exporter.wolkvox import Cause, RequestFailed
from exporter.wolkvox.transport import ExchangeLimits, exchange, proxies_for
from support.certificates import Authority, Issued
from wolkvox.vendor import Script, Vendor, answer, hang, reset

SERVE = Callable[..., Vendor]
HOST = "exporter.example"
"""A name that is not this machine's, and for which there are certificates."""

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
CREDENTIALS = "invented-user:invented-secret"


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "http_proxy", "https_proxy", "all_proxy", "ssl_cert_file", "requests_ca_bundle"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def issued(authority: Authority) -> Issued:
    return authority.issue("server")


def server_context(issued: Issued) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.cert, issued.key)
    return context


def asked(timeout: float = 15.0, host: str = HOST) -> bytes:
    limits = ExchangeLimits(timeout, 10.0, 2**20)
    with exchange("GET", f"https://{host}", {}, "token", limits) as response:
        return b"".join(response.chunks())


def failure(timeout: float = 15.0, host: str = HOST) -> RequestFailed:
    with pytest.raises(RequestFailed) as caught:
        asked(timeout, host)
    failed = caught.value
    assert not failed.sent
    assert failed.http_status is None
    assert "invented" not in f"{failed!r} {failed} {failed.args} {failed.hint}"
    assert failed.__context__ is None
    return failed


@pytest.fixture
def proxy(vendor: SERVE, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Vendor]:
    """Start a proxy that asks for a password, and put it into the environment."""

    def start(script: bytes | Script, context: ssl.SSLContext | None = None) -> Vendor:
        running = vendor(script, context)
        monkeypatch.setenv("HTTPS_PROXY", running.url.replace("//", f"//{CREDENTIALS}@"))
        return running

    return start


def through_the_tunnel(context: ssl.SSLContext, request: list[bytes]) -> Script:
    """A script of a proxy behind whose tunnel somebody speaks TLS with `context`."""

    def script(conn: socket.socket) -> None:
        conn.sendall(ESTABLISHED)
        with contextlib.suppress(OSError), context.wrap_socket(conn, server_side=True) as inner:
            request.append(inner.recv(65536))
            inner.sendall(answer(b"[1]"))

    return script


def test_a_tunnel_is_asked_for_with_the_password_and_the_token_goes_through_it(
    proxy: SERVE, authority: Authority, issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    inner: list[bytes] = []
    running = proxy(through_the_tunnel(server_context(issued), inner))
    assert asked() == b"[1]"
    (connect,) = running.requests
    assert connect.startswith(f"CONNECT {HOST}:443 ".encode())
    assert b"Proxy-Authorization: Basic aW52ZW50ZWQtdXNlcjppbnZlbnRlZC1zZWNyZXQ=\r\n" in connect
    assert b"wolkvox-token" not in connect
    assert b"wolkvox-token: token\r\n" in inner[0]
    assert b"Proxy-Authorization" not in inner[0]


@pytest.mark.parametrize(
    ("line", "detail", "hint"),
    [
        (b"407 Proxy Authentication Required", "407 Proxy Authentication Required", "password"),
        (b"407 invented-secret", "407 Proxy Authentication Required", "password"),
        (b"407", "407 Proxy Authentication Required", "password"),
        (b"401 Unauthorized", "401 Unauthorized", "password"),
        (b"403 Forbidden", "403 Forbidden", "must allow CONNECT"),
        (b"502 Bad Gateway", "502 Bad Gateway", "public address"),
        (b"503 Service Unavailable", "503 Service Unavailable", "public address"),
        (b"504 Gateway Timeout", "504 Gateway Timeout", "public address"),
        (b"400 Bad Request", "400 Bad Request", "must allow CONNECT"),
        (b"302 Found\r\nLocation: http://login.invalid/", "302 Found", "must allow CONNECT"),
        (b"599 Network Connect Timeout", "599", "public address"),
        (b"500 Unable to connect", "500 Internal Server Error", "public address"),
        (b"101 Switching Protocols", "101 Switching Protocols", "must allow CONNECT"),
        (b"102 Processing\r\n\r\nHTTP/1.1 502 Bad Gateway", "502 Bad Gateway", "public address"),
    ],
)
def test_what_a_proxy_refuses_is_told_with_its_status(
    proxy: SERVE, line: bytes, detail: str, hint: str
) -> None:
    running = proxy(b"HTTP/1.1 " + line + b"\r\nContent-Length: 0\r\n\r\n")
    failed = failure()
    assert (failed.cause, failed.detail) == (Cause.CONNECTION, f"the proxy refused: {detail}")
    assert hint in failed.hint
    assert running.requests[0].startswith(f"CONNECT {HOST}:443 ".encode())


@pytest.mark.parametrize("status", [number for number in range(201, 600) if number % 7 == 0])
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_every_other_status_is_a_refusal(proxy: SERVE, status: int, version: bytes) -> None:
    proxy(b"HTTP/%b %d \r\n\r\n" % (version, status))
    known = [s.phrase for s in HTTPStatus if s == status]
    assert failure().detail == " ".join(["the proxy refused:", str(status), *known])


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        (b"", "the proxy closed the connection without an answer"),
        (reset, "the proxy reset the connection"),
        (b"nonsense\r\n\r\n", "the answer of the proxy is not valid HTTP"),
        (b"HTTP/1.1 20 OK\r\n\r\n", "the answer of the proxy is not valid HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "the answer of the proxy is not valid HTTP"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "the answer of the proxy is not valid HTTP"),
        (
            b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000 + b"\r\n\r\n",
            "the answer of the proxy is not valid HTTP",
        ),
        (b"HTTP/1.1 102 Processing\r\n\r\n" * 101, "the answer of the proxy is not valid HTTP"),
    ],
    ids=["closes", "resets", "nonsense", "status", "ssh", "tls", "header", "interim"],
)
def test_a_proxy_that_fails_is_named(proxy: SERVE, script: bytes | Script, detail: str) -> None:
    proxy(script)
    failed = failure()
    assert (failed.cause, failed.detail, failed.hint) == (Cause.CONNECTION, detail, "")


@pytest.mark.parametrize("secure", [False, True])
def test_a_proxy_that_says_nothing_is_named(
    proxy: SERVE, authority: Authority, issued: Issued, monkeypatch: pytest.MonkeyPatch, secure: bool
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    proxy(hang, server_context(issued) if secure else None)
    failed = failure(timeout=0.3)
    assert (failed.cause, failed.detail) == (Cause.TIMEOUT, "no answer from the proxy within 0.3 seconds")


def test_a_proxy_whose_port_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://{CREDENTIALS}@127.0.0.1:{port}")
    failed = failure()
    assert (failed.cause, failed.detail) == (
        Cause.CONNECTION,
        "cannot reach the proxy: the connection was refused",
    )


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "the host name cannot be resolved"),
        (UnicodeError("label too long"), "the host name cannot be resolved"),
    ],
)
def test_a_proxy_whose_name_is_unknown(
    monkeypatch: pytest.MonkeyPatch, error: Exception, detail: str
) -> None:
    def getaddrinfo(*_args: object, **_kwargs: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setenv("HTTPS_PROXY", f"http://{CREDENTIALS}@proxy.invalid:3128")
    failed = failure()
    assert (failed.cause, failed.detail) == (Cause.CONNECTION, f"cannot reach the proxy: {detail}")


def test_a_proxy_that_never_connects_has_nothing_to_do_with_the_allow_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def connect(_sock: socket.socket, _address: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setenv("HTTPS_PROXY", f"http://{CREDENTIALS}@127.0.0.1:3128")
    failed = failure()
    assert (failed.cause, failed.detail) == (
        Cause.CONNECTION,
        "cannot reach the proxy: connecting timed out",
    )
    assert failed.hint == "check host and port in HTTPS_PROXY: see docs/network.md"


@pytest.mark.parametrize(
    "address",
    [
        "http://",
        f"http://{CREDENTIALS}@",
        f"http://{CREDENTIALS}@proxy.invalid:99999",
        "http://invented-user:invented/secret@proxy.invalid:3128",
        f"http://{CREDENTIALS}@[::1",
        f"ftp://{CREDENTIALS}@proxy.invalid:3128",
        f"socks5://{CREDENTIALS}@127.0.0.1:1080",
        f"socks5h://{CREDENTIALS}@127.0.0.1:1080",
        "http://%E2%82%AC:invented@127.0.0.1:3128",
    ],
)
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_an_address_of_a_proxy_that_is_not_valid(
    monkeypatch: pytest.MonkeyPatch, variable: str, address: str
) -> None:
    monkeypatch.setenv(variable, address)
    failed = failure()
    assert (failed.cause, failed.detail) == (Cause.CONNECTION, "the address of the proxy is not valid")
    assert failed.hint == "HTTPS_PROXY must be http://HOST:PORT or https://HOST:PORT"


def test_an_encrypted_proxy_is_used_and_its_refusal_told(
    proxy: SERVE, authority: Authority, issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", server_context(issued))
    assert failure().detail == "the proxy refused: 407 Proxy Authentication Required"


def test_an_encrypted_proxy_that_is_not_trusted(proxy: SERVE, issued: Issued) -> None:
    running = proxy(ESTABLISHED, server_context(issued))
    failed = failure()
    assert failed.cause is Cause.TLS
    assert failed.detail.startswith("the certificate of the proxy is not trusted: ")
    assert "REQUESTS_CA_BUNDLE" in failed.hint
    assert running.requests == []


def test_an_encrypted_proxy_with_the_certificate_of_another(
    vendor: SERVE, authority: Authority, issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = vendor(ESTABLISHED, server_context(issued))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    monkeypatch.setenv("HTTPS_PROXY", f"https://{CREDENTIALS}@127.0.0.2:{running.port}")
    failed = failure()
    assert failed.cause in {Cause.TLS, Cause.CONNECTION}
    assert "proxy" in failed.detail


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_an_encrypted_proxy_that_speaks_no_tls(monkeypatch: pytest.MonkeyPatch, greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            with listener.accept()[0] as conn:
                conn.recv(65536)
                conn.sendall(greeting)

        thread = threading.Thread(target=greet)
        thread.start()
        monkeypatch.setenv("HTTPS_PROXY", f"https://{CREDENTIALS}@localhost:{listener.getsockname()[1]}")
        failed = failure()
        thread.join()
    assert (failed.cause, failed.detail) == (Cause.TLS, "TLS handshake with the proxy failed")
    assert "http://" in failed.hint


def test_behind_the_tunnel_the_certificate_is_that_of_wolkvox(proxy: SERVE, issued: Issued) -> None:
    proxy(through_the_tunnel(server_context(issued), []))
    failed = failure()
    assert failed.cause is Cause.TLS
    assert failed.detail.startswith("the certificate is not trusted: ")
    assert "REQUESTS_CA_BUNDLE" in failed.hint


def test_behind_the_tunnel_a_reset_is_that_of_wolkvox(proxy: SERVE) -> None:
    def script(conn: socket.socket) -> None:
        conn.sendall(ESTABLISHED)
        conn.recv(1)
        reset(conn)

    proxy(script)
    failed = failure()
    assert (failed.cause, failed.detail) == (Cause.CONNECTION, "the connection was reset")
    assert "allow-list" in failed.hint


def test_an_answer_behind_the_tunnel_that_is_not_valid_is_not_the_proxys(
    proxy: SERVE, authority: Authority, issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))

    def script(conn: socket.socket) -> None:
        conn.sendall(ESTABLISHED)
        with server_context(issued).wrap_socket(conn, server_side=True) as inner:
            inner.recv(65536)
            inner.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    proxy(script)
    limits = ExchangeLimits(15.0, 10.0, 2**20)
    with exchange("GET", f"https://{HOST}", {}, "token", limits) as response:
        assert response.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED


@pytest.mark.parametrize(
    ("exceptions", "through"),
    [
        ("", True),
        ("other.example", True),
        ("exporter.example", False),
        (".example", False),
        ("example", False),
        ("a.example, exporter.example", False),
        ("*", False),
        ("*.example", True),  # no pattern
        ("exporter.example:443", True),
        ("EXPORTER.EXAMPLE", False),
    ],
)
@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_names_that_are_reached_without_the_proxy(
    monkeypatch: pytest.MonkeyPatch, variable: str, exceptions: str, through: bool
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:3128")
    monkeypatch.setenv(variable, exceptions)
    assert bool(proxies_for(f"https://{HOST}/api/v2/")) is through
