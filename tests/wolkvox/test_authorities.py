"""Authorities that a user names: their own form is not judged, everything else of a certificate is."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exporter.wolkvox import Cause, RequestFailed
from exporter.wolkvox.transport import ExchangeLimits, _context_of, exchange, tls_context
from support.certificates import Authority, Issued
from wolkvox.vendor import Vendor, answer

OWN = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.fixture(autouse=True)
def _strict_by_default(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give contexts the flags that they have since Python 3.13, and leave none behind."""
    make = ssl.create_default_context

    def strict(*args: Any, **kwargs: Any) -> ssl.SSLContext:
        context = make(*args, **kwargs)
        context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
        return context

    monkeypatch.setattr(ssl, "create_default_context", strict)
    for name in (*OWN, "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    _context_of.cache_clear()
    yield
    _context_of.cache_clear()


@pytest.fixture(scope="module")
def lax(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return an authority as companies have them, whose basic constraints are not critical."""
    return Authority(tmp_path_factory.mktemp("lax"), "lax", strict=False)


Serve = Callable[[Issued], Vendor]


@pytest.fixture
def serving(vendor: Callable[..., Vendor]) -> Serve:
    def start(issued: Issued) -> Vendor:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(issued.cert, issued.key)
        return vendor(answer(b"[1]"), context)

    return start


def asked(vendor: Vendor, host: str = "localhost") -> bytes:
    limits = ExchangeLimits(15.0, 10.0, 2**20)
    with exchange("GET", f"https://{host}:{vendor.port}", {}, "token", limits) as response:
        return b"".join(response.chunks())


def refused(vendor: Vendor, host: str = "localhost") -> RequestFailed:
    with pytest.raises(RequestFailed) as caught:
        asked(vendor, host)
    assert caught.value.cause is Cause.TLS
    assert vendor.requests == []
    return caught.value


@pytest.mark.parametrize("name", OWN)
def test_an_authority_of_ones_own_may_be_of_any_form(
    serving: Serve, lax: Authority, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(lax.file))
    assert asked(serving(lax.issue("server"))) == b"[1]"


def test_the_authorities_that_come_with_the_exporter_are_judged_by_it_too() -> None:
    assert tls_context().verify_flags & ssl.VERIFY_X509_STRICT


@pytest.mark.parametrize("name", OWN)
def test_names_dates_and_chains_are_checked_all_the_same(
    serving: Serve, lax: Authority, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(lax.file))
    resolve = socket.getaddrinfo
    with monkeypatch.context() as names:
        names.setattr(socket, "getaddrinfo", lambda _host, *args, **more: resolve("127.0.0.1", *args, **more))
        assert "Hostname mismatch" in refused(serving(lax.issue("server")), "other.example").detail
    old = lax.issue("old", age=timedelta(days=9))
    assert refused(serving(old)).detail == "the certificate is not trusted: certificate has expired"
    early = lax.issue("early", age=timedelta(days=-9))
    # Newer versions of OpenSSL say more after it.
    assert "the certificate is not trusted: certificate is not yet valid" in refused(serving(early)).detail
    other = refused(serving(Authority(tmp_path).issue("other")))
    assert other.detail == "the certificate is not trusted: unable to get local issuer certificate"
    assert "REQUESTS_CA_BUNDLE" in other.hint
    context = tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
