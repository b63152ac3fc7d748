"""CONTRACT section 4, "The state of a campaign", as a model: the first line of the table that is true.

It reads what is published, and says which states that allows. What is remembered from answer to answer (a
rest that is never called, retries, records dialled between two answers) adds to what the figures say.
"""

from collections.abc import Iterator, Mapping

from model.series import Labels, Series

STATES = (
    "unknown",
    "outside_hours",
    "list_used_up",
    "stopped_in_hours",
    "stopped_as_planned",
    "stopped",
    "no_calls",
    "running",
)
REASONED = {"no_calls", "stopped_in_hours"}
PREFIX = "wolkvox_campaign_"
FAMILIES = ("state", "state_since_timestamp_seconds", "state_confirmed_seconds", "reason")
FIGURES = (
    "last_running_timestamp_seconds",
    "skill_changed_timestamp_seconds",
    "usual_calls_per_minute",
    "recent_calls_per_minute",
    "calls_chance_ratio",
    "idle_alone",
    "missed_calls",
    "recent_dials",
    "recent_share_ratio",
    "usual_share_ratio",
    "share_chance_ratio",
    "list_failed_ratio",
    "stopped_by_hand_timestamp_seconds",
)
"""What the model says nothing of, but that it may be there."""
OPERATION_FIGURES = (
    "wolkvox_operation_stopped_campaigns",
    "wolkvox_operation_stopped_since_timestamp_seconds",
    "wolkvox_operation_stopped_confirmed_seconds",
    "wolkvox_operation_finding",
    "wolkvox_operation_started_predictives",
    "wolkvox_operation_predictives_limit",
)


def is_judgement(name: str) -> bool:
    """Return whether a family is judged by this model, and not by that of the figures."""
    return name in OPERATION_FIGURES or name.removeprefix(PREFIX) in {*FAMILIES, *FIGURES}


def allowed(figures: Mapping[str, float]) -> set[str]:
    """Return the states that a campaign can be in; `figures` are published of it, without the prefix."""
    running, calls = figures.get("running"), figures.get("calls_per_minute")
    expected, permitted = figures.get("expected"), figures.get("permitted")
    records, clean, dialed = (figures.get(name) for name in ("records", "clean_records", "dialed_records"))
    if running is None:
        return {"unknown"}
    used_up = clean == 0 and bool(records) and dialed is not None and dialed >= (records or 0)
    # A small rest may stand still, and `campaign_settings` alone tells nothing of the list.
    maybe_used_up = used_up or clean is None or 0 < clean <= 50
    found = set()
    if running == 1 and permitted == 0 and calls != 0:
        found |= {"unknown"} if calls is None else {"outside_hours"}
    elif used_up and (running == 1 or expected == 1):
        found.add("list_used_up")
    elif running == 0:
        found.add({None: "stopped", 0.0: "stopped_as_planned", 1.0: "stopped_in_hours"}[expected])
    elif calls == 0 and expected != 0 and permitted != 0:
        found.add("no_calls")
    else:
        found.add("running")
    if running == 1 and permitted == 0:
        found |= {"outside_hours"}  # records dialled between two answers that lie outside of hours
    if maybe_used_up and (running == 1 or expected == 1):
        found.add("list_used_up")
    if used_up and running == 0 and expected == 1:
        found.add("stopped_in_hours")  # retries went on
    if running == 1 and calls is None and expected != 0 and permitted != 0:
        found.add("no_calls")  # no answer has shown a call since
    return found


def differences(shown: Mapping[Series, float]) -> Iterator[str]:
    """Yield what is wrong with the states in an exposition."""
    campaigns: dict[Labels, dict[str, float]] = {}
    states: dict[Labels, dict[str, float]] = {}
    reasons: dict[Labels, int] = {}
    for (name, labels), value in shown.items():
        plain = tuple(pair for pair in labels if pair[0] not in {"state", "reason"})
        if name == f"{PREFIX}state":
            states.setdefault(plain, {})[dict(labels)["state"]] = value
        elif name == f"{PREFIX}reason":
            reasons[plain] = reasons.get(plain, 0) + 1
        elif name.startswith(PREFIX):
            campaigns.setdefault(labels, {})[name.removeprefix(PREFIX)] = value
    for labels, found in states.items():
        present = [state for state, value in found.items() if value == 1]
        figures = campaigns.get(labels, {})
        if set(found) != set(STATES) or len(present) != 1 or sum(found.values()) != 1:
            yield f"not one state of all: {labels} {found}"
        elif present[0] not in allowed(figures):
            yield f"wrong state: {labels} {present[0]} with {figures}"
        elif (present[0] in REASONED) != (reasons.get(labels, 0) == 1):
            yield f"a reason in these states alone: {labels} {present[0]}"
        since, confirmed = (figures.get(name) for name in FAMILIES[1:3])
        if since is None or confirmed is None or confirmed < 0:
            yield f"wrong times: {labels} since {since}, confirmed {confirmed}"
    listed = {labels for labels, found in campaigns.items() if "running" in found}
    yield from (f"without a state: {labels}" for labels in listed - states.keys())
