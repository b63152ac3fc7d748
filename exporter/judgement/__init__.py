"""The state of each campaign, since when and why: judged once, for metrics, page, dashboards and alerts."""

from exporter.judgement.reasons import Reason
from exporter.judgement.states import CampaignState

__all__ = ["CampaignState", "Reason"]
