"""What the client makes of answers, good and bad, of real servers on loopback."""

import contextlib
import gzip
import http.server
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from exporter.prometheus_api import (
    HttpConfig,
    PrometheusClient,
    PrometheusError,
    quoted_label,
    read_http_config,
)
from support.certificates import Authority
from support.ports import free_port

SECRET = "fictitious-secret"
LOGIN = HttpConfig(headers={"Authorization": f"Bearer {SECRET}", "X-Tenant": SECRET})
EMPTY = {"status": "success", "data": {"resultType": "matrix", "result": []}}


@dataclass
class Answer:
    """What a server answers: JSON of anything that is no bytes."""

    body: object = field(default_factory=lambda: EMPTY)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Server:
    """A server that answers each request by its path, and notes what it was asked."""

    url: str
    answers: dict[str, Answer]
    asked: list[tuple[str, Mapping[str, str]]]


Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with contextlib.ExitStack() as stack:

        def serve(answer: Answer | None = None, *, tls: ssl.SSLContext | None = None) -> Server:
            made = Server("", {} if answer is None else {"": answer}, [])

            class Handler(http.server.BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"

                def do_GET(self) -> None:
                    made.asked.append((self.path, dict(self.headers)))
                    path = urlsplit(self.path).path
                    given = made.answers.get(path, made.answers.get("", Answer(b"nothing", 404)))
                    body = given.body if isinstance(given.body, bytes) else json.dumps(given.body).encode()
                    self.send_response(given.status)
                    for name, value in {"Content-Length": str(len(body)), **given.headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    with contextlib.suppress(OSError):
                        self.wfile.write(body)

                def log_message(self, *_args: object) -> None:
                    pass

            class Quiet(http.server.ThreadingHTTPServer):
                def handle_error(self, *_args: object) -> None:
                    pass

            server = Quiet(("127.0.0.1", 0), Handler)
            if tls:
                server.socket = tls.wrap_socket(server.socket, server_side=True)
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            made.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
            return made

        yield serve


def ask(url: str, config: HttpConfig = LOGIN, answer_seconds: float = 30) -> None:
    with contextlib.closing(PrometheusClient(url, config, answer_seconds=answer_seconds)) as client:
        client.range("up", 0, 600, 300)


def message(url: str, config: HttpConfig = LOGIN, answer_seconds: float = 30) -> str:
    """Return what is said of a failure, in which no secret may stand."""
    with pytest.raises(PrometheusError) as failed:
        ask(url, config, answer_seconds)
    text = str(failed.value)
    assert SECRET not in text
    assert text.isprintable()
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None or failed.value.__suppress_context__
    return text.removeprefix(url).strip()


def test_a_range_is_asked_and_read(serve: Serve) -> None:
    series = {"metric": {"campaign": "Ñandú"}, "values": [[300, "1"], [600.5, "NaN"]]}
    server = serve(Answer({"status": "success", "data": {"resultType": "matrix", "result": [series]}}))
    client = PrometheusClient(f"{server.url}/prometheus/")
    (read,) = client.range('up{a="b c"} > 0', 300, 600, 300)
    assert (read.metric, read.values) == ({"campaign": "Ñandú"}, [(300.0, "1"), (600.5, "NaN")])
    client.range("up", 0, 1, 1)
    ((path, headers), _) = server.asked
    parts = urlsplit(path)
    assert parts.path == "/prometheus/api/v1/query_range"
    assert parse_qs(parts.query) == {
        "query": ['up{a="b c"} > 0'],
        "start": ["300"],
        "end": ["600"],
        "step": ["300"],
    }
    assert "Authorization" not in headers
    client.close()


def test_values_of_a_label_may_be_null(serve: Serve) -> None:
    server = serve(Answer({"status": "success", "data": None}))
    client = PrometheusClient(server.url)
    assert client.label_values("operation", "up", 0, 1) == []
    server.answers[""] = Answer({"status": "success", "data": ["a"]})
    assert client.label_values("operation", "up", 0, 1) == ["a"]
    client.close()


def test_packed_answers_are_read(serve: Serve) -> None:
    ask(serve(Answer(gzip.compress(json.dumps(EMPTY).encode()), 200, {"Content-Encoding": "gzip"})).url)


def test_each_warning_is_told_once(serve: Serve) -> None:
    told: list[str] = []
    server = serve(Answer({**EMPTY, "warnings": ["store b\nis away", "store b\nis away"]}))
    client = PrometheusClient(server.url, warn=told.append)
    for _ in range(2):
        client.range("up", 0, 1, 1)
    assert told == [f"{server.url} warns: store b is away"]
    client.close()


HTML = b"<!DOCTYPE html><title>Log in</title>"
BEFORE = "the address must be the part before /api/v1"
BAD_QUERY = {"status": "error", "errorType": "bad_data", "error": "parse\nerror \x1b[31m at char 3"}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(HTML), f"answers with a web page, perhaps a login page, not as a Prometheus: {BEFORE}"),
        (Answer(b"ok"), f"does not answer as a Prometheus: {BEFORE}"),
        (Answer({"hello": 1}), f"does not answer as a Prometheus: {BEFORE}"),
        (Answer(b"\xff\xfe"), f"does not answer as a Prometheus: {BEFORE}"),
        (
            Answer({"status": "success", "data": 5}),
            "is not a Prometheus: its answer to query_range has another form",
        ),
        (Answer({"status": "success", "data": {"result": [{"values": [[1]]}]}}), "is not a Prometheus"),
        (Answer(b"404 page not found", 404), f"answers 404, not as a Prometheus: {BEFORE}"),
        (Answer(HTML, 401), "does not accept the login (401): check the name and the password, or the token"),
        (Answer(HTML, 403), "forbids this (403)"),
        (Answer({"status": "error", "error": "x"}, 401), "does not accept the login (401)"),
        (Answer(HTML, 407), "cannot be asked: the proxy asks for a login (407)"),
        (Answer(HTML, 503), "answers 503"),
        (Answer(b"", 429), "answers 429"),
        (Answer(BAD_QUERY, 400), "refused the query: parse error \ufffd[31m at char 3"),
        (Answer({"status": "error", "error": "query timed out"}, 503), "refused the query: query timed out"),
        (Answer({"status": "error"}, 422), "refused the query: status 422"),
        (
            Answer(gzip.compress(b"x")[:-9], 200, {"Content-Encoding": "gzip"}),
            "does not answer as a Prometheus",
        ),
        (Answer(b'{"status":"success","data":{"resu'), "cut its answer short"),
        (Answer(b"no gzip", 200, {"Content-Encoding": "gzip"}), "cut its answer short"),
        (Answer(b"{", 200, {"Content-Length": "100", "Connection": "close"}), "cut its answer short"),
    ],
)
def test_bad_answers_are_told(serve: Serve, answer: Answer, says: str) -> None:
    assert message(serve(answer).url).startswith(says)


