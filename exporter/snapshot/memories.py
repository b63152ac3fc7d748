"""What is remembered of campaigns from answer to answer, and outlives the process; immutable.

Times are Unix time in seconds. What is not known is None. `exporter.judgement` makes and reads these records.
"""

import sys
from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

MAX_TIME_SECONDS = 4_102_444_800.0  # the year 2100

# A comparison with NaN is false, so that these refuse it.
Seconds = Annotated[float, Meta(ge=0.0, lt=MAX_TIME_SECONDS)]
"""A Unix time or a duration."""
Finite = Annotated[float, Meta(ge=-sys.float_info.max, le=sys.float_info.max)]
"""A figure of wolkvox."""
Whole = Annotated[int, Meta(ge=0)]
Count = Annotated[float, Meta(ge=0.0, le=sys.float_info.max)]


class Figures(msgspec.Struct, array_like=True, frozen=True):
    """The figures of a campaign in one answer."""

    running: bool | None = None
    calls_per_minute: Finite | None = None
    records: Finite | None = None
    clean: Finite | None = None
    dialed: Finite | None = None
    answer: Finite | None = None
    failed: Finite | None = None
    machine: Finite | None = None
    hits: Finite | None = None
    speed: Finite | None = None
    recycles: Finite | None = None


class Interval(msgspec.Struct, array_like=True, frozen=True):
    """What came between two answers of a started campaign; `end` is when the later one was asked for."""

    end: Seconds
    seconds: Seconds
    calls: Count | None
    dials: Whole | None
    answer: Whole | None
    failed: Whole | None
    machine: Whole | None
    hits: Whole | None


class Pace(msgspec.Struct, array_like=True, frozen=True):
    """Calls and the seconds in which they were made, the older the less they count.

    `held_since` is since when the pace is too far from the usual one to be learnt.
    """

    seconds: Count = 0.0
    calls: Count = 0.0
    held_since: Seconds | None = None


class Share(msgspec.Struct, array_like=True, frozen=True):
    """How many `of` so many had a result, the older the less they count; `held_since` as in Pace."""

    of: Count = 0.0
    counted: Count = 0.0
    held_since: Seconds | None = None


class Rest(msgspec.Struct, array_like=True, frozen=True):
    """The few records at the end of a list.

    They stand still since `unmoved_since`; `retries` answers showed calls meanwhile, and the last one of a
    started campaign did so if it is `retrying`. It is `proven` that they are never called.
    """

    unmoved_since: Seconds | None = None
    retries: int = 0
    retrying: bool = False
    proven: bool = False


class CampaignMemory(msgspec.Struct, array_like=True, frozen=True):
    """One campaign after its last answer, which was asked for `at`.

    `running`, `calling` and `used_up` are what that answer showed, `expected` and `permitted` what the
    schedule said then; the state that follows from them has lasted `since`, and answers have confirmed it for
    `confirmed` seconds. `type` and `skill` are those known last. `figures` are those of that answer, and
    `counts` the last ones that told of calls and records, asked for at `counted_at`. `working_since` is since
    when it is started in its hours without a break. `alone` is whether most campaigns of its operation went
    on when its calls ended. `listed` and `listed_before` count the dials of the present list and of the one
    before, and those that failed.
    """

    at: Seconds
    running: bool | None
    calling: bool | None
    used_up: bool
    expected: bool | None
    permitted: bool | None
    since: Seconds
    confirmed: Seconds
    figures: Figures
    counts: Figures
    counted_at: Seconds
    type: str = ""
    skill: str = ""
    skill_changed: Seconds | None = None
    running_at: Seconds | None = None
    working_since: Seconds | None = None
    rest: Rest = Rest()
    alone: bool = False
    intervals: tuple[Interval, ...] = ()
    pace: Pace = Pace()
    shares: dict[str, Share] = {}
    listed: Share = Share()
    listed_before: Share = Share()


class OperationMemory(msgspec.Struct, array_like=True, frozen=True):
    """What is remembered of an operation: its campaigns, and since when many of them are stopped at once."""

    campaigns: dict[str, CampaignMemory] = {}
    stopped_since: Seconds | None = None


NOTHING = OperationMemory()
"""What is remembered before the first answer."""

Memories = Mapping[str, CampaignMemory]
"""Campaigns by the keys that `exporter.judgement` gives them."""
