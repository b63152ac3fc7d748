"""One HTTP exchange with wolkvox: bounded in time and in memory, and never on to another host.

Built of `requests` (preparing, proxies) and `urllib3` (the connection), without a session: nothing is
read from `.netrc`, no cookie is kept, no redirect followed, and no connection used twice, because the
calls are minutes apart.
"""

import contextlib
import email.utils
import functools
import gzip
import http.client
import logging
import os
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import urlsplit

import requests
import requests.adapters
import requests.utils
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_match_hostname import CertificateError

from exporter import __version__
from exporter.loopback import is_loopback
from exporter.wolkvox.connecting import ALLOW_LIST_HINT, connect
from exporter.wolkvox.deadline import Deadline
from exporter.wolkvox.errors import Cause, RequestFailed, one_line

CHUNK_BYTES: Final = 2**16
"""Bytes of a body that are read, or unpacked, at once."""

# Their lines hold the whole query, and a query may hold a customer's telephone number.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

_MAX_INTERIM_ANSWERS = 100
_MAX_LINE_BYTES = 2**16
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?\r?\n", re.DOTALL)
"""The line before a chunk (RFC 9112, section 7.1); 15 digits are more than any limit of an answer."""

_PROXY_LOGIN_HINT: Final = (
    "HTTPS_PROXY must have the user name and the password of the proxy: see docs/network.md"
)
_LOGIN_STATUSES = frozenset({HTTPStatus.PROXY_AUTHENTICATION_REQUIRED, HTTPStatus.UNAUTHORIZED})
"""Tinyproxy answers the second to a wrong password."""
_PROXY_RULES_HINT: Final = "the proxy must allow CONNECT to port 443 of the operation's host"
_PROXY_CANNOT_CONNECT_HINT: Final = (
    "the proxy cannot reach wolkvox: check that its own public address is on the operation's allow-list"
)
_PROXY_UNREACHABLE_HINT: Final = "check host and port in HTTPS_PROXY: see docs/network.md"
_UNKNOWN_AUTHORITY = frozenset({18, 19, 20, 21})
"""X509_V_ERR_ of a chain that ends at no known authority (openssl-verification-options(1))."""
_PROXY_TLS_HINT: Final = "most proxies are reached without TLS: try http:// in HTTPS_PROXY"
_PROXY_ADDRESS_HINT: Final = "HTTPS_PROXY must be http://HOST:PORT or https://HOST:PORT"
_BUNDLE_HINT: Final = (
    "REQUESTS_CA_BUNDLE or SSL_CERT_FILE must name a file or a folder of certificates that this user may read"
)
_AUTHORITY_HINT: Final = (
    "if a proxy or a firewall decrypts TLS on the way, name its authority in REQUESTS_CA_BUNDLE:"
    " see docs/network.md"
)

_LIBRARY_ERRORS = (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError)
_INTERIM = range(100, 200)
_Connect = Callable[[str, int], socket.socket]


@dataclass
class _ExchangeState:
    """How one exchange connects, and how far it came.

    `at_proxy` is whether a proxy is in use and the tunnel through it not made: what fails is the proxy's.
    `sent` is whether any of the request was. `tls` is the version of TLS, "" without it.
    """

    connect: _Connect
    at_proxy: bool = False
    sent: bool = False
    tls: str = ""


class _HttpResponse(http.client.HTTPResponse):
    """An answer as http.client reads it, but for interim answers and the sizes of chunks."""

    def _read_status(self) -> tuple[str, int, str]:
        """Return the parts of the final status line, after all interim ones (RFC 9110, section 15.2)."""
        for _ in range(_MAX_INTERIM_ANSWERS):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status not in _INTERIM or status == HTTPStatus.SWITCHING_PROTOCOLS:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException("too many interim answers")

    def _read_next_chunk_size(self) -> int:
        """Return the size of the next chunk: a bad one is no lost connection."""
        line = self.fp.readline(_MAX_LINE_BYTES)
        if found := _CHUNK_SIZE.fullmatch(line):
            return int(found[1], 16)
        if len(line) < _MAX_LINE_BYTES and not line.endswith(b"\n"):
            raise http.client.IncompleteRead(b"")
        raise http.client.HTTPException("bad size of a chunk")