def test_who_has_no_login_is_told_how_to_give_one(serve: Serve) -> None:
    assert message(serve(Answer(HTML, 401)).url, HttpConfig()).startswith(
        "asks for a login (401): give a login with --http.config.file"
    )


def test_no_secret_goes_to_another_server(serve: Serve) -> None:
    other = serve(Answer())
    redirect = Answer(b"", 302, {"Location": f"{other.url}/login"})
    said = message(serve(redirect).url)
    assert said.startswith("redirects to 127.0.0.1 (302), and no login is sent there")
    assert other.asked == []


@pytest.mark.parametrize(
    "trick",
    [
        r"http://{other}\@{own}/x",
        r"//{other}\@{own}/x",
        "http://{own}@{other}/x",
        "//{own}@{other}/x",
        r"http:\\{other}/x",
        r"\\{other}/x",
        "http://{other}#@{own}/",
        "http://{other}?@{own}/",
        "http://{own}:80@{other}/",
        "http://{other}\t@{own}/",
        "http://user:word@{own}/x",
    ],
)
def test_no_trick_in_an_address_sends_a_secret_elsewhere(serve: Serve, trick: str) -> None:
    other, own = serve(Answer()), serve()
    hosts = {"other": urlsplit(other.url).netloc, "own": urlsplit(own.url).netloc}
    own.answers[""] = Answer(b"", 302, {"Location": trick.format(**hosts)})
    assert "redirects to" in message(own.url)
    assert other.asked == []


@pytest.mark.parametrize(
    "target", ["http://[::1", "file:///etc/passwd", "//other.example/x", "http://127.0.0.1:x/"]
)
def test_odd_redirects_are_not_followed(serve: Serve, target: str) -> None:
    assert "redirects to" in message(serve(Answer(b"", 307, {"Location": target})).url)


def test_a_redirect_within_the_server_is_followed(serve: Serve) -> None:
    server = serve()
    server.answers["/api/v1/query_range"] = Answer(
        b"", 308, {"Location": "/prometheus/api/v1/query_range?query=up"}
    )
    server.answers["/prometheus/api/v1/query_range"] = Answer()
    ask(server.url)
    assert server.asked[-1][1]["X-Tenant"] == SECRET
    assert message(server.url, HttpConfig(follow_redirects=False)).startswith("redirects to 127.0.0.1 (308)")


def test_a_circle_ends(serve: Serve) -> None:
    assert message(serve(Answer(b"", 302, {"Location": "?again"})).url) == "redirects in a circle"


