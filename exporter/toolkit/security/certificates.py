"""TLS contexts from certificate files."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from exporter.settings.files import read_file
from exporter.settings.secrets import is_absent

NO_CLIENT_CERT = "NoClientCert"
CLIENT_AUTH_TYPES: Mapping[str, ssl.VerifyMode] = {
    NO_CLIENT_CERT: ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
"""The exporter-toolkit has two more, which request certificates without verifying them: no protection."""

TLS_VERSIONS: Mapping[str, ssl.TLSVersion] = {
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}


class Note(Protocol):
    """Notes a problem: the key in the web config, what is wrong with its file, and whether it is not here."""

    def __call__(self, key: str, message: str, *, absent: bool = False) -> None:
        """Note it."""
        ...  # pragma: no cover


class _EncryptedKeyError(Exception):
    pass


def server_context(  # noqa: PLR0913 - the keys of one mapping
    cert: Path | None, key: Path | None, client_ca: Path | None, *, auth: str, min_version: str, note: Note
) -> ssl.SSLContext | None:
    """Return the TLS context of a server; None, with every problem noted, if the files cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = TLS_VERSIONS[min_version]
    context.set_alpn_protocols(["http/1.1"])
    good = [
        _readable("cert_file", cert, note) and _is_certificate("cert_file", cert, note),
        _readable("key_file", key, note),
        client_ca is None
        or (
            _readable("client_ca_file", client_ca, note)
            and _is_certificate("client_ca_file", client_ca, note, context)
        ),
    ]
    if not all(good) or cert is None or key is None:
        return None
    try:
        context.load_cert_chain(cert, key, password=_no_passphrase)
    except _EncryptedKeyError:
        note("key_file", f"{key} is protected by a passphrase, which is not supported")
        return None
    except ssl.SSLError as error:
        mismatch = error.reason == "KEY_VALUES_MISMATCH"
        what = (
            f"is not the key of {cert}"
            if mismatch
            else f"is not a private key in PEM format ({error.reason})"
        )
        note("key_file", f"{key} {what}")
        return None
    except OSError as error:
        note("key_file", f"{key} cannot be read: {error.strerror}")
        return None
    context.verify_mode = CLIENT_AUTH_TYPES[auth]
    return context


def _no_passphrase() -> str:
    # Without this, OpenSSL would ask for it on the terminal.
    raise _EncryptedKeyError


def _readable(key: str, file: Path | None, note: Note) -> bool:
    if file is None:
        return False
    try:
        read_file(file, 1)
    except OSError as error:
        note(key, f"{file} cannot be read: {error.strerror}", absent=is_absent(error))
        return False
    return True


def _is_certificate(key: str, file: Path | None, note: Note, context: ssl.SSLContext | None = None) -> bool:
    """Return whether a file contains certificates; `context` will trust them as issuers of clients' ones."""
    target = context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        target.load_verify_locations(cafile=file)
    except (ssl.SSLError, OSError) as error:
        note(key, f"{file} contains no certificate in PEM format ({getattr(error, 'reason', None) or error})")
        return False
    return True
