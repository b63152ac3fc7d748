"""What an answer changes in what is remembered of a campaign. Pure."""

from msgspec.structs import replace

from exporter.evidence import ANSWERS, CLIENTS, Evidence, Statement
from exporter.judgement import results
from exporter.judgement.facts import Facts, state_of
from exporter.judgement.lasting import Lasting, Planned, lasting
from exporter.judgement.states import CampaignState
from exporter.judgement.view import Campaign
from exporter.snapshot.memories import CampaignMemory, Figures, Rest, Share

STATEMENTS = (
    Statement(
        "A campaign whose list is used up stays started until somebody stops it.",
        Evidence.SEEN,
        f"{ANSWERS}; {CLIENTS} wait for clean to be 0 and dial to be at least records",
    ),
    Statement(
        "Counts of a campaign go down, for example when its list is filled again; clean and dial together "
        "need not be records.",
        Evidence.SEEN,
        ANSWERS,
    ),
    Statement(
        "A campaign that is missing from one answer may be back in the next; it is not stopped for that.",
        Evidence.SEEN,
        ANSWERS,
    ),
    Statement(
        "Records that are never called, such as those on a do-not-call list, may be left at the end of a "
        "list: at most 50 and 5 %.",
        Evidence.ASSUMED,
        "no page says what clean counts",
    ),
)

_REMAINDER_SECONDS = 3600.0
_MAX_REMAINDER_RECORDS, _MAX_REMAINDER_RATIO = 50.0, 0.05
"""Records at a list's end that are never called, such as those on a do-not-call list: so many at most."""

_MIN_RETRY_ANSWERS = 2
"""So many answers that show calls although no record is called for the first time: the campaign retries."""

_MAX_STILL_SECONDS = 600.0
"""For how long before an answer the lack of calls is told by records that stand still, at most."""

_BY_COUNTS = {CampaignState.NO_CALLS, CampaignState.LIST_USED_UP}
"""States that an answer without counts, as of `campaign_settings`, does not confirm."""

_AFTER_HOURS_SECONDS = 600.0
"""After so long calls a minute are no longer those of the minutes before the end of hours."""


def figures_of(campaign: Campaign) -> Figures:
    """Return the figures of a campaign as they are published."""
    figure = campaign.figure
    running = figure("running")
    return Figures(
        running=None if running is None else running == 1,
        calls_per_minute=figure("calls_per_minute"),
        records=figure("records"),
        clean=figure("clean_records"),
        dialed=figure("dialed_records"),
        answer=figure("outcome_records", "answer"),
        failed=figure("outcome_records", "busy_congestion_failed"),
        machine=figure("outcome_records", "answer_machine"),
        hits=figure("hits"),
        speed=figure("speed_ratio"),
        recycles=figure("recycles"),
    )


def campaign_after(
    before: CampaignMemory | None, campaign: Campaign, index: int | None, plan: Planned, at: float
) -> CampaignMemory:
    """Return what is remembered of a campaign after an answer that was asked for `at`."""
    figures, says = figures_of(campaign), plan.of(index)
    if before is None:
        facts = Facts(figures.running, _calling(figures), _listed_used_up(figures))
        running_at = at if figures.running else None
        return CampaignMemory(at, *facts, *says, at, 0.0, figures, figures, at, running_at=running_at)
    was = lasting(before, index, plan)
    moved = _moved(before.counts, figures)
    closed = before.counted_at == before.at and all(
        answer is False
        for answer in (
            before.permitted,
            says.permitted,
            *(one.permitted for _, one in plan.since(index, before.at)),
        )
    )
    calling = _calling(figures)
    if calling is not True and moved and closed:
        calling = True
    elif calling is None and was.state is CampaignState.NO_CALLS and figures.running:
        calling = before.calling  # no answer has shown a call since
    in_hours = False not in (*says, before.expected, before.permitted)
    rest = _rest_after(before, figures, at, calling=calling, in_hours=in_hours)
    used_up = before.used_up if _tells_no_counts(figures) else _used_up(figures, rest, calling)
    state = state_of(Facts(figures.running, calling, used_up), says)
    evident = closed and (moved or (bool(calling) and at - was.since >= _AFTER_HOURS_SECONDS))
    told = not _tells_no_counts(figures)
    since, confirmed = _confirmed(was, state, before.at, at, moved=moved, evident=evident, told=told)
    seconds = max(at - before.counted_at, 0.0)
    if state is CampaignState.NO_CALLS and since == at and _stood_still(before, figures):
        # Calls a minute are those of minutes ago, and no record was dialled since.
        confirmed = min(seconds, _MAX_STILL_SECONDS)
    counts, counted_at = (figures, at)
    if _tells_no_counts(figures):
        # Of a campaign that was stopped meanwhile nothing can be said between the other two answers.
        running = bool(before.counts.running and figures.running)
        counts, counted_at = replace(before.counts, running=running), before.counted_at
    working = bool(figures.running) and in_hours
    after = replace(
        before,
        at=at,
        running=figures.running,
        calling=calling,
        used_up=used_up,
        expected=says.expected,
        permitted=says.permitted,
        since=since,
        confirmed=confirmed,
        figures=figures,
        counts=counts,
        counted_at=counted_at,
        running_at=at if figures.running else before.running_at,
        working_since=(before.working_since or at) if working else None,
        rest=rest,
        alone=before.alone and since == was.since,
    )
    if results.is_refill(before.counts, figures):
        listed_before = before.listed if results.list_failed(before).get("present") is not None else None
        after = replace(after, listed=Share(), listed_before=listed_before or before.listed_before)
    between = results.interval_between(before.counts, figures, at, seconds, whole_list=used_up)
    if between is None or _tells_no_counts(figures):
        return after
    return results.with_interval(after, between, in_hours=in_hours)