class _ProxyResponse(_HttpResponse):
    """The answer of a proxy that was asked for a tunnel (RFC 9110, section 9.3.6)."""

    def _read_status(self) -> tuple[str, int, str]:
        """Return the parts of the status line of a tunnel that is made; raises RequestFailed of another."""
        version, status, reason = super()._read_status()
        if status == HTTPStatus.OK:
            return version, status, reason
        # Not the proxy's own words: they might repeat the password.
        phrase = next((known.phrase for known in HTTPStatus if known == status), "")
        detail = f"the proxy refused: {status} {phrase}".rstrip()
        if status in _LOGIN_STATUSES:
            hint = _PROXY_LOGIN_HINT
        elif status < HTTPStatus.INTERNAL_SERVER_ERROR:
            hint = _PROXY_RULES_HINT
        else:
            hint = _PROXY_CANNOT_CONNECT_HINT
        raise RequestFailed(Cause.CONNECTION, detail, hint=hint)


class _Connection(HTTPConnection):
    """A connection that is made within the deadline, and notes when its request is sent."""

    response_class = _HttpResponse

    def __init__(self, *args: Any, state: _ExchangeState, **kwargs: Any) -> None:  # noqa: ANN401 - urllib3's own
        super().__init__(*args, **kwargs)
        self._state = state

    def _new_conn(self) -> socket.socket:
        try:
            return self._state.connect(self.host.strip("[]"), self.port)
        except RequestFailed as failure:
            if self._state.at_proxy:
                failure.detail = f"cannot reach the proxy: {failure.detail}"
                failure.hint = _PROXY_UNREACHABLE_HINT
            raise

    def endheaders(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - http.client's own
        """Connect, then note that the request is sent and send it: failing to connect sends nothing."""
        if self.sock is None:
            self.connect()
        self._state.sent = True
        super().endheaders(*args, **kwargs)


class _TlsConnection(_Connection, HTTPSConnection):
    """As _Connection, over TLS, through the tunnel of a proxy if there is one."""

    def connect(self) -> None:
        """Connect, and note which TLS both sides have agreed on."""
        super().connect()
        # It is a plain socket to the type checker.
        self._state.tls = cast("ssl.SSLSocket", self.sock).version() or ""

    def _tunnel(self) -> None:
        self.response_class = _ProxyResponse
        super()._tunnel()
        self.response_class = _HttpResponse
        self._state.at_proxy = False


class _Adapter(requests.adapters.HTTPAdapter):
    """An adapter for one exchange: its connections know the deadline and verify with the shared context."""

    def __init__(self, state: _ExchangeState, context: ssl.SSLContext | None) -> None:
        self._state = state
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as requests has it
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:  # noqa: ANN401 - as requests has it
        return super().proxy_manager_for(
            proxy, ssl_context=self._context, proxy_ssl_context=self._context, **kwargs
        )

    def cert_verify(self, *_args: object, **_kwargs: object) -> None:
        """Apply nothing to the context: requests would load the CA bundle once more for each connection."""

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as requests
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        secure = isinstance(pool, urllib3.HTTPSConnectionPool)
        kind = functools.partial(_TlsConnection if secure else _Connection, state=self._state)
        cast("Any", pool).ConnectionCls = kind
        return pool


@dataclass(frozen=True)
class ExchangeLimits:
    """Limits of one exchange: seconds in all, seconds to connect, bytes of the body, packed and unpacked."""

    timeout: float
    connect_timeout: float
    max_bytes: int


class VendorResponse:
    """An answer whose header has arrived; its body is read once, by `chunks`.

    `date` is the time of its header Date in Unix time, None without one that can be read; `tls` the version
    of TLS that it came over, "" without. `size` is how many bytes of the unpacked body were read so far.
    """

    def __init__(
        self, raw: urllib3.HTTPResponse, deadline: Deadline, max_bytes: int, *, tls: str = ""
    ) -> None:
        self.status = raw.status
        self.date = _date(raw.headers.get("Date", ""))
        self.tls = tls
        self.size = 0
        self._raw = raw
        self._deadline = deadline
        self._max_bytes = max_bytes

    def chunks(self) -> Iterator[bytes]:
        """Yield the unpacked body in pieces of at most CHUNK_BYTES.

        Raises RequestFailed: timeout, connection (cut short), decode (not the gzip it claims to be),
        too_large.
        """
        encoding = self._raw.headers.get("Content-Encoding", "").strip().lower()
        if encoding in {"", "identity"}:
            read = self.read
        elif encoding in {"gzip", "x-gzip"}:
            # Not urllib3's own decoder, to which gzip without its end is as good as whole.
            read = gzip.GzipFile(fileobj=cast("Any", self)).read
        else:
            raise self._failed(Cause.DECODE, "the answer has a Content-Encoding that was not requested")
        while True:
            try:
                piece = read(CHUNK_BYTES)
            except (EOFError, gzip.BadGzipFile, zlib.error):
                break
            if not piece:
                return
            self.size += len(piece)
            self._check_size(self.size)
            yield piece
        raise self._failed(Cause.DECODE, "the answer is not valid gzip")

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes of the body as they arrive; raises RequestFailed as `chunks`."""
        try:
            packed = self._raw.read(size)
        except _LIBRARY_ERRORS as error:
            failure = _explained(error, self._deadline, self.status, sent=True)
        else:
            # Packed bytes can unpack to nothing for ever: they count too.
            self._check_size(self._raw.tell())
            if not self._deadline.expired:
                return packed
            # What the deadline cut looks like the end of a body without a length.
            failure = _timed_out(self._deadline, self.status)
        try:
            raise failure
        finally:
            del failure  # it knows this frame: the rows would stay until Python searches for cycles

    def _check_size(self, size: int) -> None:
        if size > self._max_bytes:
            raise self._failed(Cause.TOO_LARGE, f"the answer is larger than {self._max_bytes} bytes")

    def _failed(self, cause: Cause, detail: str) -> RequestFailed:
        return RequestFailed(cause, detail, http_status=self.status)


@contextlib.contextmanager
def exchange(  # noqa: PLR0913 - the parts of a request
    method: str,
    url: str,
    query: Mapping[str, str],
    token: str,
    limits: ExchangeLimits,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    body: object = None,
) -> Iterator[VendorResponse]:
    """Yield the answer to one request once its header is there; leaving the context closes everything.

    `body`, unless None, is sent as JSON. Raises RequestFailed; none of its text comes from the URL or
    from an error of a library, both of which hold the query.
    """
    with contextlib.ExitStack() as stack:
        deadline = stack.enter_context(Deadline(limits.timeout, monotonic))
        state = _ExchangeState(lambda host, port: connect(host, port, deadline, limits.connect_timeout))
        try:
            response = _send(stack, deadline, _prepared(method, url, query, token, body), limits, state)
        except _LIBRARY_ERRORS as error:
            failure = _explained(error, deadline, None, sent=state.sent, at_proxy=state.at_proxy)
        else:
            if not deadline.expired:
                yield response
                return
            failure = _timed_out(deadline, None)  # a header that the deadline cut looks like a whole one
        failure.sent = state.sent
        # Outside of the handler, so that the library's error is not chained to it.
        raise failure


def _prepared(
    method: str, url: str, query: Mapping[str, str], token: str, body: object
) -> requests.PreparedRequest:
    if not token or not token.isascii() or not token.isprintable() or token != token.strip():
        raise RequestFailed(
            Cause.AUTH, "the token is empty or has characters that an HTTP header cannot hold"
        )
    headers = {
        "wolkvox-token": token,
        "User-Agent": f"wolkvox-exporter/{__version__}",
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    request = requests.Request(method, url, headers=headers, params=dict(query), json=body)
    return request.prepare()


def _send(
    stack: contextlib.ExitStack,
    deadline: Deadline,
    request: requests.PreparedRequest,
    limits: ExchangeLimits,
    state: _ExchangeState,
) -> VendorResponse:
    url = request.url or ""
    context = tls_context() if url.startswith("https:") else None
    proxies = proxies_for(url)
    if proxy := requests.utils.select_proxy(url, proxies):
        state.at_proxy = True
        _check_proxy(proxy)
    adapter = _Adapter(state, context)
    stack.callback(adapter.close)
    answer = adapter.send(request, stream=True, timeout=max(deadline.remaining(), 0.001), proxies=proxies)
    raw = cast("urllib3.HTTPResponse", answer.raw)
    stack.callback(raw.close)
    return VendorResponse(raw, deadline, limits.max_bytes, tls=state.tls)


def _date(header: str) -> float | None:
    """Return the Unix time of a header Date (RFC 9110, section 5.6.7); None when it cannot be read."""
    try:
        return email.utils.parsedate_to_datetime(header).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _check_proxy(address: str) -> None:
    """Raise ValueError unless the address is one of HTTP; with PySocks, requests would also take SOCKS."""
    parts = urllib3.util.parse_url(address if "://" in address else f"http://{address}")
    if parts.scheme not in {"http", "https"} or not parts.host:
        raise requests.exceptions.InvalidProxyURL


def proxies_for(url: str) -> dict[str, str]:
    """Return the proxies for `url` by scheme, from HTTP(S)_PROXY and NO_PROXY; none for loopback."""
    host = urlsplit(url).hostname or ""
    if is_loopback(host):
        return {}
    return dict(requests.utils.get_environ_proxies(url, no_proxy=None))


def tls_context() -> ssl.SSLContext:
    """Return the context that verifies wolkvox: TLS 1.2 or newer, certificates and names always checked.

    The authorities are those of REQUESTS_CA_BUNDLE or SSL_CERT_FILE (a file or a directory), else those
    that come with requests (certifi). Raises RequestFailed (tls) when they cannot be read.
    """
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    bundle = named or requests.utils.DEFAULT_CA_BUNDLE_PATH
    try:
        return _context_of(bundle, strict=not named)
    except OSError:
        pass
    raise RequestFailed(Cause.TLS, f"the CA bundle cannot be read: {one_line(bundle)}", hint=_BUNDLE_HINT)


@functools.cache
def _context_of(bundle: str, *, strict: bool) -> ssl.SSLContext:
    # Loading the authorities takes tens of milliseconds: one context serves every operation.
    if os.path.isdir(bundle):  # noqa: PTH112 - as ssl wants it
        context = ssl.create_default_context(capath=bundle)
    else:
        context = ssl.create_default_context(cafile=bundle)
    if not strict:
        # Python 3.13 and newer ask for the form of RFC 5280, which many companies' own authorities lack.
        # Names, dates and chains are checked without it, too.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.minimum_version = max(context.minimum_version, ssl.TLSVersion.TLSv1_2)
    return context


def _timed_out(deadline: Deadline, status: int | None, *, at_proxy: bool = False) -> RequestFailed:
    what = "no answer from the proxy" if at_proxy else "no complete answer"
    detail = f"{what} within {deadline.seconds:g} seconds"
    return RequestFailed(Cause.TIMEOUT, detail, http_status=status)


_Meaning = tuple[tuple[type[BaseException], ...], Cause, str, str]
_TLS_ERRORS = (ssl.SSLError, urllib3.exceptions.SSLError)
_RESETS = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)

# What the libraries' errors mean; the first match counts, so the special ones come before the general.
_MEANINGS: Final[tuple[_Meaning, ...]] = (
    ((CertificateError,), Cause.TLS, "the certificate is for another host name", ""),
    ((http.client.RemoteDisconnected,), Cause.CONNECTION, "the connection was closed without an answer", ""),
    (_RESETS, Cause.CONNECTION, "the connection was reset", ALLOW_LIST_HINT),
    ((http.client.IncompleteRead,), Cause.CONNECTION, "the answer was cut short", ""),
)
_MEANINGS_AT_PROXY: Final[tuple[_Meaning, ...]] = (
    (_TLS_ERRORS, Cause.TLS, "TLS handshake with the proxy failed", _PROXY_TLS_HINT),
    (
        (http.client.RemoteDisconnected,),
        Cause.CONNECTION,
        "the proxy closed the connection without an answer",
        "",
    ),
    (_RESETS, Cause.CONNECTION, "the proxy reset the connection", ""),
    ((http.client.HTTPException,), Cause.CONNECTION, "the answer of the proxy is not valid HTTP", ""),
    ((ValueError,), Cause.CONNECTION, "the address of the proxy is not valid", _PROXY_ADDRESS_HINT),
    ((OSError,), Cause.CONNECTION, "the connection to the proxy failed", ""),
)
# Before the request is sent, wolkvox has answered nothing, and what is not valid is its address.
_MEANINGS_BEFORE: Final[tuple[_Meaning, ...]] = (
    (_TLS_ERRORS, Cause.TLS, "TLS handshake failed", ""),
    *_MEANINGS,
    ((ValueError,), Cause.CONNECTION, "the address of the operation is not valid", ""),
)
_MEANINGS_AFTER: Final[tuple[_Meaning, ...]] = (
    (_TLS_ERRORS, Cause.TLS, "the encrypted connection failed", ""),
    *_MEANINGS,
    ((http.client.HTTPException, ValueError), Cause.DECODE, "the answer is not valid HTTP", ""),
)


def _explained(
    error: Exception, deadline: Deadline, status: int | None, *, sent: bool, at_proxy: bool = False
) -> RequestFailed:
    """Return a library's error as ours, in fixed words: theirs may repeat the URL or the answer.

    `sent` tells whether any of the request was, `at_proxy` whether it did not come further than a proxy.
    """
    chain = list(_chain(error))
    for link in chain:
        # urllib3's frames know the error, and its traceback them: the rows would stay with them.
        link.__traceback__ = None
    at_proxy = at_proxy and not sent
    if deadline.expired or any(isinstance(e, TimeoutError | urllib3.exceptions.TimeoutError) for e in chain):
        return _timed_out(deadline, status, at_proxy=at_proxy)
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            whose = "the certificate of the proxy" if at_proxy else "the certificate"
            detail = f"{whose} is not trusted: {one_line(link.verify_message)}"
            hint = _AUTHORITY_HINT if link.verify_code in _UNKNOWN_AUTHORITY else ""
            return RequestFailed(Cause.TLS, detail, http_status=status, hint=hint)
    meanings = _MEANINGS_AFTER if sent else _MEANINGS_AT_PROXY if at_proxy else _MEANINGS_BEFORE
    for kinds, cause, detail, hint in meanings:
        if any(isinstance(link, kinds) for link in chain):
            # Once an answer has begun, the address is evidently on the allow-list.
            return RequestFailed(cause, detail, http_status=status, hint=hint if status is None else "")
    if status is not None:
        return RequestFailed(Cause.CONNECTION, "the answer was cut short", http_status=status)
    return RequestFailed(Cause.CONNECTION, f"the request failed: {type(chain[-1]).__name__}")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and what it wraps: requests and urllib3 keep the inner error in args or in reason."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        link = waiting.pop()
        if any(link is other for other in seen):
            continue
        seen.append(link)
        yield link
        inner = [*link.args, getattr(link, "reason", None), link.__cause__]
        waiting.extend(item for item in inner if isinstance(item, BaseException))
