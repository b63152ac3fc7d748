"""The state of each campaign, since when and why: judged once, for metrics, page, dashboards and alerts."""

from exporter.judgement.findings import Finding, Terms
from exporter.judgement.judging import Judged, Judgement, judge, skill_changed
from exporter.judgement.operation_memory import after_answer
from exporter.judgement.reasons import Reason
from exporter.judgement.states import CampaignState
from exporter.judgement.view import Campaign, OperationView, View, view

__all__ = [
    "Campaign",
    "CampaignState",
    "Finding",
    "Judged",
    "Judgement",
    "OperationView",
    "Reason",
    "Terms",
    "View",
    "after_answer",
    "judge",
    "skill_changed",
    "view",
]
