from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.judgement import CampaignState
from exporter.parsing import folded
from exporter.status.campaign_list import FoundCampaign, matching
from exporter.status.model import CampaignStatus
from exporter.status.query import Query, SortKey


def campaign(
    name: str,
    state: CampaignState = CampaignState.RUNNING,
    campaign_id: str = "",
    left: float | None = None,
    kind: str = "",
    **more: Any,
) -> FoundCampaign:
    status = CampaignStatus(
        operation="ventas",
        timezone="America/Bogota",
        campaign_id=campaign_id,
        name=name,
        skill_id="4000",
        type=kind,
        state=state,
        since=0.0,
        confirmed=0.0,
        reason=None,
        why=None,
        stopped_by_hand=None,
        stopped_by="",
        running=True,
        expected=None,
        permitted=None,
        records=1000.0,
        records_left=left,
        penetration_day_ratio=0.6,
        penetration_now_ratio=None,
        contact_ratio=0.1,
        abandonment_ratio=None,
        abandonment_age=None,
        abandonment_limit=0.03,
        hits=6.0,
        hit_ratio=0.1429,
        calls_per_minute=12.0,
        history=None,
    )
    return FoundCampaign(
        replace(status, **more), folded(f"{name}\n{campaign_id}\n4000\n{kind}"), folded(name)
    )


def names(found: Iterable[CampaignStatus]) -> list[str]:
    return [one.name for one in found]


CAMPAIGNS = [
    campaign("Región Sur", campaign_id="4875", left=5.0, kind="preview"),
    campaign(
        "COBRANZA", CampaignState.STOPPED_AS_PLANNED, "4876", 70.0, "predictive", abandonment_ratio=0.05
    ),
    campaign("árbol", CampaignState.OUTSIDE_HOURS, "4877", None, "predictive", abandonment_ratio=0.0),
    campaign("Zulia", campaign_id="4878", left=0.0, kind="predictive"),
]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query(), ["árbol", "Región Sur", "Zulia", "COBRANZA"]),
        (Query(descending=True), ["COBRANZA", "Región Sur", "Zulia", "árbol"]),
        (Query(sort=SortKey.NAME), ["árbol", "COBRANZA", "Región Sur", "Zulia"]),
        (Query(sort=SortKey.NAME, descending=True), ["Zulia", "Región Sur", "COBRANZA", "árbol"]),
        # What is not known is last both ways.
        (Query(sort=SortKey.LEFT), ["Zulia", "Región Sur", "COBRANZA", "árbol"]),
        (Query(sort=SortKey.LEFT, descending=True), ["COBRANZA", "Región Sur", "Zulia", "árbol"]),
        (Query(sort=SortKey.ABANDONMENT, descending=True), ["COBRANZA", "árbol", "Región Sur", "Zulia"]),
        (Query(sort=SortKey.ABANDONMENT), ["árbol", "COBRANZA", "Región Sur", "Zulia"]),
        (Query(sort=SortKey.TYPE), ["árbol", "Zulia", "COBRANZA", "Región Sur"]),
        (Query(sort=SortKey.SKILL), ["árbol", "Región Sur", "Zulia", "COBRANZA"]),
        (Query(text="region"), ["Región Sur"]),
        (Query(text="SUR regi"), ["Región Sur"]),
        (Query(text="ARBOL"), ["árbol"]),
        (Query(text="4876"), ["COBRANZA"]),
        (Query(text="preview 4000"), ["Región Sur"]),
        (Query(text="nobody"), []),
        (Query(state=CampaignState.RUNNING), ["Región Sur", "Zulia"]),
        (Query(state=CampaignState.RUNNING, text="zulia"), ["Zulia"]),
        (Query(state=CampaignState.UNKNOWN), []),
    ],
)
def test_campaigns_are_found_and_sorted(query: Query, found: list[str]) -> None:
    assert names(matching(query, CAMPAIGNS)) == found


@pytest.mark.parametrize("key", SortKey)
@pytest.mark.parametrize("descending", [False, True])
def test_every_order_keeps_every_campaign(key: SortKey, descending: bool) -> None:
    found = matching(Query(sort=key, descending=descending), CAMPAIGNS)
    assert sorted(names(found)) == sorted(names(one.status for one in CAMPAIGNS))


@given(st.text(), st.sampled_from(SortKey), st.booleans())
def test_no_text_is_too_strange(text: str, key: SortKey, descending: bool) -> None:
    assert len(matching(Query(text=text, sort=key, descending=descending), CAMPAIGNS)) <= len(CAMPAIGNS)
