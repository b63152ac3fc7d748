"""What the pages say can be followed: links lead somewhere, commands are ones, configurations load."""

import itertools
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from exporter.commands.support.command_line import parse
from exporter.config import ConfigError, load_config

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<kind>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
_SHELLS = {"console", "sh", "bash", "shell"}

# Programs that the pages call beside our own; a word that is none of them is likely a slip.
_PROGRAMS = {
    *("apt-get", "bash", "cat", "cd", "cp", "curl", "docker", "export", "git", "head", "install", "kill"),
    *(
        "cut",
        "kubectl",
        "make",
        "mkdir",
        "openssl",
        "pip",
        "pipx",
        "printf",
        "python3",
        "rm",
        "sed",
        "sh",
        "sudo",
    ),
    *("systemctl", "journalctl", "systemd-analyze", "useradd", "umask", "wolkvox-exporter", "promtool"),
    *("amtool", "prometheus", "htpasswd", "grep", "sha256sum", "gh", "cosign", "pre-commit", "chmod", "echo"),
    *(
        "redis-server",
        "prometheus-alertmanager",
        "node",
        "npm",
        "kustomize",
        "chown",
        "ls",
        "jq",
        "sleep",
        "test",
        "mv",
    ),
}
_BEFORE_A_PROGRAM = {"sudo", "exec"}


@dataclass(frozen=True)
class Block:
    """A fenced block: its page, its line, what kind it says to be, its text."""

    page: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*kinds: str) -> list[Block]:
    found = []
    for page in PAGES:
        text = page.read_text()
        for match in _FENCE.finditer(text):
            if match["kind"] in kinds:
                indent = re.compile(f"^{match['indent']}", re.MULTILINE)
                line = text.count("\n", 0, match.start()) + 1
                found.append(Block(page, line, match["kind"], indent.sub("", match["text"])))
    return found


def commands(block: Block) -> Iterator[str]:
    """Give the commands of a shell block: after "$ " in a session, else every line."""
    lines = iter(block.text.splitlines())
    for line in lines:
        if block.kind == "console" and not line.startswith("$ "):
            continue
        command = line.removeprefix("$ ")
        while command.endswith("\\"):
            command = command[:-1] + next(lines).removeprefix("> ").strip()
        if command.strip() and not command.lstrip().startswith("#"):
            yield command


def simple(command: str) -> Iterator[list[str]]:
    """Give the words of each program call in a line, without assignments, redirections and comments."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    skip = False
    for word in lexer:
        if word == "#":
            break
        if set(word) <= set("|&;") and word:
            yield words
            words = []
        elif set(word) <= set("<>&") and word:
            skip = True
        elif skip:
            skip = False
        elif words or not re.fullmatch(r"[A-Z_]+=.*", word):
            words.append(word)
    yield words


def slug(heading: str) -> str:
    """Return the anchor that forges give a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    text = _FENCE.sub("", page.read_text())
    return {slug(match[1]) for match in _HEADING.finditer(text)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for match in _LINK.finditer(_FENCE.sub("", page.read_text())):
        target, _, anchor = match[1].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        place = (page.parent / unquote(target)).resolve() if target else page
        if not place.exists() or (anchor and place.suffix == ".md" and anchor not in anchors(place)):
            broken.append(match[1])
    assert broken == []


@pytest.mark.parametrize("block", blocks(*_SHELLS), ids=str)
def test_every_command_is_one(block: Block) -> None:
    script = "\n".join(commands(block))
    checked = subprocess.run(
        ["bash", "-n"], input=script, capture_output=True, text=True, check=False, timeout=30
    )
    assert checked.returncode == 0, checked.stderr
    for command in commands(block):
        for words in simple(command):
            if not words:
                continue
            # The user's name is the program's.
            program, *arguments = itertools.dropwhile(
                _BEFORE_A_PROGRAM.__contains__, words[3:] if words[:2] == ["sudo", "-u"] else words
            )
            assert program in _PROGRAMS or "/" in program, program
            if program.endswith("wolkvox-exporter"):
                parse_ours(arguments)
            if program == "make":
                makefile = (ROOT / "Makefile").read_text()
                targets = [word for word in arguments if "=" not in word and not word.startswith("-")]
                assert [target for target in targets if f"\n{target}:" not in makefile] == []


def parse_ours(argv: list[str]) -> None:
    try:
        parse(argv)
    except SystemExit as ended:
        assert ended.code == 0, argv  # noqa: PT017 - --help and --version end well


@pytest.mark.parametrize(
    "block", [b for b in blocks("yaml") if re.search("^operations:", b.text, re.MULTILINE)], ids=str
)
def test_every_configuration_loads(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tmp_path / "token"
    token.write_text("invented-token\n")
    text = re.sub(r"(token_file: *)[^\s,}]+", rf"\g<1>{token}", block.text)
    for name in re.findall(r"token_env: *([A-Z0-9_]+)", text):
        monkeypatch.setenv(name, f"invented-{name}")
    file = tmp_path / "config.yaml"
    file.write_text(text)
    try:
        load_config(file)
    except ConfigError as error:
        pytest.fail("\n".join(error.lines()))


def test_where_each_operation_is_a_target_the_exporter_itself_is_still_watched() -> None:
    (block,) = [b for b in blocks("yaml") if b.page.name == "prometheus.md" and "name[]" in b.text]
    (own,) = [job for job in yaml.safe_load(block.text)["scrape_configs"] if "params" in job]
    read = "\n".join(
        path.read_text()
        for folder in ("prometheus/rules", "grafana")
        for path in (ROOT / folder).rglob("*.*")
    )
    wanted = set(re.findall(r"\b(?:wolkvox_exporter|process|python)_[a-z_]+", read))
    assert wanted <= set(own["params"]["name[]"]), "rules and dashboards read these"


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_every_piece_of_yaml_is_some(block: Block) -> None:
    assert list(yaml.safe_load_all(block.text))
