"""What the Dockerfile says, held against the program; tests/deploy/test_containers.py builds it."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pytest

from exporter.commands.support.command_line import DEFAULT_CONFIG_FILE, parse
from exporter.config.state import SERVICE_FOLDER
from exporter.metrics.process import revision

ROOT = Path(__file__).resolve().parents[2]
STATE = "/var/lib/wolkvox-exporter"


class Instruction(NamedTuple):
    word: str
    rest: str

    def words(self) -> list[str]:
        """Read the exec form, which is JSON; the shell form is none and fails."""
        value = json.loads(self.rest)
        assert isinstance(value, list)
        assert all(isinstance(word, str) for word in value)
        return value


def instructions(text: str) -> Iterator[Instruction]:
    """Split a Dockerfile into its instructions: comments out, continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield Instruction(word.upper(), rest.strip())


@pytest.fixture(scope="module")
def stages() -> list[list[Instruction]]:
    found: list[list[Instruction]] = []
    for instruction in instructions((ROOT / "Dockerfile").read_text()):
        if instruction.word == "FROM":
            found.append([])
        if found:
            found[-1].append(instruction)
    return found


@pytest.fixture(scope="module")
def final(stages: list[list[Instruction]]) -> list[Instruction]:
    return stages[-1]


def only(stage: list[Instruction], word: str) -> Instruction:
    (found,) = [instruction for instruction in stage if instruction.word == word]
    return found


def test_two_stages_from_one_slim_base(stages: list[list[Instruction]]) -> None:
    base = re.fullmatch(r"python:(\d\.\d+)-slim-\w+ AS base", stages[0][0].rest)
    assert base is not None
    assert [stage[0].rest for stage in stages[1:]] == ["base AS builder", "base"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"Programming Language :: Python :: {base[1]}" in project["classifiers"]


def test_runs_as_a_numeric_user_that_owns_the_state(final: list[Instruction]) -> None:
    assert only(final, "USER").rest == "65532:65532"
    assert only(final, "VOLUME").words() == [STATE]
    # The group is that of users whom a cluster has chosen (OpenShift's guidelines for images).
    commands = [command.strip() for command in only(final, "RUN").rest.split("&&")]
    assert {f"mkdir --mode=0775 {STATE}", f"chown 65532:0 {STATE}"} <= set(commands)


def environment(stage: list[Instruction]) -> dict[str, str]:
    settings = [entry for part in stage if part.word == "ENV" for entry in part.rest.split()]
    return dict(entry.split("=", 1) for entry in settings)


def test_state_goes_into_the_volume_by_default(final: list[Instruction]) -> None:
    assert SERVICE_FOLDER.as_posix() == STATE
    assert "XDG_STATE_HOME" not in environment(final)


def test_operators_find_the_program_and_its_configuration(final: list[Instruction]) -> None:
    (program,) = only(final, "ENTRYPOINT").words()
    first, _, others = environment(final)["PATH"].partition(":")
    assert (first, others) == (str(PurePosixPath(program).parent), "$PATH")
    arguments = parse(only(final, "CMD").words())
    assert PurePosixPath(only(final, "WORKDIR").rest) / DEFAULT_CONFIG_FILE == arguments.config_file
    # Where commands write answers before they print them, even in a container that is read-only.
    assert environment(final)["TMPDIR"] == STATE


def test_image_tells_the_program_its_revision(
    final: list[Instruction], monkeypatch: pytest.MonkeyPatch
) -> None:
    (name,) = [name for name, value in environment(final).items() if value == "${REVISION}"]
    monkeypatch.setenv(name, "0a1b2c3")
    assert revision() == "0a1b2c3"


def test_entry_point_is_the_console_script(final: list[Instruction]) -> None:
    (program,) = only(final, "ENTRYPOINT").words()
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert PurePosixPath(program).name in scripts
    environment = str(PurePosixPath(program).parents[1])
    assert f"--from=builder {environment} {environment}" in [
        instruction.rest for instruction in final if instruction.word == "COPY"
    ]


def test_health_check_is_in_exec_form(final: list[Instruction]) -> None:
    # The shell form needs a shell in the image, and reports the shell's health rather than the program's.
    options, _, rest = only(final, "HEALTHCHECK").rest.partition("CMD")
    assert all(option.startswith("--") for option in options.split())
    program, *words = Instruction("CMD", rest.strip()).words()
    assert [program] == only(final, "ENTRYPOINT").words()
    assert words == ["health"]


def test_is_stopped_by_the_signal_that_serve_listens_to(final: list[Instruction]) -> None:
    assert only(final, "STOPSIGNAL").rest == "SIGTERM"


def matched(patterns: Iterable[str]) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for pattern in patterns
        for path in ROOT.glob(pattern.removeprefix("/"))
        if path.is_file()
    }


def test_sees_the_files_of_the_wheel_and_the_requirements_and_copies_them_all(
    stages: list[list[Instruction]],
) -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    seen = [line.removeprefix("!") for line in ignored if line.startswith("!")]
    assert [pattern for pattern in seen if not list(ROOT.glob(pattern))] == []
    folders = {pattern for pattern in seen if (ROOT / pattern).is_dir()}
    assert folders == {"exporter"}
    assert ignored[ignored.index("!exporter") + 1] == "exporter/**/*.*"

    copied = {
        source.rstrip("/")
        for stage in stages
        for instruction in stage
        if instruction.word == "COPY" and not instruction.rest.startswith("--from")
        for source in instruction.rest.split()[:-1]
    }
    assert [name for name in copied if not (ROOT / name).exists()] == []
    files = matched(seen)
    assert [file for file in files if not any((file + "/").startswith(f"{name}/") for name in copied)] == []

    packed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["include"]
    needed = {"pyproject.toml", "requirements/build.txt", "requirements/run.txt"}
    assert files == matched(packed) - {"config.example.yaml"} | needed


def test_everything_from_the_network_is_checked_by_hash(stages: list[list[Instruction]]) -> None:
    commands = [
        command.split()
        for stage in stages
        for instruction in stage
        if instruction.word == "RUN"
        for command in instruction.rest.split("&&")
    ]
    installs = [words for words in commands if "install" in words]
    assert installs
    assert all("--require-hashes" in words or "--no-index" in words for words in installs)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "exporter", *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.integration
def test_exposes_the_port_that_serve_listens_on(final: list[Instruction]) -> None:
    port = only(final, "EXPOSE").rest
    told = run("serve", "--help")
    assert told.returncode == 0, told.stderr
    assert f":{port}" in told.stdout


@pytest.mark.integration
def test_command_is_one_that_the_program_understands(final: list[Instruction]) -> None:
    words = only(final, "CMD").words()
    path = words[-1].partition("=")[2]
    if Path(path).exists():
        pytest.skip(f"{path} exists: serving it would call the vendor, test left out")
    told = run(*words)
    # A wrong command line ends with 2; this one is understood, and only its file is missing.
    assert told.returncode == 1, told.stderr
    assert path in told.stderr


@pytest.mark.integration
def test_health_check_is_one_that_the_program_understands(final: list[Instruction]) -> None:
    _, *words = json.loads(only(final, "HEALTHCHECK").rest.partition("CMD")[2])
    told = run(*words)
    # Whether an exporter runs on this machine is another matter: 0 or 1. A wrong command line ends with 2.
    assert told.returncode in {0, 1}, told.stderr
    assert "Traceback" not in told.stderr
