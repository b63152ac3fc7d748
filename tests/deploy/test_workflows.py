"""The workflows fit GitHub's schema, call what is there, and give nobody more rights than the work needs."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import exporter

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def check(schema: str, *files: Path) -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def workflow(name: str) -> Any:
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text())


def steps() -> list[tuple[str, dict[str, Any]]]:
    return [
        (file.name, step)
        for file in WORKFLOWS
        for job in workflow(file.name)["jobs"].values()
        for step in job.get("steps", [])
    ]


def test_they_fit_the_schema() -> None:
    check("vendor.github-workflows", *WORKFLOWS)
    check("vendor.dependabot", ROOT / ".github" / "dependabot.yml")


def test_the_oldest_and_the_newest_python_are_those_that_the_package_names() -> None:
    versions = workflow("ci.yml")["jobs"]["check"]["strategy"]["matrix"]["python"]
    project = (ROOT / "pyproject.toml").read_text()
    assert [f'"Programming Language :: Python :: {version}"' in project for version in versions] == [True] * 4
    assert f'requires-python = ">={versions[0]}"' in project


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_nobody_may_more_than_read_unless_a_job_says_so(file: Path) -> None:
    found = workflow(file.name)
    assert found["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in found["jobs"].values() if "steps" in job)


def test_only_what_publishes_may_write() -> None:
    writing = {
        (file.name, name): {right for right, how in job["permissions"].items() if how == "write"}
        for file in WORKFLOWS
        for name, job in workflow(file.name)["jobs"].items()
        if "permissions" in job
    }
    assert writing == {
        ("image.yml", "publish"): {"id-token", "attestations"},
        ("release.yml", "image"): {"id-token", "attestations"},
        ("release.yml", "index"): {"id-token", "attestations"},
        ("release.yml", "announce"): {"contents"},
    }
    assert workflow("image.yml")["jobs"]["publish"]["if"] == "inputs.publish"
    assert workflow("image.yml")["jobs"]["publish"]["needs"] == "test"
    release = workflow("release.yml")["jobs"]
    assert [(name, job.get("needs")) for name, job in release.items()] == [
        ("build", None),
        ("image", "build"),
        ("index", "image"),
        ("announce", "index"),
    ]
    # YAML reads the key "on" as true.
    assert set(workflow("release.yml")[True]) == {"push"}
    assert set(workflow("release.yml")[True]["push"]) == {"tags"}
    triggers = workflow("image.yml")[True]
    assert set(triggers) == {"push", "pull_request", "workflow_call"}
    assert triggers["workflow_call"]["inputs"]["publish"]["default"] is False


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_secrets_are_only_for_what_publishes(file: Path) -> None:
    for name, job in workflow(file.name)["jobs"].items():
        if "write" not in job.get("permissions", {}).values():
            assert "secrets." not in str(job), name


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_every_action_is_pinned_with_its_version_as_a_comment(file: Path) -> None:
    used = re.findall(r"^ *(?:- )?uses: (.+)$", file.read_text(), re.MULTILINE)
    assert used
    for action in used:
        assert action.startswith("./") or re.fullmatch(
            r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action
        ), action


def test_one_version_of_an_action_everywhere() -> None:
    used = {step["uses"] for _, step in steps() if "uses" in step}
    assert len(used) == len({action.partition("@")[0] for action in used})


def test_dependabot_watches_whatever_is_pinned() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    watched = {(update["package-ecosystem"], update["directory"]) for update in updates}
    assert watched == {
        ("github-actions", "/"),
        ("docker", "/"),
        ("docker-compose", "/deploy/compose"),
        ("pip", "/requirements"),
    }
    for _, directory in watched:
        assert (ROOT / directory.removeprefix("/")).is_dir()
    # It does not read what an ARG says (dependabot-core, issue 2057).
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert not [base for base in bases if "$" in base]


def test_a_step_never_pastes_what_others_wrote_into_a_shell() -> None:
    # What stands between the braces would be part of the script (GitHub documentation, "Script injections").
    pasted = [(name, step["run"]) for name, step in steps() if "${{" in step.get("run", "")]
    assert pasted == [("ci.yml", "make check PYTHON=python${{ matrix.python }}")]


def test_they_call_targets_and_scripts_that_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for _, step in steps():
        for command in step.get("run", "").splitlines():
            words = command.split()
            if words[:1] == ["make"]:
                assert f"\n{words[1]}:" in makefile
            if words[:1] == ["sh"] or words[:1] == [".ci/run"]:
                assert (ROOT / words[1 if words[0] == "sh" else 0]).is_file()


def test_the_notes_of_a_release_are_its_entry_of_the_changelog() -> None:
    def notes(tag: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", ROOT / "scripts" / "check-release", tag],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    entry = (ROOT / "CHANGELOG.md").read_text().split("\n## ")[1]
    unreleased = entry.startswith("Unreleased")
    told = notes(f"v{exporter.__version__}")
    assert told.returncode == (1 if unreleased else 0), told.stderr
    if not unreleased:
        assert told.stdout.strip() == entry.partition("\n")[2].strip()
    refused = notes("v0.0.1")
    assert (refused.returncode, refused.stdout) == (1, "")
