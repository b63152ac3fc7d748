"""How to log in to a Prometheus: the file format of its own clients (`promtool --http.config.file`).

Source: Prometheus documentation, "HTTP configuration for promtool" and "Configuration", <http_config>. What
is not supported is refused by name, never ignored.
"""

import base64
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests.utils

from exporter.settings.files import encoding_problem, read_file
from exporter.settings.section import Problem, Section
from exporter.settings.values import file_name, flag, text
from exporter.settings.yaml_file import read_mapping, refuse

_MAX_SECRET_BYTES = 2**16
_TLS_VERSIONS: Mapping[str, ssl.TLSVersion] = {
    # Nothing older than TLS 1.2 is spoken here: a lower minimum asks for nothing.
    "TLS10": ssl.TLSVersion.TLSv1_2,
    "TLS11": ssl.TLSVersion.TLSv1_2,
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A token (RFC 9110, section 5.6.2)."""
_RESERVED_HEADERS = frozenset(
    {
        *("accept", "accept-encoding", "authorization", "connection", "content-encoding", "content-length"),
        *("content-type", "host", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"),
        *("transfer-encoding", "upgrade", "user-agent", "www-authenticate"),
    }
)
"""Headers that have keys of their own, or that belong to the client."""
_FORMER_KEYS = {
    "bearer_token": "authorization.credentials",
    "bearer_token_file": "authorization.credentials_file",
}


@dataclass(frozen=True, slots=True)
class HttpConfig:
    """How requests are sent; None and empty where the file asks for nothing.

    `headers` go with each request, the login among them. `tls` is None for the usual authorities.
    `proxy_url` holds no password: that is in `proxy_headers`. `no_proxy` is a list with commas.
    """

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    tls: ssl.SSLContext | None = None
    server_name: str | None = None
    proxy_url: str | None = None
    proxy_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    no_proxy: str | None = None
    proxy_from_environment: bool = True
    follow_redirects: bool = True

    @property
    def has_login(self) -> bool:
        """Whether requests carry a name and password, or a token."""
        return "Authorization" in self.headers


def load_http_config(file: Path) -> HttpConfig:
    """Return what a file asks for, with the secrets and certificates that it names; raises ConfigError."""
    raw = read_mapping(file, "basic_auth", may_be_empty=True)
    return read_http_config(raw, file, file.parent)


def read_http_config(raw: Mapping[object, object], file: Path, folder: Path) -> HttpConfig:
    """Return what a mapping asks for; names of files start at `folder`.

    Raises ConfigError, about `file`, with every problem.
    """
    problems: list[Problem] = []
    reader = _Reader(folder)
    root = Section(raw, "", problems)
    headers = reader.headers(root)
    tls, server_name = reader.tls(root.section("tls_config")) if root.given("tls_config") else (None, None)
    proxy, proxy_headers = reader.proxy(root)
    no_proxy = root.get("no_proxy", text, None)
    from_environment = root.get("proxy_from_environment", flag, False)
    if proxy and from_environment:
        root.note("proxy_from_environment", "is given beside proxy_url: only one of them may be")
    if no_proxy and not proxy:
        root.note("no_proxy", "has no effect without proxy_url")
    follow = root.get("follow_redirects", flag, True)
    root.get("enable_http2", flag, None)  # HTTP/2 is not spoken here: nothing is lost
    _refuse_unsupported(root, "oauth2", "proxy_connect_header")
    root.finish(_FORMER_KEYS)
    refuse(file, problems)
    return HttpConfig(
        headers=headers,
        tls=tls,
        server_name=server_name,
        proxy_url=proxy,
        proxy_headers=proxy_headers,
        no_proxy=no_proxy,
        proxy_from_environment=from_environment,
        follow_redirects=follow,
    )


def usual_authorities() -> ssl.SSLContext:
    """Return a context that trusts the machine's authorities, and those that come with requests.

    OpenSSL takes the former from SSL_CERT_FILE where that is set.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=requests.utils.DEFAULT_CA_BUNDLE_PATH)
    return context


