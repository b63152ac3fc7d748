"""The floor: the metrics of an operation on a normal working day, of which each scenario changes something.

Two campaigns dial, polled every 5 minutes and scraped every minute.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from exporter.apis import BY_NAME
from rules.translation import translated
from support.promtool import Fires, Timeline

ROOT = Path(__file__).resolve().parents[2]
RULES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
POLL = 5

OPERATION = {"operation": "ventas-bogota"}
CAMPAIGN = {**OPERATION, "campaign_id": "4877", "campaign": "COBRANZA 30-60", "skill_id": "4001"}
OTHER = {**OPERATION, "campaign_id": "4878", "campaign": "VENTAS HOGAR", "skill_id": "4002"}
TARGET = {"job": "wolkvox", "instance": "127.0.0.1:10042"}
OUTCOMES = {"answer": 40, "no_answer": 40, "busy_congestion_failed": 10, "answer_machine": 10}
DIALS_A_POLL = sum(OUTCOMES.values())
RECORDS = 1_000_000


def load_groups() -> list[dict[str, Any]]:
    """Return the rule groups: thresholds and recording rules before the alerts that read them."""
    groups = [group for path in RULES for group in yaml.safe_load(path.read_text())["groups"]]
    return sorted(
        groups,
        key=lambda group: ("alert" in group["rules"][0], not group["name"].startswith("wolkvox-thresholds")),
    )


GROUPS = load_groups()


def series(family: str, labels: Mapping[str, str], **more: str) -> str:
    """Return a series as PromQL writes it; an empty label is no label."""
    every = {**TARGET, **labels, **more}
    return family + "{" + ",".join(f'{name}="{value}"' for name, value in every.items() if value) + "}"


def campaign(name: str, whose: Mapping[str, str] = CAMPAIGN, **more: str) -> str:
    """Return a series of the campaign, such as wolkvox_campaign_running{...}."""
    return series(f"wolkvox_campaign_{name}", whose, **more)


def poll(name: str, api: str = "campaigns", **more: str) -> str:
    """Return a series about the polling of an API, such as wolkvox_up{...}."""
    return series(f"wolkvox_{name}", OPERATION, api=api, **more)


def steady(figure: float) -> Timeline:
    """Return the same figure always."""
    return lambda _minute: figure


def steps(changes: Mapping[int, float | None]) -> Timeline:
    """Return a figure that changes at some minutes; before the first it is not there."""

    def at(minute: int) -> float | None:
        past = [begin for begin in changes if begin <= minute]
        return changes[max(past)] if past else None

    return at


def climbing(a_poll: float, start: float = 0, until: int = 10**9, since: int = 0) -> Callable[[int], float]:
    """Return a figure that grows with each poll after `since` and stands still after minute `until`."""
    return lambda minute: start + a_poll * max(0, min(minute, until) // POLL - since // POLL)


def polled(until: int = 10**9, since: int = 0) -> Timeline:
    """Return the Unix time of the last good answer, polls failing after `until` and before `since`."""
    return lambda minute: 60.0 * POLL * (min(minute, until) // POLL) if minute >= since else None


def of_campaign(whose: Mapping[str, str]) -> dict[str, Timeline]:
    """Return the series of a campaign that dials as it should."""
    figures: dict[str, Timeline] = {
        campaign("running", whose): steady(1),
        campaign("expected", whose): steady(1),
        campaign("permitted", whose): steady(1),
        campaign("records", whose): steady(RECORDS),
        campaign("clean_records", whose): climbing(-DIALS_A_POLL, RECORDS),
        campaign("dialed_records", whose): climbing(DIALS_A_POLL),
        campaign("calls_per_minute", whose): steady(20),
        campaign("hits", whose): climbing(4),
        campaign("speed_ratio", whose): steady(1.1),
        campaign("info", whose, type="predictive"): steady(1),
        campaign("telephones", whose): steady(500),
        campaign("unreachable_telephones", whose): steady(20),
    }
    for outcome, number in OUTCOMES.items():
        figures[campaign("outcome_records", whose, outcome=outcome)] = climbing(number)
    return figures


def floor(**changes: Timeline) -> dict[str, Timeline]:
    """Return the floor with some figures of the campaign changed, by name: running=steps({0: 1, 30: 0})."""
    figures: dict[str, Timeline] = {
        series("up", {}): steady(1),
        series("wolkvox_exporter_config_last_reload_successful", {}): steady(1),
        series("wolkvox_exporter_state_up", {}): steady(1),
        series("wolkvox_quota_limit_requests", OPERATION): steady(25_000),
        series("wolkvox_quota_budget_requests", OPERATION): steady(12_500),
        series("wolkvox_quota_used_requests", OPERATION): climbing(3, 1_000),
        **of_campaign(CAMPAIGN),
        **of_campaign(OTHER),
    }
    for api in BY_NAME:
        figures |= {
            poll("up", api): steady(1),
            poll("poll_interval_seconds", api): steady(60.0 * POLL),
            poll("last_success_timestamp_seconds", api): polled(),
            poll("poll_duration_seconds", api): steady(1.5),
            poll("request_failures_total", api, cause="auth"): steady(0),
            poll("request_failures_total", api, cause="quota"): steady(0),
            poll("polls_skipped_total", api, reason="quota"): steady(0),
            poll("field_errors_total", api, field="hits"): steady(0),
            poll("rows_discarded_total", api, reason="limit"): steady(0),
        }
    return figures | {campaign(name): timeline for name, timeline in changes.items()}


def everywhere(**changes: Timeline) -> dict[str, Timeline]:
    """Return the floor with some figures of both campaigns changed."""
    return floor(**changes) | {campaign(name, OTHER): timeline for name, timeline in changes.items()}


def without(figures: Mapping[str, Timeline], *names: str) -> dict[str, Timeline]:
    """Return the figures without some families, by the end of their names."""
    return {key: timeline for key, timeline in figures.items() if not key.partition("{")[0].endswith(names)}


def only_between(figures: Mapping[str, Timeline], first: int, end: int) -> dict[str, Timeline]:
    """Return the figures as they are scraped between two minutes."""

    def cut(timeline: Timeline) -> Timeline:
        return lambda minute: timeline(minute) if first <= minute < end else None

    return {key: cut(timeline) for key, timeline in figures.items()}


def fires(  # noqa: PLR0913  what an alert says has that many sides
    alert: str,
    *,
    first: int,
    last: int,
    description: str,
    about: Mapping[str, str],
    severity: str = "",
    since: str = "",
    reason: Mapping[str, str] | None = None,
) -> Fires:
    """Return what is expected of an alert, what does not depend on the scenario taken from its rule.

    `about` may be a campaign: its alert has no name and no skill as labels, only the name as an annotation.
    """
    found = [
        rule
        for group in GROUPS
        for rule in group["rules"]
        if rule.get("alert") == alert and severity in {"", rule["labels"]["severity"]}
    ]
    assert found, f"no rule in prometheus/rules/ is named {alert} {severity}".rstrip()
    assert len(found) == 1, f"{alert} has rules of several severities: name one with severity=..."
    (rule,) = found
    severity, written = rule["labels"]["severity"], rule["annotations"]
    dashboard = written["dashboard_url"].partition("?")[0]
    said = {"since": since} if "since" in written else {}
    if "campaign_id" in about:
        said["campaign"] = about["campaign"]
        dashboard += f"?var-operation={about['operation']}&var-campaign={about['campaign_id']}"
        about = {name: about[name] for name in ("operation", "campaign_id")}
    elif "operation" in about:
        dashboard += f"?var-operation={about['operation']}"
    if "reason" in written:
        said |= (
            {"reason": reason["en"], "reason_es": reason["es"]} if reason else {"reason": "", "reason_es": ""}
        )
    annotations = {
        **{name: written[name] for name in ("summary", "summary_es", "action", "action_es")},
        "description": description,
        "description_es": translated(written["description"], written["description_es"], description),
        "runbook_url": f"docs/runbooks/{alert}.md",
        "dashboard_url": dashboard,
        **said,
    }
    return Fires(alert, first, last, {**about, "severity": severity}, annotations, severity)
