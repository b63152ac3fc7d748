"""Reads the vendor's JSON values: from what a field may hold to a figure, a text, or the reason for neither.

Pure functions: no input raises, and what is not understood never becomes 0, NaN or infinity. A reader takes
any JSON value. In the docstrings DOC is a page of the vendor's, OBS was seen in real answers, and RULE was
decided here, where there is neither.
"""

from exporter.parsing.campaign_texts import CampaignText, campaign, ring_seconds
from exporter.parsing.figures import (
    STATUS_WORDS,
    SWITCH_WORDS,
    Absent,
    by_label,
    count,
    folded,
    hits,
    hits_count,
    hits_ratio,
    label,
    number,
    percent,
    started,
    switch,
    text,
    timestamp,
)

__all__ = [
    "STATUS_WORDS",
    "SWITCH_WORDS",
    "Absent",
    "CampaignText",
    "by_label",
    "campaign",
    "count",
    "folded",
    "hits",
    "hits_count",
    "hits_ratio",
    "label",
    "number",
    "percent",
    "ring_seconds",
    "started",
    "switch",
    "text",
    "timestamp",
]
