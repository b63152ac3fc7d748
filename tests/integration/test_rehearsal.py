"""The pages on rehearsals: every command is run as it stands there, and they name all that can be told."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.simulator.actions import ACTIONS, CONDITIONS
from exporter.simulator.endpoints import ENDPOINTS
from exporter.simulator.faults import KINDS
from support.exporter import Exporter, exporter
from support.programs import program

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = [DOCS / "rehearsal.md", DOCS / "es" / "rehearsal.md"]


def blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(), re.DOTALL)


def commands(page: Path) -> list[str]:
    return [line.removeprefix("$ ") for text in blocks(page, "console") for line in text.splitlines()]


def alerts(page: Path) -> list[str]:
    return re.findall(r"\[(Wolkvox\w+)\]", page.read_text())


def test_the_pages_say_the_same() -> None:
    english, spanish = PAGES
    for kind in ("console", "sh", "yaml"):
        assert blocks(english, kind) == blocks(spanish, kind)
    assert alerts(english) == alerts(spanish)
    names = re.compile("`[^`\n]+`")
    assert names.findall(english.read_text()) == names.findall(spanish.read_text()), "in docs/es/rehearsal.md"


def test_all_that_can_be_told_is_named() -> None:
    text = PAGES[0].read_text()
    told = (*ACTIONS, *CONDITIONS, *KINDS, *(endpoint.name for endpoint in ENDPOINTS))
    unnamed = [name for name in told if not re.search(rf"[`\"]{name}[`\"]", text)]
    assert unnamed == [], "name them at the end of docs/rehearsal.md and docs/es/rehearsal.md"


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Exporter]:
    with exporter("simulate", tmp_path / "simulator") as running:
        yield running


@pytest.mark.integration
@pytest.mark.parametrize("command", commands(PAGES[0]))
def test_every_command_is_obeyed(simulator: Exporter, command: str) -> None:
    program("curl")
    env = {**os.environ, "SIM": simulator.url, "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        ["sh", "-c", command], env=env, capture_output=True, text=True, timeout=60, check=True
    )
    answer = json.loads(done.stdout)
    assert answer
    assert "error" not in answer
