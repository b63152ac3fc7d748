"""Recorded answers, and the exact exposition that comes of them.

After a wanted change: make generate, and read the difference before it is committed.
"""

import json
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter.apis import CAMPAIGN_FAMILIES
from exporter.families import MetricType
from exporter.metrics import FAMILIES
from exporter.wolkvox import Disposition, DispositionOutcome, FoundRecord
from exporter.wolkvox.campaign_api import judge_disposition
from golden.recording import ACCEPT, ask, polled

HERE = Path(__file__).parent


@pytest.mark.parametrize("form", ACCEPT)
@pytest.mark.parametrize("recorded", ["vendor", "recorded"])
def test_recorded_answers_make_exactly_this_exposition(recorded: str, form: str) -> None:
    with polled(HERE / recorded) as service:
        text = ask(service, ACCEPT[form]).content.decode()
    assert text == (HERE / f"{recorded}.{form}").read_text(), "is it wanted? make generate, and git diff"


def test_every_family_of_campaigns_is_in_the_recorded_exposition() -> None:
    text = (HERE / "recorded.txt").read_text()
    missing = [family.name for family in CAMPAIGN_FAMILIES if f"\n{family.name}{{" not in text]
    assert missing == [], "give their fields a value in the answers of tests/golden/recorded/"


@pytest.mark.parametrize("recorded", ["vendor", "recorded"])
def test_both_formats_say_the_same_to_strict_parsers(recorded: str) -> None:
    with polled(HERE / recorded) as service:
        text, openmetrics = (ask(service, accept).content.decode() for accept in ACCEPT.values())
    assert openmetrics.endswith("# EOF\n")
    old = {(s.name, *sorted(s.labels.items())): s.value for f in parse_text(text) for s in f.samples}
    new = {
        (s.name, *sorted(s.labels.items())): s.value
        for f in parse_openmetrics(openmetrics)  # type: ignore[no-untyped-call]
        for s in f.samples
    }
    assert old == new
    assert len(old) == sum(1 for line in text.splitlines() if not line.startswith("#"))


def test_an_example_of_blanks_names_no_campaign_and_is_not_taken_for_an_empty_list() -> None:
    # The vendor's example of `campaign_settings` has a single row in which every field is empty.
    with polled(HERE / "vendor") as service:
        # Of these two the pages have no example, and the 404 that stands for it is a failure.
        failing = ["campaign_settings", "token_info", "services"]
        assert service.failing() == [("ventas", api) for api in failing]
        text = ask(service, ACCEPT["txt"]).content.decode()
    assert (
        'wolkvox_request_failures_total{operation="ventas",api="campaign_settings",cause="shape"} 1' in text
    )


@pytest.mark.parametrize("name", ["campaign_codify", "campaign_find_record"])
def test_the_examples_of_the_operators_commands_are_understood(name: str) -> None:
    body = json.loads((HERE / "vendor" / f"{name}.json").read_text())
    if name == "campaign_codify":
        result = judge_disposition(
            202, body, Disposition("4875", "predictive", "FAKE-1", "A", "", ""), "fake-token"
        )
        assert result.outcome is DispositionOutcome.CODED
    else:
        (row,) = body["data"]
        assert FoundRecord.read(row) is None  # every field is empty: nobody
        found = FoundRecord.read(
            {**row, "customer_id": "FAKE-1", "tel1": "3000000001", "campaign_id": "4875"}
        )
        assert found is not None
        assert (found.customer_id, found.campaign_id) == ("FAKE-1", "4875")


def test_what_is_published_is_in_the_table() -> None:
    with polled(HERE / "recorded") as service:
        text = ask(service, ACCEPT["txt"]).content.decode()
    table = {family.name.removesuffix("_total"): family for family in FAMILIES}
    for family in parse_text(text):
        known = table[family.name]
        assert (family.type, family.documentation) == (known.metric_type.value, known.help_text)
        assert {frozenset(sample.labels) for sample in family.samples} == {frozenset(known.label_names)}
        assert all(s.name == known.name for s in family.samples)
        assert (known.metric_type is MetricType.COUNTER) is family.samples[0].name.endswith("_total")
