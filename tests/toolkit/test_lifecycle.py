import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus

import pytest

from exporter.toolkit.lifecycle import Lifecycle
from exporter.toolkit.message import Request, Response
from toolkit.served import hello

calls: list[str] = []


def ask(
    method: str,
    path: str = "/-/reload",
    *,
    on: bool = True,
    problems: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    async def reload() -> Sequence[str]:
        calls.append(method)
        return problems

    calls.clear()
    return asyncio.run(Lifecycle(hello, reload if on else None)(Request(method, path, headers=headers or {})))


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_post_reloads(method: str) -> None:
    answer = ask(method)
    assert (answer.status, answer.content, calls) == (HTTPStatus.OK, b"reloaded\n", [method])


def test_the_reasons_of_a_refusal_are_told() -> None:
    answer = ask("POST", problems=["config.yaml: a: is wrong", "config.yaml: b: is wrong"])
    assert answer.status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert answer.content.decode().splitlines()[1:] == [
        "config.yaml: a: is wrong",
        "config.yaml: b: is wrong",
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_nothing_else_reloads(method: str) -> None:
    answer = ask(method)
    assert (answer.status, answer.headers["Allow"]) == (HTTPStatus.METHOD_NOT_ALLOWED, "POST, PUT")
    assert not calls


def test_it_is_forbidden_while_it_is_off() -> None:
    assert ask("POST", on=False).status == HTTPStatus.FORBIDDEN
    assert not calls


def browser(host: str = "monitor:10042", **headers: str) -> Mapping[str, str]:
    return {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}


@pytest.mark.parametrize(
    "headers",
    [
        browser(),
        {},  # HTTP/1.0
        browser(user_agent="curl/8.0", content_type="application/x-www-form-urlencoded"),
        browser(sec_fetch_site="same-origin"),
        browser(sec_fetch_site="none"),
        browser(origin="http://monitor:10042"),
        browser(origin="HTTP://Monitor:10042"),
        browser("MONITOR:10042", origin="http://monitor:10042"),
        browser("monitor", origin="https://monitor"),
        browser("monitor:443", origin="https://monitor"),
        browser("monitor", origin="https://monitor:443"),
        browser("monitor:80", origin="http://monitor"),
        browser("[::1]:10042", origin="http://[::1]:10042"),
        # Behind a proxy that names the exporter in Host.
        browser("exporter:10042", origin="https://monitor", sec_fetch_site="same-origin"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_commands_and_own_pages_may_reload(method: str, headers: Mapping[str, str]) -> None:
    assert ask(method, headers=headers).status == HTTPStatus.OK
    assert calls == [method]


@pytest.mark.parametrize(
    "headers",
    [
        browser(sec_fetch_site="cross-site"),
        browser(sec_fetch_site="same-site"),
        browser(sec_fetch_site="none, cross-site"),
        browser(sec_fetch_site=""),
        browser(sec_fetch_site="cross-site", origin="http://monitor:10042"),
        browser(origin="http://evil.example"),
        browser(origin="http://monitor:3000"),
        browser(origin="http://monitor"),
        browser("monitor", origin="http://monitor:443"),
        browser(origin="null"),
        browser(origin=""),
        browser(origin="http://"),
        browser(origin="http://monitor:10042, http://evil.example"),
        browser(origin="http://monitor:10042.evil.example"),
        browser(origin="http://evil.example/http://monitor:10042"),
        browser(origin="http://[::1"),
        browser(origin="http://monitor:99999"),
        browser(origin="chrome-extension://monitor:10042"),
        browser("", origin="http://monitor:10042"),
        browser("[::1", origin="http://monitor:10042"),
        {"origin": "http://monitor:10042"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_pages_of_other_sites_may_not_reload(method: str, headers: Mapping[str, str]) -> None:
    answer = ask(method, headers=headers)
    assert answer.status == HTTPStatus.FORBIDDEN
    assert answer.content == b"pages of other sites may not reload the configuration\n"
    assert not calls


@pytest.mark.parametrize("path", ["/", "/-/reload/", "/-/healthy", "/-/RELOAD"])
def test_other_paths_are_left_to_the_pages(path: str) -> None:
    assert ask("POST", path).content == f"hello {path}\n".encode()
    assert not calls
