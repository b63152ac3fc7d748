"""The queries of Prometheus' HTTP API that are needed, and every failure in one line that says what to do.

Source: Prometheus documentation, "HTTP API". Built of urllib3 alone: nothing is read from `.netrc`, and a
redirect is followed only where it stays with the same server, so that no secret reaches another.
"""

import http.client
import logging
import ssl
import warnings
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import msgspec
import requests.utils
import urllib3
from urllib3.exceptions import HTTPError
from urllib3.util import Url, parse_url

from exporter import __version__
from exporter.loopback import is_loopback
from exporter.prometheus_api.http_config import HttpConfig, basic_login, usual_authorities
from exporter.time_limit import ThreadError, call_within

T = TypeVar("T")

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 150.0
"""Prometheus itself gives up a query after two minutes (--query.timeout)."""
_MAX_ANSWER_BYTES = 2**28
_CHUNK_BYTES = 2**16
_MAX_SHOWN_CHARACTERS = 300
_FOLLOWED_REDIRECTS_NUMBER = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MIN_SUCCESS_STATUS, _MIN_FAILURE_STATUS = 200, 300
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Their lines hold whole addresses.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

_PREFIX_HINT = (
    "the address must be the part before /api/v1, with its path if it has one "
    "(often /prometheus with Mimir, /select/0/prometheus with a VictoriaMetrics cluster)"
)
_LOGIN_HINT = "give a login with --http.config.file, or with the flags --prometheus.*"


_AUTHORITY_HINT = "name its authority with tls_config.ca_file or --prometheus.ca-file"
_MEANINGS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((ssl.SSLError,), "cannot be reached: the TLS handshake failed; is it https, and the right port?"),
    ((urllib3.exceptions.ProxyError,), "cannot be reached through the proxy"),
    ((urllib3.exceptions.NameResolutionError,), "cannot be reached: there is no such host name"),
    ((TimeoutError, urllib3.exceptions.ReadTimeoutError), "{late}"),
    ((ConnectionRefusedError,), "cannot be reached: nothing listens at this address"),
    (
        (ConnectionResetError, ConnectionAbortedError, BrokenPipeError, http.client.RemoteDisconnected),
        "closed the connection without an answer; does it expect https?",
    ),
    ((http.client.IncompleteRead, urllib3.exceptions.DecodeError), "cut its answer short"),
)
"""What the libraries' errors mean; the first that fits counts."""


class PrometheusError(Exception):
    """A query failed; the message is one line for people, without any secret."""


class StoredSeries(msgspec.Struct):
    """A series of an answer: its labels, and samples of Unix time and value, as it was written."""

    metric: dict[str, str] = {}
    values: list[tuple[float, str]] = []


class _Matrix(msgspec.Struct):
    result: list[StoredSeries]


class _ApiAnswer(msgspec.Struct):
    status: str
    data: msgspec.Raw = msgspec.Raw(b"null")
    errorType: str = ""  # noqa: N815 - as the API writes it
    error: str = ""
    warnings: list[str] | None = None


