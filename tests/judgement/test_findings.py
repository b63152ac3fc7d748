"""What is wrong with an operation: each finding is so, is not so, or is not known."""

import re
from datetime import UTC
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.apis import BY_NAME, CAMPAIGN_FAMILIES
from exporter.families import Value
from exporter.judgement import Campaign, Finding, Judged, OperationView, Terms, View, after_answer, judge
from exporter.judgement.findings import findings, predictives_limit
from exporter.schedules import LEY_2300, Schedule, ScheduleSet, Week
from exporter.snapshot.memories import NOTHING
from judgement.floor import FIGURES, MONDAY, NO_SCHEDULES, campaign

ANY = (re.compile(".*"),)
LEY = ScheduleSet.of([Schedule(ANY, None, Week.of(LEY_2300.windows), preset=LEY_2300.name)], UTC)
INFO = next(family for family in CAMPAIGN_FAMILIES if family.name == "wolkvox_campaign_info").columns[0]
OTHER = ScheduleSet.of([Schedule(ANY, None, Week.of(LEY_2300.windows))], UTC)


@pytest.mark.parametrize(
    ("configured", "told", "differ"),
    [(25, 25, False), (25, 30, True), (30, 25, True), (None, 25, None), (25, None, None), (None, None, None)],
)
def test_licences_differ_where_both_are_known(
    configured: int | None, told: int | None, differ: bool | None
) -> None:
    found = findings(OperationView(licences=told), Terms(licences=configured), NO_SCHEDULES, None)
    assert found.get(Finding.LICENCES_DIFFER) is differ
    assert (Finding.LICENCES_DIFFER in found) is (differ is not None)


@pytest.mark.parametrize(
    ("schedules", "on", "so"),
    [
        (LEY, False, True),
        (LEY, True, False),
        (LEY, None, None),
        (OTHER, False, None),
        (NO_SCHEDULES, False, None),
    ],
)
def test_protection_should_be_on_where_a_schedule_has_the_law(
    schedules: ScheduleSet, on: bool | None, so: bool | None
) -> None:
    found = findings(OperationView(customer_protection=on), Terms(), schedules, None)
    assert found.get(Finding.CUSTOMER_PROTECTION_OFF) is so


@pytest.mark.parametrize(
    ("licences", "limit"),
    # Halves are rounded up, as in the vendor's table and in Prometheus' round().
    [(1, 2), (2, 3), (4, 3), (5, 3), (6, 4), (10, 5), (14, 6), (18, 7), (22, 8), (25, 8), (26, 9), (100, 27)],
)
def test_as_many_predictives_may_be_started_as_the_licences_allow(licences: int, limit: float) -> None:
    for view, terms in (
        (OperationView(licences=licences), Terms()),
        (OperationView(licences=licences, calls_limit=9_000.0), Terms(licences=7)),
        (OperationView(calls_limit=9_000.0), Terms(licences=licences)),
        (OperationView(calls_limit=licences * 1000.0), Terms()),
    ):
        assert predictives_limit(view, terms) == limit
        assert isinstance(predictives_limit(view, terms), float)


def test_a_configured_limit_of_predictives_counts() -> None:
    assert predictives_limit(OperationView(licences=25), Terms(licences=30, predictives_limit=0)) == 0
    assert predictives_limit(OperationView(), Terms(predictives_limit=3)) == 3
    assert predictives_limit(OperationView(), Terms()) is None


@pytest.mark.parametrize(
    ("started", "limit", "so"),
    [(3.0, 2, True), (2.0, 2, False), (0.0, 0, False), (None, 2, None), (3.0, None, None)],
)
def test_predictives_are_over_their_limit_where_both_are_known(
    started: float | None, limit: int | None, so: bool | None
) -> None:
    found = findings(OperationView(), Terms(predictives_limit=limit), NO_SCHEDULES, started)
    assert found.get(Finding.PREDICTIVES_OVER_LIMIT) is so


def typed(campaign_id: str, kind: str | None, running: float | None = 1.0, skill: str = "4001") -> Campaign:
    """Return a campaign of a type, of which `campaign_settings` says nothing where it is None."""
    one = campaign({**FIGURES, "running": running}, campaign_id, f"VENTAS {campaign_id}")
    values = dict(one.values)
    if kind is not None:
        columns = BY_NAME["campaign_settings"].columns
        info: Value = {(kind, "", ""): 1.0}
        values["campaign_settings"] = tuple(info if column is INFO else None for column in columns)
    return Campaign((*one.labels[:3], skill), values, fallback=False)


def judged(*campaigns: Campaign, limit: int = 1) -> Judged:
    view = View(campaigns, inf, inf, MONDAY)
    memory = after_answer(NOTHING, "campaigns", view, NO_SCHEDULES, MONDAY)
    return judge(view, memory, NO_SCHEDULES, MONDAY, Terms(predictives_limit=limit))


def test_started_predictives_are_counted_once_each() -> None:
    found = judged(
        typed("1", "predictive"),
        typed("2", "Predictive"),
        typed("2", "Predictive", skill="4002"),
        typed("3", "predictive", running=0.0),
        typed("4", "predictive", running=None),
        typed("5", "preview"),
    )
    assert found.started_predictives == 2
    assert found.findings[Finding.PREDICTIVES_OVER_LIMIT] is True
    assert found.predictives_limit == 1


def test_without_a_known_type_it_is_not_known_how_many_are_started() -> None:
    assert judged().started_predictives is None
    found = judged(typed("1", None), typed("2", ""))
    assert found.started_predictives is None
    assert Finding.PREDICTIVES_OVER_LIMIT not in found.findings
    assert judged(typed("1", "preview")).findings == {Finding.PREDICTIVES_OVER_LIMIT: False}


def test_every_finding_has_words_in_both_languages() -> None:
    for finding in Finding:
        assert set(finding.words) == {"en", "es"}
        assert all(finding.words.values())


@given(
    st.builds(
        OperationView,
        licences=st.none() | st.integers(1, 1_000_000),
        customer_protection=st.none() | st.booleans(),
        calls_limit=st.none() | st.floats(1, 1e9),
    ),
    st.builds(
        Terms, licences=st.none() | st.integers(1, 10_000), predictives_limit=st.none() | st.integers(0, 99)
    ),
    st.sampled_from([LEY, OTHER, NO_SCHEDULES]),
    st.none() | st.integers(0, 300).map(float),
)
def test_nothing_is_found_of_what_is_not_known(
    view: OperationView, terms: Terms, schedules: ScheduleSet, started: float | None
) -> None:
    found = findings(view, terms, schedules, started)
    assert (Finding.LICENCES_DIFFER in found) == (None not in (view.licences, terms.licences))
    assert (Finding.CUSTOMER_PROTECTION_OFF in found) == (
        schedules is LEY and view.customer_protection is not None
    )
    limit = predictives_limit(view, terms)
    assert (Finding.PREDICTIVES_OVER_LIMIT in found) == (limit is not None and started is not None)
    assert limit is None or limit >= 0
