import asyncio
from collections.abc import Sequence
from http import HTTPStatus

import pytest

from exporter.toolkit.lifecycle import Lifecycle
from exporter.toolkit.message import Request, Response
from toolkit.served import hello

calls: list[str] = []


def ask(method: str, path: str = "/-/reload", *, on: bool = True, problems: Sequence[str] = ()) -> Response:
    async def reload() -> Sequence[str]:
        calls.append(method)
        return problems

    calls.clear()
    return asyncio.run(Lifecycle(hello, reload if on else None)(Request(method, path)))


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


@pytest.mark.parametrize("path", ["/", "/-/reload/", "/-/healthy", "/-/RELOAD"])
def test_other_paths_are_left_to_the_pages(path: str) -> None:
    assert ask("POST", path).content == f"hello {path}\n".encode()
    assert not calls