class _Reader:
    """Reads sections of the file; names of files start at `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def headers(self, root: Section) -> dict[str, str]:
        headers = self._more_headers(root.section("http_headers")) if root.given("http_headers") else {}
        if root.given("basic_auth"):
            headers["Authorization"] = self._basic_auth(root.section("basic_auth"))
        if root.given("authorization"):
            if root.given("basic_auth"):
                root.note("authorization", "is given beside basic_auth: only one of them may be")
            headers["Authorization"] = self._authorization(root.section("authorization"))
        return headers

    def _basic_auth(self, section: Section) -> str:
        name, password = self._one(section, "username"), self._one(section, "password")
        _refuse_unsupported(section, "username_ref", "password_ref")
        section.finish()
        if name is None and section.good("username", "username_file"):
            section.note("username", "is missing")
        if name and ":" in name:
            section.note("username", "must not contain a colon")  # RFC 7617, section 2
        return basic_login(name or "", password or "")

    def _authorization(self, section: Section) -> str:
        kind = section.get("type", text, "Bearer")
        if kind.lower() == "basic":
            section.note("type", "basic is not allowed here: use basic_auth")
        credentials = self._one(section, "credentials")
        _refuse_unsupported(section, "credentials_ref")
        section.finish()
        if credentials is None and section.good("credentials", "credentials_file"):
            section.note("credentials", "is missing")
        login = f"{kind} {credentials}"
        if not _fits_header(login):
            section.note("", "the type and the credentials must be visible ASCII characters")
        return login

    def _more_headers(self, section: Section) -> dict[str, str]:
        headers = {}
        for name in section.keys():  # noqa: SIM118 - a section is no mapping
            if not _HEADER_NAME.fullmatch(name):
                continue  # and so an unknown key
            if name.lower() in _RESERVED_HEADERS:
                section.get(name, _unsupported("may not be set here"), None)
                continue
            entry = section.section(name)
            values = [*entry.each("values", text, ()), *entry.each("secrets", text, ())]
            for index, file in enumerate(entry.each("files", file_name, ())):
                values.append(self._secret(entry, f"files[{index}]", file) or "")
            entry.finish()
            if not all(map(_fits_header, values)):
                entry.note("", "values of headers must be visible ASCII characters and blanks")
            headers[name] = ", ".join(values)
        section.finish()
        return headers

    def tls(self, section: Section) -> tuple[ssl.SSLContext | None, str | None]:
        """Return the context, None where something is wrong, and the name that the certificate must have."""
        insecure = section.get("insecure_skip_verify", flag, False)
        server_name = section.get("server_name", text, None)
        least = section.get("min_version", _tls_version, ssl.TLSVersion.TLSv1_2)
        most = section.get("max_version", _tls_version, ssl.TLSVersion.MAXIMUM_SUPPORTED)
        ca = section.get("ca", text, None)
        files = {
            key: self._folder / name
            for key in ("ca_file", "cert_file", "key_file")
            if (name := section.get(key, file_name, None)) is not None
        }
        for key in ("cert", "key"):
            section.get(
                key, _unsupported(f"is not supported: put it into a file, and name that in {key}_file"), None
            )
        _refuse_unsupported(section, "ca_ref", "cert_ref", "key_ref")
        section.finish()
        if ca and "ca_file" in files:
            section.note("ca", "is given beside ca_file: only one of them may be")
        for key, other in (("cert_file", "key_file"), ("key_file", "cert_file")):
            if key in files and other not in files and section.good(other):
                section.note(other, f"is missing: {key} needs it")
        return self._context(section, files, ca, (least, most), insecure=insecure), server_name

    def _context(
        self,
        section: Section,
        files: Mapping[str, Path],
        ca: str | None,
        versions: tuple[ssl.TLSVersion, ssl.TLSVersion],
        *,
        insecure: bool,
    ) -> ssl.SSLContext | None:
        for key, file in files.items():
            if problem := _unreadable(file):
                section.note(key, problem)
        if not section.good("ca", "ca_file", "cert_file", "key_file"):
            return None
        own = ca or files.get("ca_file")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if own else usual_authorities()
        context.minimum_version, context.maximum_version = versions
        try:
            context.load_verify_locations(cafile=files.get("ca_file"), cadata=ca) if own else None
        except (ssl.SSLError, ValueError):
            section.note(
                "ca" if ca else "ca_file", f"{'' if ca else f'{own} '}contains no certificate in PEM format"
            )
        if "cert_file" in files and "key_file" in files:
            try:
                context.load_cert_chain(files["cert_file"], files["key_file"], password=_no_passphrase)
            except (ssl.SSLError, OSError, _EncryptedClientKeyError) as error:
                reason = getattr(error, "reason", None) or error
                section.note(
                    "cert_file", f"and key_file are no certificate and its key in PEM format ({reason})"
                )
        if insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    @staticmethod
    def proxy(root: Section) -> tuple[str | None, Mapping[str, str]]:
        """Return the address of the proxy without a login, and the headers with it."""
        url = root.get("proxy_url", text, None)
        if url is None:
            return None, {}
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host or parts.scheme not in {"http", "https"}:
            root.note("proxy_url", "http://HOST:PORT or https://HOST:PORT is expected")
            return None, {}
        headers = {}
        if parts.username is not None:
            login = basic_login(unquote(parts.username), unquote(parts.password or ""))
            headers["Proxy-Authorization"] = login
        at = f"[{host}]" if ":" in host else host
        return f"{parts.scheme}://{at}" + (f":{port}" if port else ""), headers

    def _one(self, section: Section, key: str) -> str | None:
        """Return a text, or what stands in the file that `key`_file names."""
        given = section.get(key, text, None) if section.given(key) else None
        file = section.get(f"{key}_file", file_name, None)
        if file is None:
            return given
        if given is not None:
            section.note(f"{key}_file", f"is given beside {key}: only one of them may be")
        return self._secret(section, f"{key}_file", file)

    def _secret(self, section: Section, key: str, name: Path) -> str | None:
        """Return what stands in a file, without the blanks around it."""
        file = self._folder / name
        try:
            content = read_file(file, _MAX_SECRET_BYTES)
        except OSError as error:
            section.note(key, f"{file} cannot be read: {error.strerror}")
            return None
        try:
            if problem := encoding_problem(content):
                section.note(key, f"{file} {problem}")
                return None
            found = content.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            section.note(key, f"{file} is not UTF-8: save it as UTF-8")
            return None
        if not found:
            section.note(key, f"{file} is empty")
        return found or None


class _EncryptedClientKeyError(Exception):
    pass


def _no_passphrase() -> str:
    # Without this, OpenSSL would ask for it on the terminal.
    raise _EncryptedClientKeyError("protected by a passphrase")


def basic_login(name: str, password: str) -> str:
    """Return the value of the header for a name and a password (RFC 7617), in UTF-8."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def _fits_header(value: str) -> bool:
    return value.isascii() and value.isprintable() and value == value.strip()


def _tls_version(raw: object) -> ssl.TLSVersion:
    if not isinstance(raw, str) or raw not in _TLS_VERSIONS:
        raise ValueError(f"one of {', '.join(_TLS_VERSIONS)} is expected")
    return _TLS_VERSIONS[raw]


def _unreadable(file: Path) -> str:
    try:
        read_file(file, 1)
    except OSError as error:
        return f"{file} cannot be read: {error.strerror}"
    return ""


def _refuse_unsupported(section: Section, *keys: str) -> None:
    for key in keys:
        section.get(key, _unsupported("is not supported by this command"), None)


def _unsupported(message: str) -> Callable[[object], None]:
    def read(_raw: object) -> None:
        raise ValueError(message)

    return read
