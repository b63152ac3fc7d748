"""What the doctor says of an operation, from what was seen of it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from exporter.apis import services, token_info
from exporter.apis.services import CALLS_PER_LICENCE
from exporter.clock import MAX_CLOCK_SKEW_SECONDS
from exporter.config import Operation, calls_per_day
from exporter.doctor.answers import ADVICE, ReadAnswer, advice_for, checks_of, failed_check, read_again
from exporter.doctor.campaigns_seen import SeenCampaigns, filter_checks, schedule_checks, zone_checks
from exporter.doctor.model import Check, Circumstances, Examination, Grade, Observation
from exporter.parsing import count
from exporter.schedules import holiday_lines, tolerance_notes, zone_notes
from exporter.snapshot import Listing
from exporter.wolkvox import Cause, RequestFailed

_ODD_CLOCK_SECONDS = 30.0
_CAUSES_OF_ALL = frozenset({Cause.AUTH, Cause.QUOTA})
"""Causes that are told of the operation as a whole, and not of an API."""
_TOLERATED_CALLS = 5
"""Calls by which wolkvox's count of a token may differ from ours: one at midnight, one that was lost."""


def examine(seen: Observation) -> Examination:
    """Return what the doctor says of an operation."""
    answers = [read_again(seen.operation, one) for one in seen.exchanges]
    by_api = {read.api.name: read for read in answers}
    campaigns = SeenCampaigns.of(by_api)
    checks = [
        _configuration(seen),
        *_state(seen.facts),
        *_connection(seen, answers),
        *_token(answers),
        *_licences(seen, by_api),
        *_calls(seen, campaigns, answers),
        *_second_user(seen.facts, by_api),
    ]
    checks += _apis(seen, by_api, campaigns)
    checks += filter_checks(seen.operation, seen.path, campaigns)
    checks += schedule_checks(seen.operation, seen.path, campaigns)
    checks += _calendars(seen)
    checks += zone_checks(seen.operation, seen.path, campaigns)
    forms = {read.api.name: read.fields.forms for read in answers if read.fields.forms}
    return Examination(seen.operation.name, checks, forms)


def _configuration(seen: Observation) -> Check:
    apis = seen.operation.enabled()
    if not apis:
        advice = f"switch some on under {seen.path}.apis: without them nothing is known of the operation"
        return Check(Grade.WRONG, "configuration", "no API is switched on", advice)
    return Check(Grade.GOOD, "configuration", f"valid; {len(apis)} APIs are on: {', '.join(apis)}")


def _calendars(seen: Observation) -> Iterator[Check]:
    """Yield the next holidays of each calendar, and which hours or tolerances are not as meant."""
    for note in tolerance_notes(seen.operation.schedules):
        yield Check(Grade.ODD, "schedules", note.removeprefix("note: "), "shorten the tolerance")
    if not seen.exchanges:
        return
    schedules, zone, now = seen.operation.schedules, seen.operation.timezone, seen.exchanges[0].at
    for line in holiday_lines(schedules, zone, now):
        yield Check(Grade.GOOD, "schedules", line)
    for note in zone_notes(schedules, zone, now):
        yield Check(Grade.ODD, "schedules", note.removeprefix("note: "), "see docs/laws.md")


def _apis(seen: Observation, by_api: Mapping[str, ReadAnswer], campaigns: SeenCampaigns) -> Iterator[Check]:
    """Yield what is noticed about each API: first the calls that failed or were not made."""
    failed: list[Check] = []
    not_asked: list[Check] = []
    answered = _any_answered(by_api.values())
    for api in seen.operation.enabled():
        read = by_api.get(api)
        if read is not None and read.failure is not None:
            if answered and read.failure.cause not in _CAUSES_OF_ALL:
                failed.append(failed_check(read))
        elif api in seen.facts.not_asked:
            not_asked.append(Check(Grade.ODD, api, f"not asked: {seen.facts.not_asked[api]}"))
    yield from _joined([*failed, *not_asked])
    for api in seen.operation.enabled():
        if api in by_api and by_api[api].failure is None:
            yield from checks_of(by_api[api], campaigns_known=bool(campaigns.names))


