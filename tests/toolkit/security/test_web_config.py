import contextlib
import json
import ssl
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.config import ConfigError
from exporter.toolkit.security import WebConfig, load_web_config
from support.certificates import Authority, Issued


def load(folder: Path, text: str) -> WebConfig:
    file = folder / "web.yaml"
    file.write_text(text)
    return load_web_config(file)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    assert all(line.startswith(f"{folder / 'web.yaml'}: ") for line in caught.value.lines())
    return [str(problem) for problem in caught.value.problems]


def tls(server: Issued, **more: Any) -> str:
    return json.dumps(
        {"tls_server_config": {"cert_file": str(server.cert), "key_file": str(server.key), **more}}
    )


def test_everything_that_is_supported(
    tmp_path: Path, authority: Authority, server: Issued, hashed: str
) -> None:
    # The names of files are relative to the web config.
    for place, source in (
        ("server.crt", server.cert),
        ("server.key", server.key),
        ("ca.crt", authority.file),
    ):
        (tmp_path / place).write_bytes(source.read_bytes())
    config = load(
        tmp_path,
        f"""
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_ca_file: ca.crt
  client_auth_type: RequireAndVerifyClientCert
  min_version: TLS13
http_server_config:
  headers:
    Strict-Transport-Security: max-age=31536000; includeSubDomains
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: "0"
    Content-Security-Policy: frame-ancestors 'none'
basic_auth_users:
  prometheus: {hashed}
  ana-maría: {hashed}
""",
    )
    assert config.tls is not None
    assert config.tls.verify_mode is ssl.CERT_REQUIRED
    assert config.tls.minimum_version is ssl.TLSVersion.TLSv1_3
    assert config.users == {"prometheus": hashed.encode(), "ana-maría": hashed.encode()}
    assert config.headers["X-XSS-Protection"] == "0"
    assert len(config.headers) == 5
    assert config.files == tuple(tmp_path / n for n in ("web.yaml", "server.crt", "server.key", "ca.crt"))


def test_tls_alone_has_safe_defaults(tmp_path: Path, server: Issued) -> None:
    config = load(tmp_path, tls(server))
    assert config.tls is not None
    assert config.tls.verify_mode is ssl.CERT_NONE
    assert config.tls.minimum_version is ssl.TLSVersion.TLSv1_2
    assert (config.users, config.headers) == ({}, {})