class PrometheusClient:
    """Asks one server. Every method raises PrometheusError.

    `url` is the address before `/api/v1`. `warn` gets what the server says about answers that lack something,
    each text once.
    """

    def __init__(
        self,
        url: str,
        config: HttpConfig | None = None,
        *,
        warn: Callable[[str], None] = lambda _text: None,
        answer_seconds: float = _ANSWER_SECONDS,
    ) -> None:
        self.url = _base(url)
        self._config = config or HttpConfig()
        self._warn = warn
        self._warned: set[str] = set()
        self._seconds = answer_seconds
        self._pool = self._make_pool()

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def range(self, query: str, first: float, last: float, step: float) -> list[StoredSeries]:
        """Return the series of a query at `first` (Unix time), and every `step` seconds up to `last`."""
        parameters = {"query": query, "start": f"{first:.0f}", "end": f"{last:.0f}", "step": f"{step:.0f}"}
        series: list[StoredSeries] = self._ask("query_range", parameters, _Matrix).result
        return series

    def label_values(self, label: str, matching: str, first: float, last: float) -> list[str]:
        """Return the values that a label has in series that match a selector, between two Unix times."""
        parameters = {"match[]": matching, "start": f"{first:.0f}", "end": f"{last:.0f}"}
        # VictoriaMetrics answers null where there are none.
        return self._ask(f"label/{label}/values", parameters, list[str] | None) or []

    def _ask(self, path: str, parameters: Mapping[str, str], kind: Any) -> Any:  # noqa: ANN401 - as `kind` says
        status, body = self._exchange(f"{self.url}/api/v1/{path}?{urlencode(parameters)}")
        try:
            answer = msgspec.json.decode(body, type=_ApiAnswer)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._no_prometheus(status, body) from None
        if answer.status != "success":
            raise self._refused(status, answer)
        for text in answer.warnings or ():
            if text not in self._warned:
                self._warned.add(text)
                self._warn(f"{self.url} warns: {_one_line(text)}")
        try:
            return msgspec.json.decode(answer.data, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._failed(f"is not a Prometheus: its answer to {path} has another form") from None

    def _exchange(self, url: str) -> tuple[int, bytes]:
        """Return the status and the body of an answer, after redirects that stay with the server."""
        for _ in range(_FOLLOWED_REDIRECTS_NUMBER + 1):
            status, body, location = self._get(url)
            if status not in _REDIRECTS or not location:
                return status, body
            target, where = _target(url, location)
            if not self._config.follow_redirects or not target:
                raise self._failed(
                    f"redirects to {_one_line(where)} ({status}), and no login is sent there: if that is a "
                    "login page, ask for an address for programs; if it has moved, give its new address"
                )
            url = target
        raise self._failed("redirects in a circle")

    def _get(self, url: str) -> tuple[int, bytes, str]:
        """Return status, body and Location, within the limit: a socket's own would hold for each byte."""
        try:
            return call_within(self._seconds, lambda: self._got(url), "prometheus-query")
        except ThreadError:
            raise self._failed("cannot be asked: no thread can be started") from None
        except TimeoutError as error:
            explained = self._explained(error)
        raise explained

    def _got(self, url: str) -> tuple[int, bytes, str]:
        try:
            with warnings.catch_warnings():
                # Somebody has asked for it, with insecure_skip_verify.
                warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
                answer = self._pool.request(
                    "GET",
                    url,
                    headers={
                        "User-Agent": f"wolkvox-exporter/{__version__}",
                        "Accept": "application/json",
                        "Accept-Encoding": "gzip",
                        **self._config.headers,
                    },
                    redirect=False,
                    retries=False,
                    timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=self._seconds),
                    preload_content=False,
                )
            try:
                body = self._read(answer)
            finally:
                # What was read to its end has given its connection back.
                answer.close()
            return answer.status, body, answer.headers.get("Location", "")
        except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            explained = self._explained(error)
        # Outside of the handler, so that the library's error, which holds the address, is not chained to it.
        raise explained

    def _read(self, answer: urllib3.BaseHTTPResponse) -> bytes:
        """Return a body, unpacked."""
        body = bytearray()
        for piece in answer.stream(_CHUNK_BYTES, decode_content=True):
            body += piece
            if len(body) > _MAX_ANSWER_BYTES:
                raise self._failed(f"answers with more than {_MAX_ANSWER_BYTES // 2**20} MiB")
        return bytes(body)

    def _make_pool(self) -> urllib3.PoolManager:
        config = self._config
        options: dict[str, Any] = {"num_pools": 1, "maxsize": 1}
        if self.url.startswith("https:"):
            context = config.tls or usual_authorities()
            options |= {"ssl_context": context, "cert_reqs": context.verify_mode}
            if config.server_name:
                options |= {"server_hostname": config.server_name}
        proxy = self._proxy()
        if proxy is None:
            return urllib3.PoolManager(**options)
        try:
            return urllib3.ProxyManager(
                proxy[0], proxy_headers=proxy[1], proxy_ssl_context=usual_authorities(), **options
            )
        except ValueError:
            raise PrometheusError(
                "the address of the proxy must be http://HOST:PORT or https://HOST:PORT"
            ) from None

    def _proxy(self) -> tuple[str, Mapping[str, str]] | None:
        """Return the address of the proxy to use, and the headers with its login."""
        config = self._config
        if config.proxy_url:
            if config.no_proxy and requests.utils.should_bypass_proxies(self.url, config.no_proxy):
                return None
            return config.proxy_url, config.proxy_headers
        if not config.proxy_from_environment or is_loopback(urlsplit(self.url).hostname or ""):
            return None
        found = requests.utils.select_proxy(self.url, requests.utils.get_environ_proxies(self.url))
        if not found:
            return None
        name, password = requests.utils.get_auth_from_url(found)
        headers = {"Proxy-Authorization": basic_login(name, password)} if name else {}
        address = found if "://" in found else f"http://{found}"
        return requests.utils.urldefragauth(address), headers

    def _refused(self, status: int, answer: _ApiAnswer) -> PrometheusError:
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return self._login_refused(status)
        words = _one_line(answer.error or answer.errorType or f"status {status}")
        return self._failed(f"refused the query: {words}")

    def _login_refused(self, status: int) -> PrometheusError:
        if status == HTTPStatus.FORBIDDEN:
            return self._failed("forbids this (403): the login, or this machine, may not ask for it")
        if self._config.has_login:
            return self._failed(
                "does not accept the login (401): check the name and the password, or the token"
            )
        return self._failed(f"asks for a login (401): {_LOGIN_HINT}")

    def _no_prometheus(self, status: int, body: bytes) -> PrometheusError:
        """Return what an answer means that is not of the API."""
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return self._login_refused(status)
        if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            what = "cannot be asked: the proxy asks for a login (407)"
        elif status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            what = f"answers {status}: it, or a proxy before it, cannot answer at the moment"
        elif not _MIN_SUCCESS_STATUS <= status < _MIN_FAILURE_STATUS:
            what = f"answers {status}, not as a Prometheus: {_PREFIX_HINT}"
        elif body.startswith(b'{"status":'):
            what = "cut its answer short"
        elif body.lstrip()[:1] == b"<":
            what = f"answers with a web page, perhaps a login page, not as a Prometheus: {_PREFIX_HINT}"
        else:
            what = f"does not answer as a Prometheus: {_PREFIX_HINT}"
        return self._failed(what)

    def _explained(self, error: Exception) -> PrometheusError:
        """Return a library's error in our words: theirs may hold secrets."""
        chain = list(_chain(error))
        at_proxy = any(isinstance(link, urllib3.exceptions.ProxyError) for link in chain)
        for link in chain:
            if isinstance(link, ssl.SSLCertVerificationError):
                whose = "the certificate of its proxy" if at_proxy else "its certificate"
                why = _one_line(link.verify_message)
                return self._failed(f"cannot be trusted: {whose} fails the check ({why}); {_AUTHORITY_HINT}")
        late = f"has not answered within {self._seconds:g} seconds: ask for fewer --weeks"
        if any(isinstance(link, urllib3.exceptions.ConnectTimeoutError) for link in chain):
            late = f"cannot be reached: no connection within {_CONNECT_SECONDS:g} seconds"
        for kinds, what in _MEANINGS:
            if any(isinstance(link, kinds) for link in chain):
                return self._failed(what.format(late=late))
        words = [link.strerror for link in chain if isinstance(link, OSError) and link.strerror]
        if words:
            return self._failed(f"cannot be reached: {_one_line(words[0])}")
        return self._failed("does not answer with valid HTTP")

    def _failed(self, what: str) -> PrometheusError:
        return PrometheusError(f"{self.url} {what}")


