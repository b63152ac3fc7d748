"""The package imports nothing that its metadata does not ask for."""

import ast
import graphlib
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def imported(source: Path) -> set[str]:
    """Name the top-level packages that a module imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def test_third_party_imports_are_dependencies_or_extras() -> None:
    # Where development tools are installed, an undeclared import works; at a user's it would not.
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = table.get("optional-dependencies", {}).values()
    asked = [*table["dependencies"], *[entry for extra in extras for entry in extra]]
    declared = {canonicalize_name(Requirement(entry).name) for entry in asked}
    providers = metadata.packages_distributions()
    undeclared = {
        f"{source.relative_to(ROOT)}: {name}"
        for source in (ROOT / "exporter").rglob("*.py")
        for name in imported(source) - set(sys.stdlib_module_names) - {"exporter"}
        if not declared & {canonicalize_name(provider) for provider in providers.get(name, [])}
    }
    assert undeclared == set()


BESIDE = {"clock", "glossary", "logs", "loopback", "private_files", "time_limit", "users", "__version__"}
"""Modules beside the rooms that know no room, and that every room may use."""

_TABLE = (ROOT / "docs" / "design.md").read_text().partition("## The rooms")[2].partition("\n## ")[0]

ROOMS: dict[str, set[str]] = {
    room: set(re.findall(r"`(\w+)`", imports))
    for room, imports in re.findall(r"^\| `(\w+)` \|([^|]*)\|", _TABLE, re.MULTILINE)
}
"""Room -> the rooms that it may import; `commands` stands above all of them."""


def room(module: str) -> str:
    return module.split(".")[1]


def imported_rooms(source: Path) -> set[str]:
    """Name the rooms of the package that a module imports, wherever in it."""
    rooms = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            rooms |= {room(alias.name) for alias in node.names if alias.name.startswith("exporter.")}
        elif isinstance(node, ast.ImportFrom) and node.module == "exporter":
            rooms |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("exporter."):
            rooms.add(room(node.module or ""))
    return rooms


def test_imports_between_rooms_run_one_way() -> None:
    package = ROOT / "exporter"
    wrong = set()
    for source in package.rglob("*.py"):
        own = source.relative_to(package).parts[0].removesuffix(".py")
        if own in {"commands", "__main__", "__init__"}:
            continue
        allowed = BESIDE if own in BESIDE else ROOMS[own] | BESIDE | {own}
        wrong |= {f"{source.relative_to(ROOT)}: {name}" for name in imported_rooms(source) - allowed}
    assert wrong == set()


@pytest.mark.parametrize(("own", "libraries"), [("settings", {"yaml"}), ("toolkit", {"bcrypt", "h11"})])
def test_what_knows_nothing_of_wolkvox_could_be_a_package_of_its_own(own: str, libraries: set[str]) -> None:
    wrong = set()
    for source in (ROOT / "exporter" / own).rglob("*.py"):
        found = imported(source) - set(sys.stdlib_module_names) - {"exporter"} - libraries
        found |= imported_rooms(source) - ROOMS[own] - {own}
        found |= {"wolkvox"} if "wolkvox" in source.read_text().lower() else set()
        wrong |= {f"{source.relative_to(ROOT)}: {name}" for name in found}
    assert wrong == set()


def test_the_rooms_are_in_an_order_and_the_vendor_is_known_to_polling_alone() -> None:
    order = list(graphlib.TopologicalSorter(ROOMS).static_order())  # raises CycleError
    way = ["wolkvox", "polling", "status", "web", "service"]
    assert [name for name in order if name in way] == way
    assert order.index("snapshot") < order.index("metrics") < order.index("web")
    # `apis` says what is called, `service` wires the rooms together, and commands ask what nobody polls.
    assert {name for name, uses in ROOMS.items() if "wolkvox" in uses} == {
        "apis",
        "capture",
        "doctor",
        "polling",
        "operators",
        "service",
    }
    assert not ROOMS["web"] & {"polling", "traffic", "state"}
    assert not any("simulator" in uses for uses in ROOMS.values())


def test_every_room_is_in_the_table_of_the_documentation() -> None:
    there = {
        path.name.removesuffix(".py")
        for path in (ROOT / "exporter").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert there - {"__init__", "__main__", "commands"} == set(ROOMS) | (BESIDE - {"__version__"})
