"""The web config file: the supported part of the format of Prometheus' exporter-toolkit.

Keys that only the exporter-toolkit supports are rejected, never ignored: a restriction that is configured but
not enforced would be worse than none. What restricts nothing is accepted, so that all exporters of a host can
share a file: an empty file, a key without content, a default that is written out.
"""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exporter.settings.section import Problem, Section
from exporter.settings.values import file_name, flag, text
from exporter.settings.yaml_file import read_mapping, refuse
from exporter.toolkit.security.certificates import (
    CLIENT_AUTH_TYPES,
    NO_CLIENT_CERT,
    TLS_VERSIONS,
    server_context,
)

_HASH = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_MIN_COST, _MAX_COST = 4, 16
"""With a cost of 16 a check takes seconds; each step doubles the time."""

_HEADER_VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")
_HEADERS: Mapping[str, re.Pattern[str]] = {
    "Content-Security-Policy": re.compile(".*"),
    "Strict-Transport-Security": re.compile(r"max-age=[0-9]+(; *(includeSubDomains|preload))*"),
    "X-Content-Type-Options": re.compile("nosniff"),
    "X-Frame-Options": re.compile("(?i:deny|sameorigin)"),
    "X-XSS-Protection": re.compile(".*"),
}
_UNSUPPORTED_TLS_KEYS = (
    "cert",
    "key",
    "client_ca",
    "client_allowed_sans",
    "cipher_suites",
    "curve_preferences",
)
_UNSUPPORTED_HTTP_KEYS = ("rate_limit",)
_UNSUPPORTED_ROOT_KEYS = ("rate_limit",)


@dataclass(frozen=True, slots=True)
class WebConfig:
    """What the file asks for; None and empty where it asks for nothing.

    `users` maps names to bcrypt hashes. `files` are the web config file and the files that it names.
    """

    tls: ssl.SSLContext | None
    users: Mapping[str, bytes]
    headers: Mapping[str, str]
    files: tuple[Path, ...]

    @property
    def protections(self) -> frozenset[str]:
        """What keeps anybody out, or anything from being overheard."""
        verifies = self.tls is not None and self.tls.verify_mode is not ssl.CERT_NONE
        asked = {"TLS": self.tls is not None, "client certificates": verifies, "passwords": bool(self.users)}
        return frozenset(name for name, given in asked.items() if given)


def load_web_config(file: Path, *, secrets: bool = True) -> WebConfig:
    """Return a checked web config, certificates included; raises ConfigError with every problem.

    Without `secrets` certificates and keys that are not here are no problem, and there is no TLS context.
    """
    problems: list[Problem] = []
    raw = read_mapping(file, "tls_server_config", may_be_empty=True)
    root = Section(raw, "", problems)
    tls: ssl.SSLContext | None = None
    certificates: tuple[Path, ...] = ()
    # With any key in it, TLS is meant, and a certificate needed.
    if root.given("tls_server_config") and raw["tls_server_config"] != {}:
        tls, certificates = _tls(root.section("tls_server_config"), file.parent)
    users = _users(root, raw["basic_auth_users"]) if root.given("basic_auth_users") else {}
    headers = _headers(root.section("http_server_config")) if root.given("http_server_config") else {}
    _reject(root, _UNSUPPORTED_ROOT_KEYS)
    root.finish()
    refuse(file, problems, secrets=secrets)
    return WebConfig(tls, users, headers, (file, *certificates))