def _confirmed(  # noqa: PLR0913 - what was, what is, and by which evidence
    was: Lasting,
    state: CampaignState,
    before: float,
    at: float,
    *,
    moved: bool,
    evident: bool,
    told: bool,
) -> tuple[float, float]:
    """Return since when a state lasts that an answer shows, and for how long it is confirmed.

    `told` is whether the answer tells of calls and records.
    """
    if state is not was.state or (state is CampaignState.NO_CALLS and moved):
        return at, 1.0 if state is CampaignState.OUTSIDE_HOURS and evident else 0.0
    if state in _BY_COUNTS and not told:
        return was.since, was.confirmed
    if state is CampaignState.OUTSIDE_HOURS:
        # Figures from before the end of hours are no evidence; and evidence does not go away.
        return was.since, max(at - was.since, was.confirmed, 1.0) if evident else was.confirmed
    # What a clock that was put back took away is not counted, and nothing is counted twice.
    return was.since, was.confirmed + max(at - max(before, was.since), 0.0)


def _calling(figures: Figures) -> bool | None:
    calls = figures.calls_per_minute
    return None if calls is None else calls > 0


def _moved(before: Figures, after: Figures) -> bool:
    """Return whether records were dialled between two answers."""
    return before.dialed is not None and after.dialed is not None and after.dialed > before.dialed


def _stood_still(before: CampaignMemory, figures: Figures) -> bool:
    return bool(before.running) and figures.dialed is not None and figures.dialed == before.counts.dialed


def _tells_no_counts(figures: Figures) -> bool:
    """Return whether an answer tells neither calls nor records: `campaign_settings` stands in."""
    return figures.dialed is None and figures.clean is None and figures.calls_per_minute is None


def _listed_used_up(figures: Figures) -> bool:
    """Return whether a list is known to have nobody left to call, by its figures."""
    if figures.records is None or figures.dialed is None:
        return False
    return figures.clean == 0 and figures.records > 0 and figures.dialed >= figures.records


def _rest_after(
    before: CampaignMemory, figures: Figures, at: float, *, calling: bool | None, in_hours: bool
) -> Rest:
    """Return what is known of the records that are never called at the end of the list."""
    if _tells_no_counts(figures):
        return before.rest
    same = figures.clean == before.counts.clean
    if not figures.running:
        return before.rest if same else Rest()
    unmoved_since, none_left = None, _listed_used_up(figures)
    if same and in_hours and _is_small(figures):
        unmoved_since, none_left = before.rest.unmoved_since or before.at, True
    if not none_left:
        return Rest()
    retries = min(before.rest.retries + bool(calling), _MIN_RETRY_ANSWERS)
    proven = unmoved_since is not None and (
        at - unmoved_since >= _REMAINDER_SECONDS or retries >= _MIN_RETRY_ANSWERS
    )
    return Rest(unmoved_since, retries, bool(calling) and retries >= _MIN_RETRY_ANSWERS, proven)


def _is_small(figures: Figures) -> bool:
    clean, records = figures.clean, figures.records
    if not clean or not records:
        return False
    return clean <= min(_MAX_REMAINDER_RECORDS, _MAX_REMAINDER_RATIO * records)


def _used_up(figures: Figures, rest: Rest, calling: bool | None) -> bool:
    if figures.running:
        return _listed_used_up(figures) or (rest.proven and calling is not True)
    return not rest.retrying and (_listed_used_up(figures) or rest.proven)


def identified(memory: CampaignMemory, campaign: Campaign, at: float) -> CampaignMemory:
    """Return the memory with the campaign's type and skill, which stay when an answer does not tell them."""
    kind, skill = campaign.type or memory.type, campaign.labels[3] or memory.skill
    if (kind, skill) == (memory.type, memory.skill):
        return memory
    changed = at if memory.skill and skill != memory.skill else memory.skill_changed
    return replace(memory, type=kind, skill=skill, skill_changed=changed)