def quoted_label(value: str) -> str:
    """Return the value of a label as PromQL writes it, in quotes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _base(url: str) -> str:
    """Return an address without what stands after its path; raises PrometheusError."""
    try:
        parts = urlsplit(url.strip())
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or any(not "!" <= character <= "~" for character in url.strip()):
        raise PrometheusError("--prometheus.url must be an address such as http://prometheus.example:9090")
    if parts.username is not None or parts.password is not None:
        raise PrometheusError(
            f"--prometheus.url must not hold a login, which others could see: {_LOGIN_HINT}"
        )
    if parts.query or parts.fragment:
        raise PrometheusError(f"--prometheus.url must end before ? and #: {_PREFIX_HINT}")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/api/v1')}"


def _target(url: str, location: str) -> tuple[str, str]:
    """Return where a redirect leads, and its host for people; "" as address where it leaves the server.

    Judged is what urllib3 makes of it, which is what it connects to: others end a host at other signs.
    """
    try:
        before, after = parse_url(url), parse_url(urljoin(url, location))
    except (ValueError, HTTPError):
        return "", "an address that is not valid"
    where = after.host or "another page"
    plain = all("!" <= character <= "~" and character != "\\" for character in location)
    if not plain or after.auth is not None or not _same_server(before, after):
        return "", where
    return f"{after.scheme}://{after.netloc}{after.request_uri}", where


def _same_server(before: Url, after: Url) -> bool:
    """Return whether two addresses are of one server, the second perhaps with https at the usual port."""
    ports = [one.port or _DEFAULT_PORTS.get(one.scheme or "") for one in (before, after)]
    if before.host != after.host or after.scheme not in _DEFAULT_PORTS:
        return False
    upgraded = (before.scheme, after.scheme) == ("http", "https") and ports == [80, 443]
    return upgraded or (before.scheme == after.scheme and ports[0] == ports[1])


def _one_line(text: str) -> str:
    shown = " ".join(text.split())[:_MAX_SHOWN_CHARACTERS]
    return "".join(c if c.isprintable() else "\ufffd" for c in shown)


def _chain(error: BaseException) -> Iterable[BaseException]:
    """Yield an error and what it wraps, which urllib3 keeps in args or in `reason`."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        link = waiting.pop()
        if not isinstance(link, BaseException) or any(link is other for other in seen):
            continue
        seen.append(link)
        yield link
        waiting += [*link.args, getattr(link, "reason", None), link.__cause__, link.__context__]