def test_nobody_listens() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert message(url) == "cannot be reached: nothing listens at this address"


def test_there_is_no_such_host() -> None:
    assert message("http://nobody.invalid:9090").startswith("cannot be reached: there is no such host name")


def test_a_server_that_hangs_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert message(url, answer_seconds=0.2) == (
            "has not answered within 0.2 seconds: ask for fewer --weeks"
        )


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_a_server_that_answers_byte_by_byte_is_given_up(head: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as slow:
        over = threading.Event()

        def drip() -> None:
            connection, _ = slow.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(head)
                while not over.wait(0.05):
                    connection.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{slow.getsockname()[1]}"
        begun = time.monotonic()
        try:
            said = message(url, answer_seconds=0.5)
        finally:
            over.set()
            thread.join()
        assert said == "has not answered within 0.5 seconds: ask for fewer --weeks"
        assert time.monotonic() - begun < 10


def test_a_server_that_is_no_http_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"SSH-2.0-OpenSSH\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        said = message(f"http://127.0.0.1:{server.getsockname()[1]}")
        thread.join(10)
    assert said in {
        "does not answer with valid HTTP",
        "closed the connection without an answer; does it expect https?",
    }


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def secure(serve: Serve, authority: Authority) -> Server:
    issued = authority.issue("server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.cert, issued.key)
    return serve(Answer(), tls=context)


def with_tls(folder: Path, **keys: object) -> HttpConfig:
    return read_http_config({"tls_config": keys}, Path("http.yml"), folder)


def test_certificates_are_checked(secure: Server, authority: Authority, tmp_path: Path) -> None:
    assert message(secure.url).startswith("cannot be trusted: its certificate fails the check (")
    name = authority.file.name
    ask(secure.url, with_tls(tmp_path, ca_file=name))
    ask(secure.url, with_tls(tmp_path, ca_file=name, server_name="exporter.example"))
    ask(secure.url, with_tls(tmp_path, insecure_skip_verify=True))
    ask(secure.url, with_tls(tmp_path, insecure_skip_verify=True, server_name="other.example"))
    said = message(secure.url, with_tls(tmp_path, ca_file=name, server_name="other.example"))
    assert said.startswith("cannot be trusted: its certificate fails the check (")


def test_http_and_https_mixed_up(secure: Server, serve: Serve) -> None:
    said = message(secure.url.replace("https", "http"))
    assert said.startswith(("closed the connection", "does not answer with valid HTTP"))
    assert message(serve(Answer()).url.replace("http", "https")).startswith(
        "cannot be reached: the TLS handshake failed"
    )


def test_a_proxy_is_used_and_told(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(Answer())
    config = HttpConfig(proxy_url=proxy.url, proxy_headers={"Proxy-Authorization": "Basic x"})
    ask("http://prometheus.example:9090", config)
    ((path, headers),) = proxy.asked
    assert path.startswith("http://prometheus.example:9090/api/v1/query_range?")
    assert headers["Proxy-Authorization"] == "Basic x"
    dead = f"http://127.0.0.1:{free_port()}"
    assert (
        message("http://prometheus.example", HttpConfig(proxy_url=dead))
        == "cannot be reached through the proxy"
    )
    # The environment's counts for other hosts, where it is asked for.
    monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//ana:fict%40@"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    ask("http://prometheus.example")
    assert proxy.asked[-1][1]["Proxy-Authorization"] == "Basic YW5hOmZpY3RA"
    ask(serve(Answer()).url)
    assert len(proxy.asked) == 2
    excluded = HttpConfig(proxy_url=dead, no_proxy="127.0.0.1", proxy_from_environment=False)
    ask(serve(Answer()).url, excluded)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("prometheus:9090", "must be an address such as"),
        ("ftp://prometheus.example", "must be an address such as"),
        ("http://", "must be an address such as"),
        ("http://a:b:c/", "must be an address such as"),
        ("http://[::1", "must be an address such as"),
        ("http://host.example/\x1b", "must be an address such as"),
        (f"http://ana:{SECRET}@host.example", "must not hold a login"),
        ("http://host.example/?x=1", "must end before ?"),
    ],
)
def test_bad_addresses_are_refused(url: str, says: str) -> None:
    with pytest.raises(PrometheusError) as refused:
        PrometheusClient(url)
    assert says in str(refused.value)
    assert SECRET not in str(refused.value)


def test_an_address_may_have_a_path_and_what_follows_it() -> None:
    for url in ("http://host.example/p", "http://host.example/p/", "http://host.example/p/api/v1/"):
        assert PrometheusClient(url).url == "http://host.example/p"


def test_labels_are_quoted_as_promql_wants_them() -> None:
    assert quoted_label('a"b\\c\nd') == r'"a\"b\\c\nd"'
