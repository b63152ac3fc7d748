"""docs/evidence.md: nothing that is relied on stands there, or in the tables, without what it rests on."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from exporter.apis import APIS, Api
from exporter.evidence import Content, Evidence, Statement, VendorField
from exporter.families import Column
from exporter.wolkvox.refusals import REFUSALS, KnownRefusal
from generators.evidence_page import render, statements
from generators.metric_reference import cell, weakest

ROOT = Path(__file__).resolve().parents[2]
TEXT = render()

Known = Api | VendorField | KnownRefusal | Statement


def everything() -> Iterator[Known]:
    yield from APIS
    for api in APIS:
        yield from api.vendor_fields
    yield from REFUSALS
    for told in statements().values():
        yield from told


def lacking(known: Known) -> bool:
    """Return whether something does not say what it rests on, and where that was found."""
    return not isinstance(known.evidence, Evidence) or len(known.source.split()) < 2


def rows(section: str) -> Mapping[str, list[str]]:
    """Return the rows of a section's table by their first cell."""
    (text,) = [part for part in TEXT.split("\n#") if part.lstrip("# ").partition("\n")[0] == section]
    lines = [line for line in text.replace(r"\|", "/").splitlines() if line.startswith("|")][2:]
    cells = [[one.strip() for one in line.split("|")[1:-1]] for line in lines]
    return {first: rest for first, *rest in cells}


def test_nothing_is_without_evidence_and_source() -> None:
    assert [known for known in everything() if lacking(known)] == []


def test_what_lacks_them_would_be_found() -> None:
    field = VendorField("made_up", Content.WORD, Evidence.ASSUMED, " ")
    bare = Api(
        "made_up",
        path="",
        vendor_name="",
        title={},
        description="",
        enabled=False,
        interval=1.0,
        columns=(),
        reader=APIS[0].reader,
    )
    made_up: list[Known] = [bare, field, Statement("Made up.", Evidence.SEEN, "")]
    assert all(map(lacking, made_up))
    assert not lacking(VendorField("made_up", Content.WORD, Evidence.ASSUMED, "a test"))


def test_every_statement_of_the_code_is_on_the_page() -> None:
    # A table of another name than STATEMENTS would be missing.
    made = [
        f"{file.name}:{node.lineno}"
        for file in (ROOT / "exporter").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Statement"
    ]
    told = [one for room in statements().values() for one in room]
    assert len(told) == len(made)
    assert all(f"| {cell(one.text)} | {one.evidence} | {cell(one.source)} |" in TEXT for one in told)


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_every_field_has_a_row_with_the_metrics_that_read_it(api: Api) -> None:
    assert rows("APIs")[f"[{api.name}](#{api.name})"][1] == api.evidence
    found = rows(api.name)
    assert set(found) == {f"`{field.name}`" for field in api.vendor_fields}
    for field in api.vendor_fields:
        assert found[f"`{field.name}`"][:2] == [field.content, field.evidence]
    for family in api.families:
        for column in family.columns:
            assert all(f"`{family.name}`" in found[f"`{name}`"][-1] for name in column.fields)


def test_a_field_says_what_it_is_read_for_without_a_metric_too() -> None:
    assert rows("agents")["`agent_name`"][-1] == "what the row is about"
    assert rows("audit_log")["`date`"][-1] == "the exporter's own figures"
    assert rows("token_info")["`token_use_today`"][-1] == "not read"
    assert rows("campaign_settings")["`status`"][-1] == "`wolkvox_campaign_running`"


def test_every_refusal_has_a_row_with_wolkvox_own_words() -> None:
    section = TEXT.partition("## Refusals")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    assert len(lines) == len(REFUSALS)
    for line, known in zip(lines, REFUSALS, strict=True):
        assert all(f"`{text}`" in line for text in (*known.words, known.cause))


def column(api: str, *fields: str) -> Column:
    return Column(api, fields, lambda _row, _zone: 0.0, (fields, 0.0))


def test_several_fields_rest_on_the_weakest_evidence_of_them() -> None:
    assert weakest([column("campaigns", "records", "clean")]) is Evidence.SEEN
    assert weakest([column("campaigns", "records", "hits")]) is Evidence.DOCUMENTED
    settings = [column("campaign_settings", "records"), column("campaign_settings", "turbo_dial")]
    assert weakest(settings) is Evidence.ASSUMED
