"""Every machine installs the same, and no file tells where it was made."""

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
FILES = ["requirements/bench", "requirements/build", "requirements/dev", "requirements/run"]
LOWEST = "tests/packaging/lowest"


class Pin(NamedTuple):
    requirement: Requirement
    hashes: list[str]


def pins(name: str) -> dict[str, Pin]:
    """Read requirements/NAME.txt: distribution name to its pin."""
    return pins_of(f"requirements/{name}")


def pins_of(file: str) -> dict[str, Pin]:
    text = (ROOT / f"{file}.txt").read_text()
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    found: dict[str, Pin] = {}
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        requirement, *hashes = line.split("--hash=")
        pin = Pin(Requirement(requirement.strip()), [entry.strip() for entry in hashes])
        found[canonicalize_name(pin.requirement.name)] = pin
    return found


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def named(requirements: list[Any]) -> list[Requirement]:
    return [Requirement(entry) for entry in requirements if isinstance(entry, str)]


@pytest.mark.parametrize("file", [*FILES, LOWEST])
def test_every_requirement_is_pinned_and_hashed(file: str) -> None:
    assert pins_of(file)
    for pin in pins_of(file).values():
        (clause,) = pin.requirement.specifier
        assert clause.operator == "=="
        assert "*" not in clause.version
        assert pin.hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", entry) for entry in pin.hashes)


@pytest.mark.parametrize("file", [*FILES, LOWEST])
def test_no_requirements_file_holds_an_address_or_a_machine_path(file: str) -> None:
    text = (ROOT / f"{file}.txt").read_text()
    assert "://" not in text
    assert not re.search(r"--(extra-)?index-url|--find-links|--trusted-host", text)
    assert not re.search(r"(^|\s)/\w", text)


@pytest.mark.parametrize("name", ["build", "run"])
def test_development_has_the_same_versions(name: str) -> None:
    developed = pins("dev")
    assert {key: developed.get(key) for key in pins(name)} == pins(name)


def test_run_has_every_dependency_and_extra_within_its_bounds() -> None:
    found = pins("run")
    table = project()["project"]
    extras = table.get("optional-dependencies", {}).values()
    for requirement in named([*table["dependencies"], *[entry for extra in extras for entry in extra]]):
        (clause,) = found[canonicalize_name(requirement.name)].requirement.specifier
        assert requirement.specifier.contains(clause.version), requirement


def test_the_lowest_versions_are_the_lower_bounds() -> None:
    found = pins_of(LOWEST)
    table = project()["project"]
    extras = table["optional-dependencies"].values()
    for requirement in named([*table["dependencies"], *[entry for extra in extras for entry in extra]]):
        (bound,) = requirement.specifier
        (clause,) = found[canonicalize_name(requirement.name)].requirement.specifier
        assert bound.operator == ">="
        assert Version(clause.version) == Version(bound.version), requirement


@pytest.mark.parametrize("group", ["bench", "build", "dev"])
def test_each_group_is_pinned_within_its_bounds(group: str) -> None:
    found = pins(group)
    for requirement in named(project()["dependency-groups"][group]):
        (clause,) = found[canonicalize_name(requirement.name)].requirement.specifier
        assert requirement.specifier.contains(clause.version), requirement


def test_the_build_group_is_what_the_build_system_asks_for() -> None:
    table = project()
    assert table["dependency-groups"]["build"] == table["build-system"]["requires"]


def test_packages_that_benchmarks_share_with_development_have_the_same_versions() -> None:
    developed, measured = pins("dev"), pins("bench")
    shared = developed.keys() & measured.keys()
    assert shared
    assert {key: measured[key] for key in shared} == {key: developed[key] for key in shared}


def test_the_image_installs_no_development_tool() -> None:
    groups = project()["dependency-groups"]
    tools = {canonicalize_name(entry.name) for entry in named([*groups["dev"], *groups["bench"]])}
    assert tools & pins("run").keys() == set()
