"""The alerts of a made-up history, as Prometheus would have stored them; no rule is evaluated backwards.

They follow the exporter's own judgement in that history: a campaign's state, confirmed for longer than its
tolerance, and the exporter's silence. What rules see in results and abandonment is left out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from exporter.judgement import CampaignState
from generators.alerting import alerts as alerts_of_rules
from support.history import Recorder

_LABEL = re.compile(r'(operation|campaign_id|state)="((?:[^"\\]|\\.)*)"')
_LONGEST_GAP_SECONDS = 600.0
_DOWN_FOR_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that fires: its labels, and when (Unix seconds), in the order of time."""

    labels: Mapping[str, str]
    times: Sequence[float]


def of_campaigns(recorder: Recorder) -> Iterator[Alert]:
    """Yield the alerts about states of campaigns, in the order of the series."""
    confirmed = _by_campaign(recorder, "wolkvox_campaign_state_confirmed_seconds")
    tolerances = _by_campaign(recorder, "wolkvox_campaign_tolerance_seconds")
    for text, samples in recorder.series["wolkvox_campaign_state"].items():
        labels = dict(_LABEL.findall(text))
        state = CampaignState(labels["state"])
        if not state.needs_attention:
            continue
        key = labels["operation"], labels["campaign_id"]
        times = [
            at
            for at, value in samples
            if float(value) == 1
            and at in tolerances.get(key, {})
            and 0 < confirmed[key][at] >= tolerances[key][at]
        ]
        if times:
            # The alert about a state is the one whose runbook explains it.
            name = state.term.runbook
            yield Alert({"alertname": name, **labels, "severity": _severities()[name]}, times)


def of_silence(times: Sequence[float]) -> Iterator[Alert]:
    """Yield the alert about an exporter that does not answer at these times."""
    late = [at for at in times if at >= times[0] + _DOWN_FOR_SECONDS]
    if late:
        yield Alert({"alertname": "WolkvoxExporterDown", "severity": "critical"}, late)


def watchdog(times: Sequence[float]) -> Alert:
    """Return the alert that always fires."""
    return Alert({"alertname": "WolkvoxWatchdog", "severity": "none"}, times)


def add(recorder: Recorder, alerts: Iterable[Alert]) -> None:
    """Add alerts to a history: that they fire, and since when."""
    for alert in alerts:
        text = ",".join(f'{name}="{value}"' for name, value in alert.labels.items())
        since = before = alert.times[0]
        for at in alert.times:
            since = since if at - before <= _LONGEST_GAP_SECONDS else at
            before = at
            recorder.add(at, "ALERTS", f'alertstate="firing",{text}', "1", target=False)
            recorder.add(at, "ALERTS_FOR_STATE", text, f"{since:.0f}", target=False)


@cache
def _severities() -> Mapping[str, str]:
    """Return the severity of each alert; where rules of one name have several, that of the first."""
    return {rule["alert"]: rule["labels"]["severity"] for rule in reversed(list(alerts_of_rules()))}


def _by_campaign(recorder: Recorder, family: str) -> Mapping[tuple[str, str], Mapping[float, float]]:
    found: dict[tuple[str, str], dict[float, float]] = {}
    for text, samples in recorder.series[family].items():
        labels = dict(_LABEL.findall(text))
        figures = found.setdefault((labels["operation"], labels["campaign_id"]), {})
        figures.update((at, float(value)) for at, value in samples)
    return found
