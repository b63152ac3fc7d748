import base64
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from exporter.prometheus_api import HttpConfig, load_http_config, read_http_config
from exporter.settings.yaml_file import ConfigError
from support.certificates import Authority

LOAD = Callable[..., HttpConfig]
PROBLEMS = Callable[..., list[str]]


@pytest.fixture
def load(tmp_path: Path) -> LOAD:
    def load(raw: object) -> HttpConfig:
        file = tmp_path / "http.yml"
        file.write_text(yaml.safe_dump(raw, sort_keys=False))
        return load_http_config(file)

    return load


@pytest.fixture
def problems(load: LOAD) -> PROBLEMS:
    def problems(raw: object) -> list[str]:
        with pytest.raises(ConfigError) as refused:
            load(raw)
        return [str(problem) for problem in refused.value.problems]

    return problems


def decoded(login: str) -> str:
    return base64.b64decode(login.removeprefix("Basic ")).decode()


def test_an_empty_file_asks_for_nothing(load: LOAD) -> None:
    config = load(None)
    assert (config.headers, config.tls, config.proxy_url) == ({}, None, None)
    assert not config.has_login
    assert config.follow_redirects
    assert not config.proxy_from_environment  # as Prometheus' own clients do with a file


def test_basic_auth_in_the_file(load: LOAD) -> None:
    config = load({"basic_auth": {"username": "ana", "password": "dos palabras ñ"}})
    assert decoded(config.headers["Authorization"]) == "ana:dos palabras ñ"
    assert config.has_login


def test_basic_auth_in_files_beside_it(load: LOAD, tmp_path: Path) -> None:
    (tmp_path / "user").write_text("\ufeffana\n")
    (tmp_path / "password").write_text("fictitious\r\n")
    config = load({"basic_auth": {"username_file": "user", "password_file": "password"}})
    assert decoded(config.headers["Authorization"]) == "ana:fictitious"


