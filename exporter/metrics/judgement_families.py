"""The tables of the families about how campaigns are judged, and their lines; to add one, add an entry."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from exporter.families import CAMPAIGN_LABELS, Family, Scope, Value
from exporter.judgement import CampaignState, Judged, Judgement, Reason, results, skill_changed
from exporter.metrics.text import labels, lines, number

ReadJudgement = Callable[[Judgement, float], Value | None]
"""Takes a campaign as it is judged and the present Unix time; None is "no sample"."""

_STATE_FIGURES: Mapping[CampaignState, Value] = {
    present: {(state.value,): float(state is present) for state in CampaignState} for present in CampaignState
}
_REASON_FIGURES: Mapping[Reason | None, Value | None] = {
    None: None,
    **{reason: {(reason.value,): 1.0} for reason in Reason},
}


def _planned(judgement: Judgement, _wall: float, *, permitted: bool) -> float | None:
    if judgement.schedule is None:
        return None
    answer = judgement.schedule.permitted if permitted else judgement.schedule.expected
    return None if answer is None else float(answer)


def _shares(judged: Judgement | Judged, _wall: float = 0.0, *, place: int) -> Value:
    """Return the recent shares (0), the usual ones (1), or the chances of their differences (2)."""
    found = judged.shares.items()
    return {(result,): figure for result, three in found if (figure := three[place]) is not None}


def _list_failed(judgement: Judgement, _wall: float) -> Value:
    return {(name,): share for name, share in results.list_failed(judgement.memory).items()}


JUDGEMENT_FAMILIES: tuple[tuple[Family, ReadJudgement], ...] = (
    (
        Family(
            "wolkvox_campaign_state",
            "1 for the state that the campaign is in, 0 for the others (docs/campaign-states.md).",
            Scope.CAMPAIGN,
            labels=("state",),
        ),
        lambda judgement, _wall: _STATE_FIGURES[judgement.state],
    ),
    (
        Family(
            "wolkvox_campaign_state_since_timestamp_seconds",
            "Since when the campaign is in its state, in Unix time: when the poll that showed it began, or "
            "the minute in which its schedule changed.",
            Scope.CAMPAIGN,
            unit="seconds",
        ),
        lambda judgement, _wall: judgement.lasting.since,
    ),
    (
        Family(
            "wolkvox_campaign_state_confirmed_seconds",
            "For how long answers confirm the campaign's state; stands still while wolkvox does not answer. "
            "Outside hours it is 0 until calls are known to have been made after the hours ended.",
            Scope.CAMPAIGN,
            unit="seconds",
        ),
        lambda judgement, _wall: judgement.lasting.confirmed,
    ),
    (
        Family(
            "wolkvox_campaign_reason",
            "Why the campaign makes no calls, or is stopped, in its hours, as far as known; the value is "
            "always 1.",
            Scope.CAMPAIGN,
            labels=("reason",),
        ),
        lambda judgement, _wall: _REASON_FIGURES[judgement.reason],
    ),
    (
        Family(
            "wolkvox_campaign_stopped_by_hand_timestamp_seconds",
            "When somebody stopped the campaign in wolkvox, in Unix time, by audit_log; absent when that is "
            "not why it is stopped.",
            Scope.CAMPAIGN,
            unit="seconds",
        ),
        lambda judgement, _wall: (judgement.stopped_by_hand or (None,))[0],
    ),
    (
        Family(
            "wolkvox_campaign_expected",
            "1 when the campaign is expected to dial now by its schedule, 0 when not; absent without one.",
            Scope.CAMPAIGN,
        ),
        partial(_planned, permitted=False),
    ),
    (
        Family(
            "wolkvox_campaign_permitted",
            "1 when the campaign may dial now by its schedule, 0 when not; absent without one.",
            Scope.CAMPAIGN,
        ),
        partial(_planned, permitted=True),
    ),
    (
        Family(
            "wolkvox_campaign_tolerance_seconds",
            "How long the campaign may be stopped in its hours, or started without a call, before somebody "
            "is told; absent without a schedule.",
            Scope.CAMPAIGN,
            unit="seconds",
        ),
        lambda judgement, _wall: judgement.tolerance,
    ),
    (
        Family(
            "wolkvox_campaign_last_running_timestamp_seconds",
            "When a poll last showed the campaign started, in Unix time; absent when none did.",
            Scope.CAMPAIGN,
            unit="seconds",
        ),
        lambda judgement, _wall: judgement.memory.running_at,
    ),
    (
        Family(
            "wolkvox_campaign_skill_changed_timestamp_seconds",
            "When the campaign's calls began to go to another skill, in Unix time; absent when they did not"
            " within a day.",
            Scope.CAMPAIGN,
            unit="seconds",
        ),
        lambda judgement, wall: skill_changed(judgement.memory, wall),
    ),
    (
        Family(
            "wolkvox_campaign_usual_calls_per_minute",
            "Mean calls per minute in the last hours in which the campaign dialled, those of 3 hours ago "
            "counting half; absent until half an hour and 10 calls are known.",
            Scope.CAMPAIGN,
        ),
        lambda judgement, _wall: results.usual_calls_per_minute(judgement.memory),
    ),
    (
        Family(
            "wolkvox_campaign_recent_calls_per_minute",
            "Mean calls per minute between the last three answers; absent while the campaign is not started.",
            Scope.CAMPAIGN,
        ),
        lambda judgement, _wall: results.recent_calls_per_minute(judgement.memory),
    ),
    (
        Family(
            "wolkvox_campaign_calls_chance_ratio",
            "Upper bound of the probability that the campaign makes as few calls as recently by chance.",
            Scope.CAMPAIGN,
            unit="ratio",
        ),
        lambda judgement, _wall: judgement.calls_chance,
    ),
    (
        Family(
            "wolkvox_campaign_missed_calls",
            "In the state no_calls: calls that the campaign would have made meanwhile at its usual pace, at"
            " most its clean records; absent when the pace is not known, and of previews, whose agents "
            "dial.",
            Scope.CAMPAIGN,
        ),
        lambda judgement, _wall: judgement.missed_calls,
    ),
    (
        Family(
            "wolkvox_campaign_idle_alone",
            "1 while a campaign without expected hours is stopped, or makes no calls, and most others of its "
            "operation went on when that began, 0 while they did not; absent in other states.",
            Scope.CAMPAIGN,
        ),
        lambda judgement, _wall: judgement.idle_alone,
    ),
    (
        Family(
            "wolkvox_campaign_recent_dials",
            "Records dialled in the latest answers, which the recent shares of dials are about: in two of "
            "them, or in more of the last half hour until there are 100.",
            Scope.CAMPAIGN,
        ),
        lambda judgement, _wall: results.recent_dials(judgement.memory),
    ),
    (
        Family(
            "wolkvox_campaign_recent_share_ratio",
            "Share with a result among the recent dials; for hits, among the answers of two hours.",
            Scope.CAMPAIGN,
            labels=("result",),
            unit="ratio",
        ),
        partial(_shares, place=0),
    ),
    (
        Family(
            "wolkvox_campaign_usual_share_ratio",
            "Share with a result among the dials (for hits: the answers) of the hours before in which the "
            "campaign dialled, those of 8 hours ago counting half.",
            Scope.CAMPAIGN,
            labels=("result",),
            unit="ratio",
        ),
        partial(_shares, place=1),
    ),
    (
        Family(
            "wolkvox_campaign_share_chance_ratio",
            "How likely so great a difference between the recent and the usual share is by chance.",
            Scope.CAMPAIGN,
            labels=("result",),
            unit="ratio",
        ),
        partial(_shares, place=2),
    ),
    (
        Family(
            "wolkvox_campaign_list_failed_ratio",
            "Share of the dials of the present list, and of the one before it was filled again, that ended "
            "in busy, congestion or failed; absent under 100 dials.",
            Scope.CAMPAIGN,
            labels=("list",),
            unit="ratio",
        ),
        _list_failed,
    ),
)
"""Every family whose samples follow from how a campaign is judged, and how it is read."""

ReadJudged = Callable[[Judged], Value | None]


OPERATION_JUDGEMENT_FAMILIES: tuple[tuple[Family, ReadJudged], ...] = (
    (
        Family(
            "wolkvox_operation_stopped_campaigns",
            "Campaigns that are idle since the same quarter of an hour: stopped in their hours, or without a "
            "call where they usually make ten. At least two, and half of those that should dial, for longer "
            "than their tolerance; until the last one dials.",
            Scope.OPERATION,
        ),
        lambda judged: float(len(judged.stopped)) or None,
    ),
    (
        Family(
            "wolkvox_operation_stopped_since_timestamp_seconds",
            "Since when the campaigns of wolkvox_operation_stopped_campaigns are idle, in Unix time.",
            Scope.OPERATION,
            unit="seconds",
        ),
        lambda judged: judged.stopped_since,
    ),
    (
        Family(
            "wolkvox_operation_stopped_confirmed_seconds",
            "For how long answers confirm that those of wolkvox_operation_stopped_campaigns are idle.",
            Scope.OPERATION,
            unit="seconds",
        ),
        lambda judged: max((one.lasting.confirmed for one in judged.stopped), default=None),
    ),
    (
        Family(
            "wolkvox_operation_finding",
            "1 when something about the operation should be put right, 0 when it is known to be right; "
            "absent when that is not known.",
            Scope.OPERATION,
            labels=("finding",),
        ),
        lambda judged: {(finding.value,): float(so) for finding, so in judged.findings.items()},
    ),
    (
        Family(
            "wolkvox_operation_started_predictives",
            "Campaigns of type predictive that are started; absent while no campaign's type is known.",
            Scope.OPERATION,
        ),
        lambda judged: judged.started_predictives,
    ),
    (
        Family(
            "wolkvox_operation_predictives_limit",
            "Predictive campaigns that may be started at once: as configured, else a quarter of the licences "
            "and two.",
            Scope.OPERATION,
        ),
        lambda judged: judged.predictives_limit,
    ),
    (
        Family(
            "wolkvox_abandonment_limit_ratio",
            "Share of the calls that people answer which may be abandoned, as configured.",
            Scope.OPERATION,
            unit="ratio",
        ),
        lambda judged: judged.terms.abandonment_limit,
    ),
    (
        Family(
            "wolkvox_operation_recent_share_ratio",
            "Share with a result among the dials of all campaigns between the last three answers.",
            Scope.OPERATION,
            labels=("result",),
            unit="ratio",
        ),
        partial(_shares, place=0),
    ),
    (
        Family(
            "wolkvox_operation_usual_share_ratio",
            "Share that the dials of wolkvox_operation_recent_share_ratio would have by what is usual for "
            "their campaigns.",
            Scope.OPERATION,
            labels=("result",),
            unit="ratio",
        ),
        partial(_shares, place=1),
    ),
    (
        Family(
            "wolkvox_operation_share_chance_ratio",
            "How likely so great a difference between the recent and the usual share is by chance.",
            Scope.OPERATION,
            labels=("result",),
            unit="ratio",
        ),
        partial(_shares, place=2),
    ),
)
"""Every family whose samples follow from how the campaigns of an operation are judged together."""

UTC_OFFSET = Family(
    "wolkvox_operation_utc_offset_seconds",
    "By how much the operation's local time is ahead of UTC at present.",
    Scope.OPERATION,
    unit="seconds",
)

FAMILIES: tuple[Family, ...] = (
    *(family for family, _ in JUDGEMENT_FAMILIES),
    *(family for family, _ in OPERATION_JUDGEMENT_FAMILIES),
    UTC_OFFSET,
)


def judgement_lines(judged: Judged, operation: str, utc_offset: float, wall: float) -> Sequence[bytes]:
    """Return the lines of each family at a Unix time, in the order of FAMILIES; the offset is in seconds."""
    campaigns = [(labels(CAMPAIGN_LABELS, one.campaign.labels), one) for one in judged.campaigns]
    whole = labels(("operation",), (operation,))
    return [
        _states(campaigns),
        *(
            lines(family, ((prefix, read(one, wall)) for prefix, one in campaigns))
            for family, read in JUDGEMENT_FAMILIES[1:]
        ),
        *(lines(family, [(whole, read(judged))]) for family, read in OPERATION_JUDGEMENT_FAMILIES),
        lines(UTC_OFFSET, [(whole, utc_offset)]),
    ]


def _states(campaigns: Sequence[tuple[str, Judgement]]) -> bytes:
    """Return the lines of the states, of which there are eight for each campaign."""
    family = JUDGEMENT_FAMILIES[0][0]
    head = f"{family.name}{{"
    ends = {
        present: [
            f",{labels(family.labels, (state.value,))}}} {number(state is present)}\n"
            for state in CampaignState
        ]
        for present in CampaignState
    }
    return "".join([f"{head}{prefix}{end}" for prefix, one in campaigns for end in ends[one.state]]).encode()
