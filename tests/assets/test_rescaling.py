import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.assets import fit_to_polls, rescaled, rules
from exporter.settings.durations import parse_duration

RANGE = re.compile(r"\[\w+\]")
RULE = """\
- alert: A  # for: 10m
  expr: >-
    changes(x[16m]) == 0 and y offset 15m and z offset 1w and max_over_time(y[8h]) > 10
    or x[1h] offset 167h30m
  for: 10m
  keep_firing_for: 5m
"""


def test_waits_ranges_and_offsets_follow_the_factor() -> None:
    text = rescaled(RULE, 1 / 30)
    assert "changes(x[32s]) == 0 and y offset 30s and z offset 1w and max_over_time(y[16m]) > 10" in text
    assert "x[2m] offset 167h30m" in text
    assert "\n  for: 20s\n  keep_firing_for: 10s\n" in text


def test_how_often_a_group_is_evaluated_follows_the_factor() -> None:
    group = "groups:\n  - name: interval\n    interval: 15m\n    rules:\n      - expr: y offset 15m\n"
    assert rescaled(group, 1 / 30) == group.replace("15m", "30s")
    # Whoever compares with the evaluation before, by an offset, still does.
    assert fit_to_polls(group, 600) == group.replace("15m", "30m")


def test_a_comment_at_the_end_of_a_line_is_no_wait() -> None:
    assert rescaled(RULE, 2).splitlines()[0] == "- alert: A  # for: 10m"


def test_another_poll_interval_moves_what_counts_polls() -> None:
    text = fit_to_polls(RULE, 900)
    assert "changes(x[48m]) == 0 and y offset 45m and z offset 1w and max_over_time(y[8h]) > 10" in text
    assert "x[1h] offset 167h30m" in text
    assert "\n  for: 30m\n  keep_firing_for: 5m\n" in text


def test_the_usual_interval_changes_nothing() -> None:
    for asset in rules():
        text = asset.content.decode()
        assert fit_to_polls(text, 300) == text


@settings(max_examples=30)
@given(st.floats(min_value=0.003, max_value=50))
def test_nothing_but_durations_changes(factor: float) -> None:
    for asset in rules():
        text = asset.content.decode()
        before, after = yaml.safe_load(text), yaml.safe_load(rescaled(text, factor))
        for old, new in zip(flat(before), flat(after), strict=True):
            # What a text asks, by a query in its template, looks back as far as the rule does.
            assert RANGE.sub("", str(old["annotations"])) == RANGE.sub("", str(new["annotations"]))
            assert old["labels"] == new["labels"]
            assert len(old["expr"].split("[")) == len(new["expr"].split("["))
            if "for" in old:
                seconds = parse_duration(old["for"]) * factor
                assert parse_duration(new["for"]) == pytest.approx(seconds, abs=0.001)


def flat(document: dict[str, list[dict[str, list[dict[str, str]]]]]) -> list[dict[str, str]]:
    return [
        {"annotations": "", "labels": "", **rule} for group in document["groups"] for rule in group["rules"]
    ]