def test_a_token(load: LOAD, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("fictitious-token\n")
    assert load({"authorization": {"credentials": "abc"}}).headers["Authorization"] == "Bearer abc"
    from_file = load({"authorization": {"type": "Token", "credentials_file": "token"}})
    assert from_file.headers["Authorization"] == "Token fictitious-token"


def test_more_headers(load: LOAD, tmp_path: Path) -> None:
    (tmp_path / "tenant").write_text("ventas\n")
    config = load(
        {"http_headers": {"X-Scope-OrgID": {"values": ["a", "b"], "secrets": ["c"], "files": ["tenant"]}}}
    )
    assert config.headers == {"X-Scope-OrgID": "a, b, c, ventas"}


def test_proxies(load: LOAD) -> None:
    config = load({"proxy_url": "http://ana:f%C3%B1@proxy.example:3128", "no_proxy": "a.example,.b.example"})
    assert (config.proxy_url, config.no_proxy) == ("http://proxy.example:3128", "a.example,.b.example")
    assert decoded(config.proxy_headers["Proxy-Authorization"]) == "ana:fñ"
    assert load({"proxy_from_environment": True}).proxy_from_environment


def test_tls(load: LOAD, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    client = authority.issue("client")
    files = {"ca_file": authority.file.name, "cert_file": client.cert.name, "key_file": client.key.name}
    config = load({"tls_config": {**files, "server_name": "prometheus.example", "min_version": "TLS13"}})
    assert config.tls is not None
    assert config.tls.verify_mode is ssl.CERT_REQUIRED
    assert config.tls.minimum_version == ssl.TLSVersion.TLSv1_3
    assert config.server_name == "prometheus.example"
    inline = load({"tls_config": {"ca": authority.file.read_text()}})
    assert inline.tls is not None
    assert len(inline.tls.get_ca_certs()) == 1
    insecure = load(
        {"tls_config": {"insecure_skip_verify": True, "min_version": "TLS10", "max_version": "TLS13"}}
    )
    assert insecure.tls is not None
    assert insecure.tls.verify_mode is ssl.CERT_NONE
    assert insecure.tls.minimum_version == ssl.TLSVersion.TLSv1_2


def test_every_problem_has_its_path(problems: PROBLEMS, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "latin").write_bytes(b"contrase\xf1a")
    (tmp_path / "wide").write_text("secreto", encoding="utf-16")
    raw = {
        "basic_auth": {
            "username": "a:b",
            "password": "x",
            "password_file": "absent",
            "password_ref": "y",
            "usr": 1,
        },
        "authorization": {"type": "basic", "credentials_file": "empty"},
        "oauth2": {"client_id": "x"},
        "proxy_url": "socks5://proxy.example",
        "proxy_connect_header": {"X": ["y"]},
        "follow_redirects": "yes",
        "enable_http2": 2,
        "bearer_token": "x",
        "http_headers": {
            "authorization": {"values": ["x"]},
            "bad name": {"values": ["x"]},
            "X-A": {"values": ["two\nlines"], "files": ["latin", "wide"], "value": 1},
        },
        "tls_config": {
            "cert_file": "empty",
            "key": "x",
            "ca_ref": "x",
            "min_version": "TLS9",
        },
    }
    assert problems(raw) == [
        "http_headers.authorization: may not be set here",
        f"http_headers.X-A.files[0]: {tmp_path / 'latin'} is not UTF-8: save it as UTF-8",
        f"http_headers.X-A.files[1]: {tmp_path / 'wide'} is UTF-16: save it as UTF-8",
        "http_headers.X-A.value: unknown key (did you mean values?)",
        "http_headers.X-A: values of headers must be visible ASCII characters and blanks",
        "http_headers.'bad name': unknown key",
        "basic_auth.password_file: is given beside password: only one of them may be",
        f"basic_auth.password_file: {tmp_path / 'absent'} cannot be read: No such file or directory",
        "basic_auth.password_ref: is not supported by this command",
        "basic_auth.usr: unknown key",
        "basic_auth.username: must not contain a colon",
        "authorization: is given beside basic_auth: only one of them may be",
        "authorization.type: basic is not allowed here: use basic_auth",
        f"authorization.credentials_file: {tmp_path / 'empty'} is empty",
        "tls_config.min_version: one of TLS10, TLS11, TLS12, TLS13 is expected",
        "tls_config.key: is not supported: put it into a file, and name that in key_file",
        "tls_config.ca_ref: is not supported by this command",
        "tls_config.key_file: is missing: cert_file needs it",
        "proxy_url: http://HOST:PORT or https://HOST:PORT is expected",
        "follow_redirects: true or false is expected",
        "enable_http2: true or false is expected",
        "oauth2: is not supported by this command",
        "proxy_connect_header: is not supported by this command",
        "bearer_token: unknown key (did you mean authorization.credentials?)",
    ]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"basic_auth": {"password": "x"}}, "basic_auth.username: is missing"),
        ({"basic_auth": "x"}, "basic_auth: a mapping is expected"),
        ({"authorization": {}}, "authorization.credentials: is missing"),
        (
            {"authorization": {"credentials": "dos palabras\n"}},
            "authorization: the type and the credentials must be visible ASCII characters",
        ),
        (
            {"tls_config": {"ca_file": "http.yml"}},
            "tls_config.ca_file: FOLDER/http.yml contains no certificate in PEM format",
        ),
        (
            {"tls_config": {"ca_file": "absent"}},
            "tls_config.ca_file: FOLDER/absent cannot be read: No such file or directory",
        ),
        ({"tls_config": {"ca": "x"}}, "tls_config.ca: contains no certificate in PEM format"),
        (
            {"tls_config": {"ca": "x", "ca_file": "http.yml"}},
            "tls_config.ca: is given beside ca_file: only one of them may be",
        ),
        ({"proxy_url": "http://[::1"}, "proxy_url: http://HOST:PORT or https://HOST:PORT is expected"),
        ({"proxy_url": "proxy.example:3128"}, "proxy_url: http://HOST:PORT or https://HOST:PORT is expected"),
        ({"no_proxy": "x"}, "no_proxy: has no effect without proxy_url"),
        (
            {"proxy_url": "http://proxy.example", "proxy_from_environment": True},
            "proxy_from_environment: is given beside proxy_url: only one of them may be",
        ),
        ([], "a mapping with the key basic_auth is expected"),
    ],
)
def test_one_problem(problems: PROBLEMS, tmp_path: Path, raw: object, problem: str) -> None:
    assert problems(raw) == [problem.replace("FOLDER", str(tmp_path))]


def test_a_key_with_a_passphrase_is_refused_and_not_asked_for(problems: PROBLEMS, tmp_path: Path) -> None:
    client = Authority(tmp_path).issue("client", password=b"fictitious")
    (problem,) = problems({"tls_config": {"cert_file": client.cert.name, "key_file": client.key.name}})
    assert "protected by a passphrase" in problem


def test_secrets_do_not_show(load: LOAD) -> None:
    config = load(
        {
            "basic_auth": {"username": "ana", "password": "fictitious"},
            "proxy_url": "http://ana:fictitious@proxy.example",
        }
    )
    assert "fictitious" not in repr(config)
    assert config.headers["Authorization"] not in repr(config)


YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
KEYS = ("basic_auth", "authorization", "tls_config", "http_headers", "proxy_url", "no_proxy", "oauth2")


@given(st.dictionaries(st.sampled_from(KEYS), YAML))
def test_anything_else_is_a_problem_and_never_a_traceback(raw: dict[object, object]) -> None:
    try:
        read_http_config(raw, Path("http.yml"), Path("/nonexistent"))
    except ConfigError as error:
        assert all(line.isprintable() for line in error.lines())  # noqa: PT017 - both ways are right