def test_passwords_alone(tmp_path: Path, hashed: str) -> None:
    config = load(tmp_path, f"basic_auth_users: {{a: {hashed}}}")
    assert (config.tls, config.users) == (None, {"a": hashed.encode()})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "invalid YAML"),
        ("basic_auth_user: {}", "basic_auth_user: unknown key (did you mean basic_auth_users?)"),
        ("basic_auth_users: [a]", "basic_auth_users: a mapping of user names"),
        ("basic_auth_users: {a: hunter2}", "basic_auth_users.a: a bcrypt hash is expected"),
        ("basic_auth_users: {a: }", "basic_auth_users.a: a bcrypt hash is expected"),
        ("basic_auth_users: {a: $apr1$x$y}", "basic_auth_users.a: a bcrypt hash is expected"),
        (f"basic_auth_users: {{a: $2y$31${'.' * 53}}}", "basic_auth_users.a: a bcrypt cost from 4 to 16"),
        (f"basic_auth_users: {{a: $2y$03${'.' * 53}}}", "basic_auth_users.a: a bcrypt cost from 4 to 16"),
        (f"basic_auth_users: {{12: $2y$04${'.' * 53}}}", "basic_auth_users.12: a user name must be text"),
        (f'basic_auth_users: {{"a:b": $2y$04${"." * 53}}}', "basic_auth_users.'a:b': a user name"),
        (f'basic_auth_users: {{"": $2y$04${"." * 53}}}', "basic_auth_users.'': a user name"),
        ("tls_server_config: x", "tls_server_config: a mapping is expected"),
        ("tls_server_config: {cert_file: none.crt}", "none.crt cannot be read: No such file or directory"),
        ("tls_server_config: {key_file: 5}", "tls_server_config.key_file: text is expected"),
        (
            "tls_server_config: {key_fil: a}",
            "tls_server_config.key_fil: unknown key (did you mean key_file?)",
        ),
        ("tls_server_config: {min_version: TLS10}", "min_version: one of TLS12, TLS13 is expected"),
        ("tls_server_config: {min_version: 1.2}", "min_version: one of TLS12, TLS13 is expected"),
        ("tls_server_config: {client_auth_type: RequireAnyClientCert}", "client_auth_type: one of NoClientC"),
        ("tls_server_config: {client_auth_type: RequireAndVerifyClientCert}", "client_ca_file: is missing"),
        ("tls_server_config: {client_ca_file: a}", "client_auth_type: is missing"),
        ("[]", "a mapping with the key tls_server_config is expected"),
        ("0", "a mapping with the key tls_server_config is expected"),
        ("basic_auth_user:", "basic_auth_user: unknown key (did you mean basic_auth_users?)"),
        ("basic_auth_users: []", "basic_auth_users: a mapping of user names"),
        ("basic_auth_users: ''", "basic_auth_users: a mapping of user names"),
        ("tls_server_config: []", "tls_server_config: a mapping is expected"),
        # With any key in it, TLS is meant: to go without it would be an accident.
        ("tls_server_config: {cert_file: }", "tls_server_config.cert_file: is missing"),
        ("tls_server_config: {cert_file: '', key_file: ''}", "tls_server_config.cert_file: is missing"),
        ("tls_server_config: {min_version: TLS12}", "tls_server_config.cert_file: is missing"),
        ("tls_server_config: {client_auth_type: NoClientCert}", "tls_server_config.key_file: is missing"),
        ("http_server_config: []", "http_server_config: a mapping is expected"),
        ("http_server_config: {headers: []}", "http_server_config.headers: a mapping is expected"),
        (
            "http_server_config: {header: {}}",
            "http_server_config.header: unknown key (did you mean headers?)",
        ),
        ("http_server_config: {http2: 'no'}", "http_server_config.http2: true or false is expected"),
        ("http_server_config: {headers: {X-Frame-Options: 0}}", "X-Frame-Options: is not a valid value of"),
        *(
            (f"http_server_config: {{headers: {{X-XSS-Protection: {value}}}}}", "X-XSS-Protection: text is")
            for value in ("true", "on", "1.5", ".nan", ".inf")
        ),
        ("http_server_config: {headers: {X-XSS-Protection: [1]}}", "X-XSS-Protection: text is expected"),
        ("http_server_config: {headers: {Server: x}}", "http_server_config.headers.Server: unknown key"),
        (
            "http_server_config: {headers: {X-Frame-Options: x}}",
            "X-Frame-Options: is not a valid value of this",
        ),
        (
            'http_server_config: {headers: {X-XSS-Protection: "a\\r\\nSet-Cookie: b"}}',
            "X-XSS-Protection: is not",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_key(tmp_path: Path, text: str, problem: str) -> None:
    found = problems(tmp_path, text)
    assert any(problem in line for line in found), found


RESTRICTIONS = [
    *(f"max_version: {version}" for version in ("TLS12", "TLS11", "TLS10", "1.3", "13")),
    "cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]",
    "cipher_suites: [TLS_AES_128_GCM_SHA256]",
    "curve_preferences: [X25519]",
    "client_allowed_sans: [prometheus.example]",
    "client_auth_type: RequestClientCert",
    "client_auth_type: RequireAnyClientCert",
    "client_auth_type: requireandverifyclientcert",
    "cert: x",
    "key: x",
    "client_ca: x",
    "ciphers: x",
]


@pytest.mark.parametrize("line", RESTRICTIONS)
def test_a_restriction_that_would_not_be_in_force_is_named(tmp_path: Path, server: Issued, line: str) -> None:
    (problem,) = problems(
        tmp_path,
        f"tls_server_config:\n  cert_file: {server.cert}\n  key_file: {server.key}\n  {line}\n",
    )
    assert problem.startswith(f"tls_server_config.{line.partition(':')[0]}: ")


@pytest.mark.parametrize("limit", ["{interval: 1s, burst: 20}", "{burst: 0}", "1", "false"])
@pytest.mark.parametrize("block", ["", "http_server_config"])
def test_a_limit_of_requests_would_not_be_in_force(tmp_path: Path, block: str, limit: str) -> None:
    text = f"{block}: {{rate_limit: {limit}}}" if block else f"rate_limit: {limit}"
    path = f"{block}.rate_limit" if block else "rate_limit"
    assert problems(tmp_path, text) == [f"{path}: not supported by this exporter"]


NOTHING = [
    "",
    "\n\n",
    "# Nothing yet.\n",
    "---\n",
    "---\n# Nothing yet.\n...\n",
    "null",
    "{}",
    "basic_auth_users:",
    "basic_auth_users: {}",
    "basic_auth_users: ~",
    "tls_server_config:",
    "tls_server_config: {}",
    "http_server_config:",
    "http_server_config: {}",
    "http_server_config: {headers: }",
    "http_server_config: {headers: {}}",
    "http_server_config: {headers: {X-Frame-Options: }}",
    "http_server_config: {headers: {X-Frame-Options: '', X-Content-Type-Options: ''}}",
    "http_server_config: {http2: }",
    "http_server_config: {http2: true}",
    "http_server_config: {http2: false}",
    "http_server_config: {rate_limit: {}}",
    "rate_limit:",
    "rate_limit: {}",
    "tls_server_config:\nbasic_auth_users:\nhttp_server_config:\nrate_limit:\n",
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_restricts_nothing_is_accepted(tmp_path: Path, text: str) -> None:
    config = load(tmp_path, text)
    assert (config.tls, config.users, config.headers) == (None, {}, {})
    assert config.files == (tmp_path / "web.yaml",)
    assert not config.protections


@pytest.mark.parametrize(
    "line",
    [
        "max_version: TLS13",
        "max_version:",
        "min_version:",
        "client_auth_type:",
        "client_ca_file:",
        "client_ca: ''",
        "cipher_suites: []",
        "cipher_suites:",
        "curve_preferences: []",
        "client_allowed_sans: []",
        "prefer_server_cipher_suites:",
        "prefer_server_cipher_suites: true",
        "prefer_server_cipher_suites: false",
        "client_auth_type: ''",
        "client_ca_file: ''",
    ],
)
def test_a_default_that_is_written_out_changes_nothing(tmp_path: Path, server: Issued, line: str) -> None:
    config = load(
        tmp_path,
        f"tls_server_config:\n  cert_file: {server.cert}\n  key_file: {server.key}\n  {line}\n",
    )
    assert config.tls is not None
    assert config.tls.minimum_version is ssl.TLSVersion.TLSv1_2
    assert config.tls.maximum_version is ssl.TLSVersion.MAXIMUM_SUPPORTED
    assert config.tls.verify_mode is ssl.CERT_NONE
    assert config.protections == {"TLS"}


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("0", "0"),
        ("1", "1"),
        ('"0"', "0"),
        ("1; mode=block", "1; mode=block"),
    ],
)
def test_a_value_of_a_header_needs_no_quotes(tmp_path: Path, written: str, sent: str) -> None:
    config = load(tmp_path, f"http_server_config:\n  headers:\n    X-XSS-Protection: {written}\n")
    assert config.headers == {"X-XSS-Protection": sent}


