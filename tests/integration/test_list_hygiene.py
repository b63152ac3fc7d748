"""The pages on list hygiene: every command is run as it stands there, and says what stands there."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.exporter import Exporter, exporter

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = [DOCS / "list-hygiene.md", DOCS / "es" / "list-hygiene.md"]

FOLDER = "/tmp/list-hygiene"  # noqa: S108 - as the pages have it; a test has a folder of its own

# What differs from run to run: times, who runs it, and calls that the rest of the day needs.
_VARIES = [
    (re.compile(r"ts=\S+"), "ts=T"),
    (re.compile(r"user=\S+"), "user=U"),
    (re.compile(r"about \d+ \w+"), "about N s"),
    (re.compile(r"of the \d+ left"), "of the N left"),
    (re.compile(r"/\S+/journals/codify-[^\s;]+"), "JOURNAL"),
]


def block(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(), re.DOTALL)


def sessions(page: Path) -> list[tuple[str, str]]:
    """Return the commands of a page with what they print."""
    found = []
    for text in block(page, "console"):
        for part in text.split("$ ")[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


_OF_OTHERS = "an exporter on this machine does not say which state it uses"


def same(text: str) -> str:
    for pattern, stands in _VARIES:
        text = pattern.sub(stands, text)
    # Exporters of other tests run on this machine, some of them on a store that hangs.
    return "\n".join(line.rstrip() for line in text.splitlines() if _OF_OTHERS not in line)


def test_the_pages_run_the_same_commands() -> None:
    english, spanish = (sessions(page) for page in PAGES)
    assert len(english) >= 10
    assert english == spanish
    assert block(PAGES[0], "yaml") == block(PAGES[1], "yaml")
    assert block(PAGES[0], "sh") == block(PAGES[1], "sh")


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Exporter]:
    (text,) = block(PAGES[0], "sh")
    name, command, *flags = text.split()
    assert (name, command) == ("wolkvox-exporter", "simulate")
    with exporter(command, tmp_path / "simulator", *flags) as running:
        yield running


@pytest.mark.integration
def test_every_command_prints_what_the_page_says(simulator: Exporter, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "wolkvox-exporter"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m exporter "$@"\n')
    program.chmod(0o755)
    (config,) = block(PAGES[0], "yaml")
    config = config.replace("http://127.0.0.1:10043", simulator.url).replace(FOLDER, str(tmp_path))
    (tmp_path / "config.yaml").write_text(config)
    env = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    for command, expected in sessions(PAGES[0]):
        done = subprocess.run(
            ["sh", "-c", f"exec 2>&1; {command}"],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert same(done.stdout) == same(expected), command