def _tls(section: Section, folder: Path) -> tuple[ssl.SSLContext | None, tuple[Path, ...]]:
    """Return the TLS context and the files that it was made of."""

    def file(key: str) -> Path | None:
        name = section.get(key, lambda raw: None if raw == "" else file_name(raw), None)
        return None if name is None else folder / name

    def chosen(key: str, choices: Mapping[str, object], default: str) -> str:
        def read(raw: object) -> str:
            if raw == "":
                return default
            if not isinstance(raw, str) or raw not in choices:
                raise ValueError(f"one of {', '.join(choices)} is expected")
            return raw

        return section.get(key, read, default) if section.given(key) else default

    cert, key, client_ca = file("cert_file"), file("key_file"), file("client_ca_file")
    auth = chosen("client_auth_type", CLIENT_AUTH_TYPES, NO_CLIENT_CERT)
    version = chosen("min_version", TLS_VERSIONS, "TLS12")
    section.get("max_version", _newest, None)
    # It orders the cipher suites, all of which are this exporter's choice.
    section.get("prefer_server_cipher_suites", flag, None)
    _reject(section, _UNSUPPORTED_TLS_KEYS)
    section.finish()
    for name, given in (("cert_file", cert), ("key_file", key)):
        if given is None and section.good(name):
            section.note(name, "is missing")
    if auth != NO_CLIENT_CERT and client_ca is None and section.good("client_ca_file"):
        section.note("client_ca_file", f"is missing: client_auth_type {auth} requires it")
    if auth == NO_CLIENT_CERT and client_ca is not None and section.good("client_auth_type"):
        section.note("client_auth_type", "is missing: without it client_ca_file has no effect")
    context = server_context(cert, key, client_ca, auth=auth, min_version=version, note=section.note)
    return context, tuple(name for name in (cert, key, client_ca) if name is not None)


def _users(root: Section, raw: object) -> Mapping[str, bytes]:
    key = "basic_auth_users"
    if not isinstance(raw, Mapping):
        root.note(key, "a mapping of user names to bcrypt hashes is expected")
        return {}
    users = {}
    for name, value in raw.items():
        try:
            users[_user(name)] = _hash(value)
        except ValueError as error:
            shown = name if isinstance(name, str) and re.fullmatch(r"[\w-]+", name) else repr(name)
            root.note(f"{key}.{shown}", str(error))
    return users


def _user(raw: object) -> str:
    if not isinstance(raw, str) or not raw.isprintable():
        raise ValueError("a user name must be text: put it in quotes")
    if not raw or ":" in raw:
        # RFC 7617, section 2: the first colon ends the name.
        raise ValueError("a user name must not be empty and must not contain a colon")
    return raw


def _hash(raw: object) -> bytes:
    """Return a bcrypt hash; the message never repeats what may be a password."""
    match = _HASH.fullmatch(raw) if isinstance(raw, str) else None
    if not match or not isinstance(raw, str):
        raise ValueError("a bcrypt hash is expected, never the password itself: see `htpasswd -nB USER`")
    if not _MIN_COST <= int(match[1]) <= _MAX_COST:
        raise ValueError(f"a bcrypt cost from {_MIN_COST} to {_MAX_COST} is expected")
    return raw.encode()


def _headers(section: Section) -> Mapping[str, str]:
    headers = _header_values(section.section("headers")) if section.given("headers") else {}
    # HTTP/2 is not spoken here: `false` is in force, and what `true` offers restricts nothing.
    section.get("http2", flag, None)
    _reject(section, _UNSUPPORTED_HTTP_KEYS)
    section.finish()
    return headers


def _header_values(entry: Section) -> Mapping[str, str]:
    headers = {}
    for name, form in _HEADERS.items():

        def read(raw: object, form: re.Pattern[str] = form) -> str | None:
            if raw == "":
                return None
            # YAML takes `X-XSS-Protection: 0` for a number.
            value = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else text(raw)
            if not _HEADER_VALUE.fullmatch(value) or not form.fullmatch(value):
                raise ValueError("is not a valid value of this header")
            return value

        value = entry.get(name, read, None)
        if value is not None:
            headers[name] = value
    entry.finish()
    return headers


def _reject(section: Section, keys: tuple[str, ...]) -> None:
    """Note a problem with each of the keys that is there."""
    for key in keys:
        section.get(key, _unsupported, None)


def _unsupported(raw: object) -> None:
    if raw not in ("", [], {}):
        raise ValueError("not supported by this exporter")


def _newest(raw: object) -> None:
    if raw != "TLS13":
        raise ValueError("only TLS13 is supported, the newest version there is")