def _joined(checks: Sequence[Check]) -> Iterator[Check]:
    """Yield checks, those that say the same of several APIs as one."""
    same: dict[tuple[Grade, str, str], list[str]] = {}
    for one in checks:
        same.setdefault((one.grade, one.text, one.advice), []).append(one.subject)
    for (grade, text, advice), apis in same.items():
        if len(apis) == 1:
            yield Check(grade, apis[0], text, advice)
        else:
            yield Check(grade, f"{len(apis)} APIs", f"{text} ({', '.join(apis)})", advice)


def _any_answered(answers: Iterable[ReadAnswer]) -> bool:
    return any(read.exchange.status is not None for read in answers)


def _state(facts: Circumstances) -> Iterator[Check]:
    if facts.state_problem:
        yield Check(
            Grade.WRONG,
            "state store",
            facts.state_problem,
            "the exporter and all commands must share one state that they can write: see state.url in "
            "docs/configuration.md; without it each restart forgets the day's count, and commands refuse",
        )
    elif facts.state_problem is not None:
        yield Check(Grade.GOOD, "state store", "it can be written")


def _connection(seen: Observation, answers: Sequence[ReadAnswer]) -> Iterator[Check]:
    facts = seen.facts
    if facts.proxy:
        yield Check(Grade.GOOD, "proxy", "calls go through the proxy that HTTPS_PROXY names")
    if facts.lookup_failure:
        yield Check(
            Grade.WRONG,
            "address",
            facts.lookup_failure,
            f"check {seen.path}.server (or base_url), and the name servers of this machine",
        )
    elif facts.addresses is not None:
        text = "1 address" if facts.addresses == 1 else f"{facts.addresses} addresses"
        yield Check(Grade.GOOD, "address", f"the name of the server has {text}")
    if not _any_answered(answers):
        failures = {(failure.cause, failure.detail): failure for read in answers if (failure := read.failure)}
        for failure in failures.values():
            subject = "TLS" if failure.cause == Cause.TLS else "connection"
            yield Check(Grade.WRONG, subject, failure.detail, advice_for(failure))
        return
    yield Check(Grade.GOOD, "connection", "the server answers")
    if tls := next((read.exchange.tls for read in answers if read.exchange.tls), ""):
        yield Check(Grade.GOOD, "TLS", f"{tls}, with a certificate that is trusted")
    yield from _clock(answers)


def _clock(answers: Sequence[ReadAnswer]) -> Iterator[Check]:
    dated = next((read.exchange for read in answers if read.exchange.date is not None), None)
    if dated is None or dated.date is None:
        return
    # The header has whole seconds, and was written at some time during the call.
    ahead = dated.at - dated.date - 1
    behind = dated.date - dated.at - dated.seconds
    off = max(ahead, behind, 0.0)
    if off <= _ODD_CLOCK_SECONDS:
        yield Check(Grade.GOOD, "clock", "this machine's clock agrees with wolkvox's")
        return
    yield Check(
        Grade.WRONG if off > MAX_CLOCK_SKEW_SECONDS else Grade.ODD,
        "clock",
        f"this machine's clock is {off:.0f} s {'ahead of' if ahead > behind else 'behind'} wolkvox's",
        "let the machine set its clock by NTP: schedules and days go by it",
    )


def _refusal(answers: Iterable[ReadAnswer], cause: Cause) -> RequestFailed | None:
    return next((read.failure for read in answers if read.failure and read.failure.cause == cause), None)


def _token(answers: Sequence[ReadAnswer]) -> Iterator[Check]:
    refused = _refusal(answers, Cause.AUTH)
    if refused is not None:
        yield Check(Grade.WRONG, "token", refused.detail, ADVICE[Cause.AUTH])
    elif any(read.answer is not None for read in answers):
        yield Check(Grade.GOOD, "token", "wolkvox accepts it")


