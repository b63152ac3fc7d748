"""What can be done to a campaign, and what to a whole operation, besides the faults of its API."""

from collections.abc import Mapping
from dataclasses import dataclass

_MACHINE = 0.14


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a campaign.

    text: what it looks like. calls, answers, hits: these as a share of what is usual. failed: share of all
    calls that end in congestion or failed besides. machines: share of calls that a machine answers.
    abandoned: share of those who answer that no agent gets, None for the usual one. speed: in percent, None
    for the usual one. left: records of the list that are left when it begins, None for as many as there are.
    minutes_left: how long those that are left last at most. spared: the last records, which are never called.
    ends_list: nobody loads or recycles the list any more.
    """

    text: str
    calls: float = 1.0
    answers: float = 1.0
    hits: float = 1.0
    failed: float = 0.0
    machines: float = _MACHINE
    abandoned: float | None = None
    speed: int | None = None
    left: int | None = None
    minutes_left: int | None = None
    spared: int = 0
    ends_list: bool = False


FINE = Trouble("nothing is wrong")
CLEARED = "clear"
"""The trouble of a campaign whose list has no records any more."""

TROUBLES: Mapping[str, Trouble] = {
    "stall": Trouble("leave it on without a single call", calls=0.0),
    "slow_down": Trouble("make one call where it usually makes ten", calls=0.1),
    "fail_calls": Trouble("let every call end in congestion or failed, as with a dead carrier", failed=1.0),
    "dead_numbers": Trouble("let two of three calls end in congestion or failed", failed=0.67),
    "lose_answers": Trouble("let nearly nobody answer, as with a blocked caller id", answers=0.02),
    "fewer_answers": Trouble("let three of ten people answer who usually do", answers=0.3),
    "more_machines": Trouble("let machines answer seven of ten calls", machines=0.7),
    "lose_hits": Trouble("let nearly no answer become a hit", hits=0.03),
    "abandon_half": Trouble("let no agent get half of those who answer", abandoned=0.5),
    "abandon_tenth": Trouble("let no agent get one of ten who answer", abandoned=0.1),
    "abandon_twentieth": Trouble("let no agent get one of twenty who answer", abandoned=0.05),
    "no_speed": Trouble("set its speed to 0", speed=0),
    "high_speed": Trouble("set its speed to 200 %", speed=200),
    "use_up": Trouble("dial the rest of the list at once, and load no other", left=0, ends_list=True),
    "spare_rest": Trouble(
        "dial the list but for its last three records, which are never called",
        left=3,
        spared=3,
        ends_list=True,
    ),
    "near_end": Trouble(
        "dial the list but for what is called within an hour, and load no other",
        minutes_left=60,
        ends_list=True,
    ),
    CLEARED: Trouble("clear the list, and load no other", calls=0.0, ends_list=True),
}
"""What a campaign can suffer from, one at a time."""

ACTIONS: Mapping[str, str] = {
    "start": "switch it on by hand, whatever the hour",
    "stop": "switch it off, by hand",
    "go_off": "let it go off by itself, so that `audit_log` has no line of it",
    **{name: trouble.text for name, trouble in TROUBLES.items()},
    "auto": "end all of these: the campaign follows its shift again",
    "recycle": "make the whole list clean again",
    "load": "load a fresh list, with which every count begins again",
    "move": "give its calls to another skill; `auto` gives them back",
    "rename": "give it another `name`; the id stays",
    "remove": "take it off the vendor's lists and reports",
    "restore": "put it back",
}
"""What can be done to a campaign -> what it does."""

NO_AGENTS = "agents_gone"
OTHER_LICENCES = "licences_changed"
NO_PROTECTION = "protection_off"

CONDITIONS: Mapping[str, str] = {
    NO_AGENTS: "let every agent leave for auxiliary, so that campaigns make no calls",
    OTHER_LICENCES: "let `services` tell five licences more",
    NO_PROTECTION: "switch customer protection off",
}
"""Condition -> what it does. Several may hold at once."""
