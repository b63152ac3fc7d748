"""Names say one thing each: classes, modules, constants with their unit, and what a function returns."""

import ast
import importlib
from collections import defaultdict
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "exporter").rglob("*.py"))
TREES = {source.relative_to(ROOT): ast.parse(source.read_text()) for source in SOURCES}

ENDINGS = {
    "a time": "SECONDS MINUTES SLOTS DAYS WEEKS YEARS INTERVALS",
    "a size": "BITS BYTES CHARACTERS DIGITS UNITS",
    "a share, 1 for all": "RATIO",
    "a count": "ANSWERS BRACES CALLS CAMPAIGNS CHECKS CONNECTIONS CUSTOMERS DESCRIPTORS ENDS FAILURES FIELDS "
    "FORMS LICENCES LINES OPERATIONS POLLS PREDICTIVES PROBLEMS RECORDS REFUSALS RESULTS ROWS STATUSES "
    "STREAMS TELEPHONES THREADS",
    "a number that stands for something": "BYTE CODE DESCRIPTOR ID MASK OPTION PORT PRIORITY STATUS VERSION",
    "a setting, as its program calls it": "BACKLOG COST LEVEL MODE",
    "a number as such": "INTEGER NUMBER",
}
"""What the name of a number ends in, before a `_PER_...`: its unit, or what it counts."""

VERBS = (
    "Return Yield "
    "Add Answer Apply Ask Call Check Close Code Connect Count Decode Drop End Hold Log Make Mask Note Notify "
    "Open Poll Print Publish Put Raise Read Release Remove Replace Restore Run Send Serve Set Start Stop "
    "Store Take Wait Write"
)
"""The first words of docstrings of functions: what is returned, else what is done."""


def outside(source: Path, *rooms: str) -> bool:
    return source.parts[1] not in rooms


def repeated(named: Iterator[tuple[str, Path]]) -> dict[str, list[str]]:
    """Return the names that stand for several things, and where."""
    places = defaultdict(list)
    for name, source in named:
        places[name].append(str(source))
    return {name: sources for name, sources in places.items() if len(sources) > 1}


def test_no_two_classes_have_the_same_name() -> None:
    classes = (
        (node.name, source)
        for source, tree in TREES.items()
        if outside(source, "simulator")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )
    assert repeated(classes) == {}


def test_no_two_modules_have_the_same_file_name() -> None:
    # A file in commands/ has the name of its command.
    modules = (
        (source.name, source)
        for source in TREES
        if outside(source, "simulator", "commands") and source.name not in {"__init__.py", "model.py"}
    )
    assert repeated(modules) == {}


def numbers(source: Path, tree: ast.Module) -> Iterator[str]:
    """Yield the names of a module's own constants whose values are numbers."""
    module = importlib.import_module(".".join(source.with_suffix("").parts).removesuffix(".__init__"))
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        for name in (
            found.id for target in targets for found in ast.walk(target) if isinstance(found, ast.Name)
        ):
            value = getattr(module, name, None)
            if isinstance(value, int | float) and not isinstance(value, bool | Enum):
                yield name


def test_numbers_say_their_unit_or_what_they_count() -> None:
    endings = tuple(f"_{word}" for words in ENDINGS.values() for word in words.split())
    wrong = [
        f"{source}: {name}"
        for source, tree in TREES.items()
        if outside(source, "simulator")  # whose numbers are the facts of an invented floor
        for name in numbers(source, tree)
        if not f"_{name}".partition("_PER_")[0].endswith(endings)
    ]
    assert wrong == []


def functions(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    """Yield the functions that have a docstring, with its first word; properties are like attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorators = {name.id for name in node.decorator_list if isinstance(name, ast.Name)}
            text = ast.get_docstring(node)
            if text and not decorators & {"property", "cached_property"}:
                yield node, text.split()[0].rstrip(".,:;")


def test_docstrings_begin_with_what_is_returned_or_done() -> None:
    wrong = [
        f"{source}:{node.lineno} {node.name}: {word}"
        for source, tree in TREES.items()
        for node, word in functions(tree)
        if not node.name.startswith("_") and word not in VERBS.split()
    ]
    assert wrong == []


def test_no_docstring_tells_or_says() -> None:
    # "Tell whether" is "Return whether": a function that tells something returns it, prints it or logs it.
    wrong = [
        f"{source}:{node.lineno} {node.name}"
        for source, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and (ast.get_docstring(node) or "").startswith(("Tell ", "Say "))
    ]
    assert wrong == []
