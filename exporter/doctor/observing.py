"""What is asked of wolkvox: at most one call of each API, and none after one that says that all will fail."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from exporter.apis import BY_NAME, PollContext, campaigns, token_info
from exporter.capture import Exchange, without_most_people
from exporter.clock import Clock
from exporter.config import Operation
from exporter.doctor.answers import ReadAnswer, read_again
from exporter.doctor.campaigns_seen import SeenCampaigns
from exporter.doctor.model import Circumstances, Observation
from exporter.doctor.recording import Recorder
from exporter.operators.command_client import (
    CAUSES_FOR_ANY_CALL,
    CommandClient,
    OutOfBudget,
    StateNotShared,
)
from exporter.traffic import Gate
from exporter.wolkvox import Cause, RequestFailed
from exporter.wolkvox.connecting import resolve
from exporter.wolkvox.transport import proxies_for

_log = logging.getLogger(__name__)

_LOOKUP_SECONDS = 10.0
_HTTPS_PORT = 443
_SHARED_CAUSES = (CAUSES_FOR_ANY_CALL - {Cause.FORBIDDEN}) | {Cause.REDIRECT}
"""Causes with which the next call would fail as well: a token may be forbidden a single API."""
_ALIKE_CALLS = 2
"""After so many calls, all of which have failed for the same cause, the others are not made."""


@dataclass(slots=True)
class _Calls:
    exchanges: list[Exchange] = field(default_factory=list)
    answers: dict[str, ReadAnswer] = field(default_factory=dict)
    not_asked: dict[str, str] = field(default_factory=dict)
    own_count: int | None = None


class Observer:
    """Looks at one operation; `client` makes the calls, which `recorder` keeps."""

    def __init__(  # noqa: PLR0913 - everything that it touches is passed in
        self,
        operation: Operation,
        path: str,
        *,
        client: CommandClient,
        recorder: Recorder,
        gate: Gate,
        clock: Clock,
        look_up: Callable[[str, int], int],
    ) -> None:
        self._operation = operation
        self._path = path
        self._client = client
        self._recorder = recorder
        self._gate = gate
        self._clock = clock
        self._look_up = look_up

    def observe(self, state_problem: str, refused: str) -> Observation:
        """Return what was seen of the operation.

        `state_problem` is as in Circumstances; where `refused` says why, no call is made. Raises Interrupted,
        StateError.
        """
        facts = self._looked_up(Circumstances(state_problem=state_problem))
        calls = _Calls()
        stop = refused or ("its server was not found" if facts.lookup_failure else "")
        for api in order(self._operation):
            if stop:
                calls.not_asked[api] = stop
            else:
                stop = self._ask(api, calls)
        usage = self._gate.usage()
        # A state of our own knows only of our own calls.
        counted = not state_problem or usage.others_count is not None
        facts = replace(
            facts,
            own_count=_written(None if state_problem else calls.own_count),
            used=_written(usage.used if counted else None),
            limit=_written(usage.limit),
            budget=_written(usage.budget),
            refused=self._clock_time(usage.refused_at),
            not_asked=calls.not_asked,
        )
        return Observation(self._operation, self._path, facts, calls.exchanges)

    def _clock_time(self, wall: float | None) -> str:
        return "" if wall is None else f"{datetime.fromtimestamp(wall, self._operation.timezone):%H:%M}"

    def _looked_up(self, facts: Circumstances) -> Circumstances:
        url = self._operation.base_url
        parts = urlsplit(url)
        if proxies_for(url):
            return replace(facts, proxy=True)
        try:
            return replace(facts, addresses=self._look_up(parts.hostname or "", parts.port or _HTTPS_PORT))
        except RequestFailed as failure:
            return replace(facts, lookup_failure=failure.detail)

    def _ask(self, api: str, calls: _Calls) -> str:
        """Make the call of an API; return why no other is to be made, or ""."""
        campaign_id = self._campaign(api, calls)
        if campaign_id is None:
            calls.not_asked[api] = "no campaign is known to have dialled today"
            return ""
        context = PollContext(
            datetime.fromtimestamp(self._clock.now().wall, self._operation.timezone),
            campaign_id=campaign_id,
            options=self._operation.apis[api].options,
        )
        failure: RequestFailed | None = None
        try:
            self._client.fetch(BY_NAME[api].call(context), lambda _rows: None)
        except (OutOfBudget, StateNotShared) as error:
            calls.not_asked[api] = str(error)
            return str(error)
        except RequestFailed as failed:
            failure = failed
        kept = self._recorder.take()
        assert kept is not None  # noqa: S101 - for the type checker: a call is an exchange
        kept = without_most_people(replace(kept, api=api, campaign_id=campaign_id))
        calls.exchanges.append(kept)
        calls.answers[api] = read = read_again(self._operation, kept)
        if api == token_info.NAME:
            calls.own_count = self._gate.usage().own_count
            told = token_info.token_use(read.listing)
            if told is not None:
                self._gate.note_vendor_count(told)
        if read.failure is None:
            return ""
        never_sent = failure is not None and not failure.sent and kept.status is None
        if read.failure.cause in _SHARED_CAUSES or never_sent:
            return f"no more calls are made after the failure of {api}"
        causes = [one.failure.cause if one.failure else None for one in calls.answers.values()]
        if causes == [read.failure.cause] * _ALIKE_CALLS:
            return f"no more calls are made: {' and '.join(calls.answers)} have failed alike"
        return ""

    def _campaign(self, api: str, calls: _Calls) -> str | None:
        """Return the campaign to ask an API for, "" where it is not asked by campaign; None without one."""
        if not BY_NAME[api].by_campaign or BY_NAME[api].and_whole:
            return ""
        seen = SeenCampaigns.of(calls.answers)
        return next(iter(seen.dialled()), None)


def order(operation: Operation) -> Sequence[str]:
    """Return the APIs of an operation in the order in which they are asked: the meter first.

    A report by campaign comes after `campaigns`, which says for whom there is one.
    """
    return sorted(operation.enabled(), key=lambda api: (api != token_info.NAME, api != campaigns.NAME))


def _written(count: float | None) -> str:
    return "" if count is None else f"{count:,.0f}"


def count_addresses(host: str, port: int) -> int:
    """Return how many addresses a host name has; raises RequestFailed (connection)."""
    found = resolve(host, port, time.monotonic() + _LOOKUP_SECONDS)
    return len({address[0] for *_, address in found})
