"""docs/metrics.md: complete, and never behind the tables that it is made of."""

from collections.abc import Iterable

import pytest

from exporter.apis import BY_NAME
from exporter.families import Family
from exporter.judgement.results import RESULTS
from exporter.metrics import FAMILIES
from exporter.polling.updates import DISCARD_REASONS, SKIP_REASONS
from exporter.wolkvox import Cause
from generators.metric_reference import render

TEXT = render()


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_family_has_a_row(family: Family) -> None:
    (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| `{family.name}` |")]
    assert all(f"`{label}`" in row for label in family.label_names)
    assert all(column.field in row for column in family.columns)
    assert str(family.metric_type) in row


@pytest.mark.parametrize(
    ("family", "evidence"),
    [
        ("wolkvox_campaign_running", "seen, else documented"),
        ("wolkvox_campaign_speed_ratio", "documented, else assumed"),
        ("wolkvox_campaign_clean_records", "seen"),
        ("wolkvox_campaign_info", "documented"),
        ("wolkvox_campaign_turbo_dial", "assumed"),
        ("wolkvox_campaign_state", ""),
    ],
)
def test_a_family_rests_on_what_its_fields_rest_on(family: str, evidence: str) -> None:
    (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| `{family}` |")]
    assert row.split(" |")[5].strip() == evidence


@pytest.mark.parametrize(
    ("label", "values"),
    [
        ("`api`", BY_NAME),
        ("`cause`", Cause),
        ("`result` of shares", RESULTS),
        ("`reason` of skipped polls", SKIP_REASONS),
        ("`reason` of discarded rows", DISCARD_REASONS),
        *[
            (f"`{family.labels[0]}`", [column.labels[0] for column in family.columns])
            for family in FAMILIES
            if family.name in {"wolkvox_campaign_outcome_records", "wolkvox_campaign_machine_codes"}
        ],
    ],
)
def test_the_values_of_a_closed_label_are_all_there(label: str, values: Iterable[str]) -> None:
    (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| {label} |")]
    told = row.split("|")[2].partition(":")[0].strip()
    assert told == ", ".join(f"`{value}`" for value in values)


def test_every_table_is_a_table() -> None:
    for line in TEXT.splitlines():
        if line.startswith("|"):
            assert line.endswith("|")
    for block in TEXT.split("\n\n"):
        rows = [line.replace(r"\|", "").count("|") for line in block.splitlines() if line.startswith("|")]
        assert len(set(rows)) <= 1, block
