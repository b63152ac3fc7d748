"""The package imports nothing that its metadata does not ask for."""

import ast
import sys
import tomllib
from importlib import metadata
from pathlib import Path

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
