"""The queries that bring the history of campaigns from Prometheus, a quarter of a day at once."""

from exporter.prometheus_api import PrometheusClient, quoted_label
from exporter.usual_hours import SLOT_SECONDS, FloorHistory

RUNNING = "wolkvox_campaign_running"
_CALLS = "wolkvox_campaign_calls_per_minute"
_INFO = "wolkvox_campaign_info"
_UP = "wolkvox_up"
_CHUNK_SLOTS = 72
"""Six hours: with 2,000 campaigns an answer is 3 MB."""
_INFO_STEP_SECONDS = 6 * 3600.0

_OF_CAMPAIGNS = (
    "max by (campaign_id, campaign) (last_over_time({family}{{operation={operation}}}[10m])){filter}"
)
"""The last of two polls' time: a Prometheus that scrapes every 5 minutes has gaps otherwise.

`max by` makes one of the series of replicas, of several jobs and of federation.
"""


def known_operations(client: PrometheusClient, first: float, last: float) -> list[str]:
    """Return the operations of which there are campaigns between two Unix times; raises PrometheusError."""
    return client.label_values("operation", RUNNING, first, last)


def read_history(client: PrometheusClient, operation: str, first: float, slots: int) -> FloorHistory:
    """Return the history of an operation from `first` (Unix time) on; raises PrometheusError."""
    history = FloorHistory(first, slots)
    name = quoted_label(operation)
    running = _OF_CAMPAIGNS.format(family=RUNNING, operation=name, filter="")
    calls = _OF_CAMPAIGNS.format(family=_CALLS, operation=name, filter=" > 0")
    failures = f'max(last_over_time({_UP}{{operation={name},api="campaigns"}}[10m])) == 0'
    for begin in range(0, slots, _CHUNK_SLOTS):
        # The sample at a slot's end tells of the slot.
        start = first + (begin + 1) * SLOT_SECONDS
        end = first + min(begin + _CHUNK_SLOTS, slots) * SLOT_SECONDS
        for series in client.range(running, start, end, SLOT_SECONDS):
            history.add_running(*_campaign(series.metric), series.values)
        for series in client.range(calls, start, end, SLOT_SECONDS):
            history.add_calls(*_campaign(series.metric), series.values)
        for series in client.range(failures, start, end, SLOT_SECONDS):
            history.add_failures(series.values)
    previews = _OF_CAMPAIGNS.format(family=_INFO, operation=f'{name},type="preview"', filter="")
    last = first + slots * SLOT_SECONDS
    for series in client.range(previews, first + SLOT_SECONDS, last, _INFO_STEP_SECONDS):
        history.add_preview(*_campaign(series.metric))
    return history


def _campaign(labels: dict[str, str]) -> tuple[str, str]:
    return labels.get("campaign_id", ""), labels.get("campaign", "")