def test_every_problem_is_told_at_once_and_no_password(tmp_path: Path, server: Issued) -> None:
    found = problems(
        tmp_path,
        f"""
tls_server_config: {{cert_file: {server.cert}, key_file: /no/such/key, min_version: SSL3}}
basic_auth_users: {{a: hunter2, b: hunter3}}
http_server_config: {{headers: {{X-Frame-Options: maybe}}}}
other: 1
""",
    )
    assert [line.split(": ")[0] for line in found] == [
        "tls_server_config.min_version",
        "tls_server_config.key_file",
        "basic_auth_users.a",
        "basic_auth_users.b",
        "http_server_config.headers.X-Frame-Options",
        "other",
    ]
    assert "hunter" not in str(found)


def test_a_key_of_another_certificate(tmp_path: Path, server: Issued, authority: Authority) -> None:
    other = authority.issue("other")
    (problem,) = problems(tmp_path, tls(server, key_file=str(other.key)))
    assert problem == f"tls_server_config.key_file: {other.key} is not the key of {server.cert}"


def test_a_key_with_a_passphrase_asks_nobody(tmp_path: Path, authority: Authority) -> None:
    locked = authority.issue("locked", password=b"invented")
    (problem,) = problems(tmp_path, tls(locked))
    assert problem.startswith(f"tls_server_config.key_file: {locked.key} is protected by a passphrase")


@pytest.mark.parametrize("key", ["cert_file", "client_ca_file", "key_file"])
@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n", bytes(1000)])
def test_files_that_hold_something_else(
    tmp_path: Path, server: Issued, authority: Authority, key: str, content: bytes
) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_bytes(content)
    more = {"client_ca_file": str(authority.file), "client_auth_type": "VerifyClientCertIfGiven"}
    (problem,) = problems(tmp_path, tls(server, **{**more, key: str(wrong)}))
    message = "is not a private key" if key == "key_file" else "contains no certificate"
    assert problem.startswith(f"tls_server_config.{key}: {wrong} {message} in PEM format")


@pytest.mark.parametrize("key", ["cert_file", "key_file", "client_ca_file"])
def test_a_folder_in_place_of_a_file(tmp_path: Path, server: Issued, authority: Authority, key: str) -> None:
    more = {"client_ca_file": str(authority.file), "client_auth_type": "VerifyClientCertIfGiven"}
    (problem,) = problems(tmp_path, tls(server, **{**more, key: str(tmp_path)}))
    assert problem == f"tls_server_config.{key}: {tmp_path} cannot be read: Is a directory"


def test_the_example_of_the_toolkit_is_read_but_for_what_is_not_there(tmp_path: Path) -> None:
    hashes = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze"
    text = f"basic_auth_users:\n  alice: {hashes}\nrate_limit:\n  interval: 1s\n  burst: 20\n"
    assert [line.split(":")[0] for line in problems(tmp_path, text)] == ["rate_limit"]


@pytest.mark.parametrize("key", ["cert_file", "key_file", "client_ca_file"])
def test_half_a_character_names_no_file(tmp_path: Path, key: str) -> None:
    # As JSON writes an emoji, and as YAML reads that.
    told = problems(tmp_path, f'tls_server_config: {{{key}: "\\ud83d\\ude00"}}')
    assert any(
        line.startswith(f"tls_server_config.{key}: contains an unpaired surrogate escape") for line in told
    )


keys = st.sampled_from(
    [
        "tls_server_config",
        "cert_file",
        "key_file",
        "basic_auth_users",
        "http_server_config",
        "headers",
        "x",
        5,
        None,
    ]
)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=60)
@given(document=documents)
def test_no_document_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, document: object) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_text(json.dumps(document))
    with contextlib.suppress(ConfigError):
        load_web_config(file)
