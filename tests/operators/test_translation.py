"""The language of the operator's commands: which one, and that every text is there in both."""

import ast
import re
import string
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.commands import find_record
from exporter.commands.support.command_line import make_parser
from exporter.glossary import terms
from exporter.operators import plan, spoiled_values, telephone_filter
from exporter.operators.translation import (
    choose_language,
    column_title,
    counted,
    language_of_locale,
    spanish_texts,
    translated,
)
from exporter.wolkvox import Cause, transport
from exporter.wolkvox.deadline import Deadline

ROOT = Path(__file__).resolve().parents[2]
OPERATORS = ("machine-codes", "find-record", "codify", "clean-list")
SOURCES = [*(ROOT / "exporter/operators").glob("*.py"), *(ROOT / "exporter/commands").rglob("*.py")]
TRANSLATING = {"translated": 0, "say": 0, "counted": 1, "explain_empty": 1}
"""The functions that translate, and at which place they have the text."""


def constants(node: ast.expr, module: ast.Module) -> Iterator[str]:
    """Yield the texts that an expression may be; a name is all that the module gives it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from constants(node.body, module)
        yield from constants(node.orelse, module)
    elif isinstance(node, ast.Subscript):
        yield from constants(node.value, module)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from constants(value, module)
    elif isinstance(node, ast.Name):
        for statement in ast.walk(module):
            if isinstance(statement, ast.Assign) and node.id in map(ast.unparse, statement.targets):
                yield from constants(statement.value, module)


def told(source: Path) -> Iterator[str]:
    """Yield the texts of a module that are told to people in their language."""
    module = ast.parse(source.read_text())
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATING:
            place = TRANSLATING[node.func.id]
            for text in constants(node.args[place], module) if len(node.args) > place else ():
                yield from (text, f"{text}s") if node.func.id == "counted" else (text,)


def helped() -> Iterator[str]:
    """Yield what `--help` of the operators' commands says in English."""
    choose_language("en")
    (commands,) = (action for action in make_parser()._actions if action.dest == "command")
    assert isinstance(commands.choices, dict)
    for name in OPERATORS:
        parser = commands.choices[name]
        yield from (parser.description, *(action.help for action in parser._actions))


def failed() -> Iterator[str]:
    """Yield the fixed details and hints of calls that fail."""
    yield from Cause
    for file in (ROOT / "exporter").rglob("*.py"):
        source = file.read_text()
        module = ast.parse(source if "RequestFailed(" in source else "")
        for node in ast.walk(module):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "RequestFailed"
            ):
                given = [*node.args[1:], *(keyword.value for keyword in node.keywords)]
                yield from (text for value in given for text in constants(value, module) if text)
    for *_, detail, hint in (
        *transport._MEANINGS_AT_PROXY,
        *transport._MEANINGS_BEFORE,
        *transport._MEANINGS_AFTER,
    ):
        yield from filter(None, (detail, hint))
    yield from (text for name, text in vars(transport).items() if name.endswith("_HINT"))
    for at_proxy in (False, True):
        yield transport._timed_out(Deadline(60.0, time.monotonic), None, at_proxy=at_proxy).detail


ARGPARSE = {
    "usage: ",
    "options",
    "%(prog)s: error: %(message)s\n",
    "argument %(argument_name)s: %(message)s",
    "the following arguments are required: %s",
    "one of the arguments %s is required",
    "unrecognized arguments: %s",
    "not allowed with argument %s",
    "expected one argument",
    "expected at least one argument",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "ignored explicit argument %r",
}
"""What argparse says to people who use its flags in a wrong way."""


def texts() -> set[str]:
    """Return every English text that a command may say in Spanish."""
    return {
        *(text for source in SOURCES if source.name != "doctor.py" for text in told(source)),
        *helped(),
        *failed(),
        *ARGPARSE,
        *plan.REASONS,
        *plan.Action,
        *(problem for _, problem in spoiled_values._SPOILED_IDS),
    }


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    choose_language("en")


def test_every_text_is_there_in_both_languages() -> None:
    told_in_spanish = {*spanish_texts()["texts"], *spanish_texts()["nouns"]}
    assert texts() - told_in_spanish == set()
    assert told_in_spanish - texts() == set()


def test_every_column_of_a_table_has_a_spanish_title() -> None:
    columns = {
        *plan.COLUMNS,
        *telephone_filter.TELEPHONE_COLUMNS,
        *telephone_filter.SUM_COLUMNS,
        *find_record._TABLE_COLUMNS,
        "campaign_id",
        "campaign",
    }
    own = set(spanish_texts()["columns"])
    glossary = {*terms()["term"], *terms()["result"]}
    assert columns - own - glossary == set()
    assert own - columns == set()
    assert own & glossary == set(), "the glossary has that word"
    assert column_title("no_answer") == "no_answer"
    choose_language("es")
    assert [column_title(column) for column in ("no_answer", "campaign", "telephone")] == [
        "No contesta",
        "Campaña",
        "Teléfono",
    ]


def blanks(text: str) -> list[str]:
    """Return the blanks of a text, those of argparse too."""
    named = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    return sorted([*named, *re.findall(r"%(?:\(\w+\))?[sr]", text)])


@pytest.mark.parametrize("table", ["texts", "nouns", "columns"])
def test_both_languages_have_the_same_blanks(table: str) -> None:
    for english, spanish in spanish_texts()[table].items():
        assert blanks(english) == blanks(spanish), english
        assert spanish.strip(" ") == spanish or english in {" and ", " or ", "usage: "}


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "es_CO.UTF-8"}, "es"),
        ({"LANG": "es"}, "es"),
        ({"LANG": "ES_mx@euro"}, "es"),
        ({"LANG": "es-419"}, "es"),
        ({"LANG": "est_EE"}, "en"),
        ({"LANG": "et_EE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "es_CO.UTF-8"}, "es"),
        ({"LANG": "es_CO.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "es_CO.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "es_CO.UTF-8", "LC_ALL": "", "LC_MESSAGES": ""}, "es"),
        ({"LC_TIME": "es_CO.UTF-8"}, "en"),
    ],
)
def test_the_locale_of_messages_says_the_language(environment: dict[str, str], language: str) -> None:
    assert language_of_locale(environment) == language


def test_what_is_not_ours_stays_as_it_is() -> None:
    choose_language("es")
    assert translated("HTTP 500 {x} %s") == "HTTP 500 {x} %s"
    assert translated("journal: {path}", path="{a}%s") == "diario: {a}%s"
    assert [counted(number, "call") for number in (0, 1, 2)] == ["0 consultas", "1 consulta", "2 consultas"]
    choose_language("en")
    assert [counted(number, "call") for number in (0, 1, 2)] == ["0 calls", "1 call", "2 calls"]
