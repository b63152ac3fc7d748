"""The state of each campaign, since when and why: judged once, for metrics, page, dashboards and alerts."""

from exporter.judgement.judging import Judged, Judgement, judge, skill_changed
from exporter.judgement.operation_memory import after_answer
from exporter.judgement.reasons import Reason
from exporter.judgement.states import CampaignState
from exporter.judgement.view import Campaign, View, view

__all__ = [
    "Campaign",
    "CampaignState",
    "Judged",
    "Judgement",
    "Reason",
    "View",
    "after_answer",
    "judge",
    "skill_changed",
    "view",
]
