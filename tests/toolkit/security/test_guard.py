import asyncio
import base64
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from exporter.toolkit.message import Request, Response
from exporter.toolkit.security import Guard, WebConfigFile
from exporter.toolkit.security.guard import credentials
from exporter.toolkit.security.passwords import BusyError, Passwords
from toolkit.security.conftest import SECRET
from toolkit.served import hello

PATHS = ["/", "/metrics", "/probe", "/sd", "/-/healthy", "/-/ready", "/-/reload", "/nothing"]


@pytest.fixture
def config(tmp_path: Path, hashed: str) -> WebConfigFile:
    file = tmp_path / "web.yaml"
    file.write_text(
        f"basic_auth_users: {{prometheus: {hashed}}}\n"
        "http_server_config: {headers: {X-Frame-Options: deny, X-Content-Type-Options: nosniff}}\n"
    )
    return WebConfigFile(file)


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def ask(config: WebConfigFile, path: str, authorization: str | None = None, **more: str) -> Response:
    async def main() -> Response:
        guard = Guard(hello, config, "test")
        given = {} if authorization is None else {"authorization": authorization}
        try:
            return await guard(Request("GET", path, headers={**given, **more}))
        finally:
            guard.close()

    return asyncio.run(main())


@pytest.mark.parametrize("path", PATHS)
def test_every_page_wants_a_password(config: WebConfigFile, path: str) -> None:
    assert ask(config, path, basic("prometheus", SECRET)).content == f"hello {path}\n".encode()
    for sent in (None, "", basic("prometheus", "x"), basic("root", SECRET), basic("", "")):
        answer = ask(config, path, sent)
        assert answer.status == HTTPStatus.UNAUTHORIZED
        assert answer.headers["WWW-Authenticate"].startswith('Basic realm="test"')
        assert b"hello" not in answer.content


@pytest.mark.parametrize(
    "header",
    [
        "Bearer x",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic YQ",  # no padding
        "Basic YQ==",  # no colon
        "Basic /////w==",  # not UTF-8
        "Basic " + "A" * 100_000,
    ],
)
def test_what_is_not_basic_is_refused(config: WebConfigFile, header: str) -> None:
    assert ask(config, "/", header).status == HTTPStatus.UNAUTHORIZED


def test_a_password_may_have_colons_and_letters_of_any_language() -> None:
    assert credentials(basic("ana-maría", "a:b:ñ")) == ("ana-maría", "a:b:ñ")
    assert credentials(basic("", "")) == ("", "")
    assert credentials(basic("a", "b").replace("Basic", "bAsIc")) == ("a", "b")


def test_no_header_stands_for_a_password(config: WebConfigFile) -> None:
    for name in ("x-forwarded-user", "x-remote-user", "remote-user", "proxy-authorization", "cookie"):
        assert ask(config, "/", **{name: basic("prometheus", SECRET)}).status == HTTPStatus.UNAUTHORIZED


def test_headers_are_added_to_pages_and_refusals_and_a_pages_own_stay(config: WebConfigFile) -> None:
    for sent in (None, basic("prometheus", SECRET)):
        answer = ask(config, "/", sent)
        assert answer.headers["X-Frame-Options"] == "deny"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    async def page(_: Request) -> Response:
        return Response(HTTPStatus.OK, "text/html", (b"",), {"X-Frame-Options": "sameorigin"})

    async def main() -> Response:
        guard = Guard(page, config, "test")
        try:
            return await guard(Request("GET", "/", headers={"authorization": basic("prometheus", SECRET)}))
        finally:
            guard.close()

    assert asyncio.run(main()).headers["X-Frame-Options"] == "sameorigin"


def test_who_guesses_too_fast_is_told_so(config: WebConfigFile, monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(*_: object) -> bool:
        raise BusyError

    monkeypatch.setattr(Passwords, "good", busy)
    answer = ask(config, "/", basic("prometheus", SECRET))
    assert (answer.status, answer.headers["Retry-After"]) == (HTTPStatus.TOO_MANY_REQUESTS, "1")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(header=st.text() | st.binary().map(lambda data: "Basic " + base64.b64encode(data).decode()))
@example("Basic Og==")
def test_no_header_breaks_the_reader(header: str) -> None:
    found = credentials(header)
    assert found is None or ":" not in found[0]
