"""Every machine installs the same, and no file tells where it was made."""

import re
import tomllib
from importlib.metadata import metadata
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
FILES = ["requirements/build", "requirements/dev", "requirements/release", "requirements/run"]
LOWEST = "tests/packaging/lowest"
DESIGN = ROOT / "docs" / "design.md"
SPDX = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


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


@pytest.mark.parametrize("group", ["build", "dev", "release"])
def test_each_group_is_pinned_within_its_bounds(group: str) -> None:
    found = pins(group)
    for requirement in named(project()["dependency-groups"][group]):
        (clause,) = found[canonicalize_name(requirement.name)].requirement.specifier
        assert requirement.specifier.contains(clause.version), requirement


def test_the_build_group_is_what_the_build_system_asks_for() -> None:
    table = project()
    assert table["dependency-groups"]["build"] == table["build-system"]["requires"]


def test_the_image_installs_no_development_tool() -> None:
    tools = {canonicalize_name(entry.name) for entry in named(project()["dependency-groups"]["dev"])}
    assert tools & pins("run").keys() == set()


def dependencies_table() -> dict[str, list[str]]:
    """Return the cells of docs/design.md after a dependency's name, by its name."""
    _, _, section = DESIGN.read_text().partition("\n## Dependencies\n")
    rows = re.findall(
        r"^\| ([a-z0-9.-]+)(?: \(extra\))? \| (.*) \|$", section.partition("\n## ")[0], re.MULTILINE
    )
    return {canonicalize_name(name): cells.split(" | ") for name, cells in rows if name != "what"}


def needs() -> dict[str, set[str]]:
    """Return the packages of requirements/run.txt with those that need each, by the comments of uv."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / "run.txt").read_text().splitlines():
        if pin := re.match(r"([a-z0-9.-]+)==", line):
            users = found[pin[1]] = set()
        elif user := re.match(r"    #(?: via)? +(?!via$)([a-z0-9.-]+)(?: \(pyproject.toml\))?$", line):
            users.add(user[1])
    return found


def brought_by(name: str, users: dict[str, set[str]]) -> set[str]:
    """Return the packages that a dependency needs, directly or not, and that the project does not name."""
    found = {name}
    while more := {one for one, by in users.items() if by & found and "wolkvox-exporter" not in by} - found:
        found |= more
    return found - {name}


def licence(name: str) -> str:
    """Return what an installed package says of its licence, in the first of the ways in which it can."""
    found = metadata(name)
    classified = [one.rpartition(" :: ")[2] for one in found.get_all("Classifier", []) if "License ::" in one]
    by_classifiers = [" OR ".join(SPDX[one] for one in classified)] if classified else []
    ways = [*found.get_all("License-Expression", []), *by_classifiers, *found.get_all("License", [])]
    return str(ways[0])


def test_the_documented_dependencies_are_those_of_the_project_with_what_each_brings() -> None:
    users = needs()
    assert users.keys() == pins("run").keys()
    assert {
        name: set(re.findall(r"([a-z0-9.-]+) \(", cells[2])) for name, cells in dependencies_table().items()
    } == {name: brought_by(name, users) for name, by in users.items() if "wolkvox-exporter" in by}


def test_the_documented_licences_are_those_of_the_pinned_packages() -> None:
    documented = {name: cells[1] for name, cells in dependencies_table().items()}
    for cells in dependencies_table().values():
        documented |= dict(re.findall(r"([a-z0-9.-]+) \(([^)]+)\)", cells[2]))
    assert documented.keys() == pins("run").keys()
    for name, pin in pins("run").items():
        applies = pin.requirement.marker is None or pin.requirement.marker.evaluate()
        if applies and pin.requirement.specifier.contains(metadata(name)["Version"]):
            assert documented[name] == licence(name), name


def test_each_development_dependency_has_its_reason() -> None:
    _, _, section = DESIGN.read_text().partition("\n### For development\n")
    told = re.findall(r"^- (.*?): ", section.partition("\n## ")[0], re.MULTILINE)
    groups = project()["dependency-groups"].values()
    wanted = {entry.name for group in groups for entry in named(group)}
    assert {name for names in told for name in names.split(", ")} == wanted
