"""The commands that a newcomer types."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALL = ROOT / "scripts" / "install-servers"


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_phony_target_is_described() -> None:
    (line,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(line.split()) == targets()


def test_the_readme_names_only_targets_that_exist() -> None:
    named = set(re.findall(r"(?:^|`|\$ )make ([a-z]+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert {"demo", "test"} <= named
    assert named <= targets()


@pytest.mark.integration
def test_help_lists_every_target() -> None:
    result = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert set(re.findall(r"^  make ([a-z]+)  +\w", result.stdout, re.MULTILINE)) == targets()


def test_ci_leaves_no_test_out() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert re.search(r"^export REQUIRE_SERVERS=1$", script.read_text(), re.MULTILINE)
    assert script.read_text().rstrip().endswith("\nexec make test lowest deployment")


@pytest.fixture
def install(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the installer on a machine made of stand-ins: a name is a program, its text what it does."""

    def run(**programs: str) -> subprocess.CompletedProcess[str]:
        sh = shutil.which("sh")
        assert sh is not None
        for name, text in programs.items():
            path = tmp_path / name.replace("_", "-")
            path.write_text(f"#!{sh}\n{text}\n")
            path.chmod(0o755)
        return subprocess.run(
            [sh, INSTALL, "prometheus", "redis-server"],
            env={"PATH": os.fspath(tmp_path)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


@pytest.mark.integration
def test_installer_leaves_a_complete_machine_alone(
    install: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    result = install(dpkg_query="echo installed", id="echo 0", apt_get="echo unwanted; exit 1")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.integration
@pytest.mark.parametrize(
    "machine",
    [
        {"id": "echo 1000", "dpkg_query": "exit 1", "apt_get": "echo unwanted"},
        {"id": "echo 0"},
    ],
    ids=["ordinary user", "not Debian"],
)
def test_installer_names_what_it_may_not_install(
    install: Callable[..., subprocess.CompletedProcess[str]], machine: dict[str, str]
) -> None:
    result = install(**machine)
    assert result.returncode == 0
    assert "prometheus redis-server" in result.stdout
    assert "unwanted" not in result.stdout