def _licences(seen: Observation, answers: Mapping[str, ReadAnswer]) -> Iterator[Check]:
    """Yield whether the licences of the configuration, of services and of token_info agree."""
    configured = seen.operation.licences
    told = services.licences(_listing(answers, services.NAME))
    use = token_info.token_use(_listing(answers, token_info.NAME))
    by_limit = None if use is None or use.limit is None else use.limit / CALLS_PER_LICENCE
    said = {
        "the configuration": configured,
        "services": told,
        "token_info (calls a day by 1,000)": by_limit,
    }
    known = {who: number for who, number in said.items() if number is not None}
    if not known and _meter_failed(seen.operation, answers):
        return  # that it failed is told, and what it would say is not known
    if not known:
        yield Check(
            Grade.ODD,
            "licences",
            "neither the configuration nor wolkvox says how many there are: the quota is not known",
            f"set {seen.path}.licences to those of your contract",
        )
        return
    listed = ", ".join(f"{number:g} by {who}" for who, number in known.items())
    if len(set(known.values())) == 1:
        yield Check(Grade.GOOD, "licences", listed)
        return
    wrong = configured is not None and told is not None and configured != told
    yield Check(
        Grade.WRONG if wrong else Grade.ODD,
        "licences",
        f"they differ: {listed}",
        "the quota goes by the first of these: compare with your contract, and put "
        f"{seen.path}.licences right",
    )


def _meter_failed(operation: Operation, answers: Mapping[str, ReadAnswer]) -> bool:
    """Return whether none of the APIs that tell the quota has answered, although one is switched on."""
    asked = {services.NAME, token_info.NAME} & set(operation.enabled())
    return bool(asked) and all(_listing(answers, api) is None for api in asked)


def _listing(answers: Mapping[str, ReadAnswer], api: str) -> Listing | None:
    read = answers.get(api)
    return None if read is None else read.listing


def _calls(seen: Observation, campaigns: SeenCampaigns, answers: Sequence[ReadAnswer]) -> Iterator[Check]:
    """Yield what of the day's calls is used, and what polling will cost."""
    refused = _refusal(answers, Cause.QUOTA)
    if refused is not None:
        yield Check(Grade.WRONG, "quota", refused.detail, ADVICE[Cause.QUOTA])
        return
    facts = seen.facts
    if facts.refused:
        yield Check(
            Grade.WRONG,
            "quota",
            f"wolkvox refused a call at {facts.refused}: the operation's calls of today are used up",
            "one call an hour looks whether there is room again, and all else waits: find out who else calls "
            "the API",
        )
        return
    cost = calls_per_day(seen.operation.intervals(), len(campaigns.dialled()))
    used, budget = count(facts.used), count(facts.budget)
    if not isinstance(used, float) or not isinstance(budget, float):
        if not _meter_failed(seen.operation, {read.api.name: read for read in answers}):
            unknown = "what is used today" if isinstance(budget, float) else "the limit"
            text = f"polling will cost {cost:,.0f} calls a day; {unknown} is not known"
            yield Check(Grade.GOOD, "quota", text)
        return
    text = (
        f"{facts.used} of {facts.limit} calls used today; the exporter stops at {facts.budget}, and polling "
        f"costs {cost:,.0f} a day"
    )
    if used >= budget:
        limit = count(facts.limit)
        lower = "" if isinstance(limit, float) and used >= limit else ", or lower quota_reserve"
        advice = (
            f"until midnight nothing is polled but the count of calls: find out who else calls the API{lower}"
        )
        yield Check(Grade.WRONG, "quota", text, advice)
    elif cost > budget:
        yield Check(
            Grade.WRONG,
            "quota",
            text,
            "polls will be skipped before the day is over: `check-config` says which intervals would do",
        )
    else:
        yield Check(Grade.GOOD, "quota", text)


def _second_user(facts: Circumstances, answers: Mapping[str, ReadAnswer]) -> Iterator[Check]:
    read = answers.get(token_info.NAME)
    if read is None or read.answer is None or len(read.rows) != 1:
        return  # of several tokens it is not said which is ours
    used, own = count(read.rows[0].get("token_use_today")), count(facts.own_count)
    if not isinstance(used, float) or not isinstance(own, float):
        return
    text = f"calls of this token today: {used:,.0f} by wolkvox's count, {own:,.0f} by this exporter's"
    if used - own <= _TOLERATED_CALLS:
        yield Check(Grade.GOOD, "token's calls", text)
    else:
        yield Check(
            Grade.ODD,
            "token's calls",
            text,
            "somebody else seems to use the token, or the count of today began anew with the state store: "
            "give the exporter a token of its own",
        )
