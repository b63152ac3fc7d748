"""A campaign's dialler, minute by minute: calls, their results, and lists that end.

Nothing here knows the rules or the exporter: paces and shares vary by campaign, day and hour beyond pure
chance, as agents come late, take breaks and lists differ.
"""

import math
import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.month.operations import Campaign, Operation

RESULTS = ("answer", "no_answer", "busy/congestion/failed", "answer_machine")
_MOST_SHARE = 0.97


def poisson(rng: random.Random, mean: float) -> int:
    """Return a Poisson figure."""
    if mean <= 0:
        return 0
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def binomial(rng: random.Random, number: int, share: float) -> int:
    """Return how many of `number` succeed."""
    if number <= 0 or share <= 0:
        return 0
    if share >= 1:
        return number
    if share > 0.5:
        return number - binomial(rng, number, 1 - share)
    odds, left = share / (1 - share), rng.random()
    chance, count = (1 - share) ** number, 0
    while left > chance and count < number:
        left -= chance
        chance *= odds * (number - count) / (count + 1)
        count += 1
    return count


@dataclass(frozen=True)
class Effect:
    """What an incident or a trap does to a campaign from one minute to another (not included).

    `what`: off, on (1 with agents, 0 without), pace (a factor), shares (by result, absolute), hits (a
    factor), missing, status, skill, name, speed, kind.
    """

    begin: int
    end: int
    what: str
    value: Any = None


@dataclass(frozen=True)
class ListChange:
    """What people do to a list: clear, load, append, recycle, ensure (that it lasts), run_out.

    To run out, what was not called is deleted, so that only retries are left.
    """

    minute: int
    what: str
    size: int = 0
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass
class Tally:
    """The figures of a campaign as the vendor counts them."""

    records: int = 0
    clean: int = 0
    dial: int = 0
    results: dict[str, int] = field(default_factory=lambda: dict.fromkeys(RESULTS, 0))
    hits: int = 0
    recycled: int = 0


class Dialler:
    """One campaign.

    `plan` are the minutes from which to which people have it on; agents are there in `present`.
    """

    def __init__(
        self,
        campaign: Campaign,
        operation: Operation,
        rng: random.Random,
        *,
        plan: Sequence[tuple[int, int]],
        present: Sequence[tuple[int, int]],
        effects: Sequence[Effect],
        changes: Sequence[ListChange],
    ) -> None:
        self.campaign = campaign
        self.tally = Tally()
        self.on = False
        self.calls = 0
        """Calls of the last minute."""
        self.active: dict[str, Any] = {}
        self.expected = dict.fromkeys(("calls", "answer", "failed", "machine", "hits"), 0.0)
        """What the shares of the present hour's calls were before chance."""
        self._operation = operation
        self._rng = rng
        self._plan, self._present = deque(plan), deque(present)
        self._effects = deque(sorted(effects, key=lambda effect: effect.begin))
        self._running: list[Effect] = []
        self._changes = deque(sorted(changes, key=lambda change: change.minute))
        self._recent: deque[int] = deque([0] * 5, maxlen=5)
        self._coded: dict[int, int] = {}
        self._retries = 0.0
        self._mood = 0.0
        self._day, self._hour = 1.0, 1.0
        self._day_shares = self._hour_shares = dict.fromkeys(("answer", "failed", "machine", "hits"), 1.0)
        self._list: dict[str, float] = {}
        self._hour_of: int | None = None
        self._silent = False
        self._finished: int | None = None
        self._stopped_by_people: int | None = None
        self._again: int | None = None
        if not campaign.spare:
            self._load(campaign.size, {})
            self._catch_up(rng.uniform(0.0, 0.7))

    def speak(self) -> float:
        """Return calls a minute as the operation's server writes them."""
        if self._operation.pace_format == "last minute":
            return float(self._recent[-1])
        mean = sum(self._recent) / len(self._recent)
        return float(round(mean)) if self._operation.pace_format == "whole figures" else round(mean, 1)

    def step(self, minute: int, local_minute: int, weather: float) -> None:
        """Live through a minute. `weather` is what the whole operation's pace is multiplied with."""
        self._advance(minute)
        while self._changes and self._changes[0].minute <= minute:
            self._change(self._changes.popleft())
        self.tally.hits += self._coded.pop(minute, 0)
        self._look_at_the_list(minute)
        planned = bool(self._plan and self._plan[0][0] <= minute)
        held = self._stopped_by_people is not None and minute >= self._stopped_by_people
        self.on = ((planned and not held) or "on" in self.active) and "off" not in self.active
        calls = 0
        if self.on:
            calls = self._dial(minute, local_minute, weather)
        self.calls = calls
        self._recent.append(calls)

    def _advance(self, minute: int) -> None:
        while self._plan and self._plan[0][1] <= minute:
            self._plan.popleft()
        while self._present and self._present[0][1] <= minute:
            self._present.popleft()
        changed = False
        while self._effects and self._effects[0].begin <= minute:
            self._running.append(self._effects.popleft())
            changed = True
        if any(effect.end <= minute for effect in self._running):
            self._running = [effect for effect in self._running if effect.end > minute]
            changed = True
        if changed:
            self.active = {effect.what: effect.value for effect in self._running}
        if minute // 60 != self._hour_of:
            self._next_hour(minute)

    def _next_hour(self, minute: int) -> None:
        rng = self._rng
        if self._hour_of is None or minute // 1440 != self._hour_of * 60 // 1440:
            self._day = rng.lognormvariate(0, 0.18)
            self._day_shares = {
                name: rng.lognormvariate(0, 0.1 if name != "hits" else 0.15) for name in self._day_shares
            }
        self._hour = rng.lognormvariate(0, 0.18)
        self._hour_shares = {name: rng.lognormvariate(0, 0.1) for name in self._hour_shares}
        self._silent = self.campaign.kind == "preview" and rng.random() < 0.35
        self._hour_of = minute // 60

    def _dial(self, minute: int, local_minute: int, weather: float) -> int:
        rng = self._rng
        there = bool(self._present and self._present[0][0] <= minute) or self.active.get("on") == 1
        if not there or self._silent or self.active.get("speed") == "0%":
            return 0
        self._mood += -self._mood / 45 + rng.gauss(0, 0.045)
        mean = self.campaign.pace / 60 * self._day * self._hour * weather * math.exp(self._mood)
        if self._present and self._present[0][0] <= minute:
            mean *= _presence(minute, self._present[0])
        number = poisson(rng, mean * self.active.get("pace", 1.0))
        if not number:
            return 0
        fresh_left = self.tally.clean - min(self.campaign.remainder, self.tally.clean)
        fresh = min(fresh_left, binomial(rng, number, 0.75 if self._retries >= 1 else 1.0))
        retries = min(int(self._retries), number - fresh if fresh_left else max(1, number // 2))
        number = fresh + retries
        self._answer(fresh, retries, minute, local_minute)
        return number

    def _answer(self, fresh: int, retries: int, minute: int, local_minute: int) -> None:
        """Give the calls their results."""
        shares = self.shares(local_minute)
        number = fresh + retries
        for name, result in (("answer", "answer"), ("failed", RESULTS[2]), ("machine", RESULTS[3])):
            self.expected[name] += number * shares[result]
        self.expected["calls"] += number
        hit_share = self.campaign.hit_share * self._day_shares["hits"] * self._hour_shares["hits"]
        hit_share *= self.active.get("hits", 1.0)
        self.expected["hits"] += number * shares["answer"] * hit_share
        tally, rng = self.tally, self._rng
        tally.clean -= fresh
        found = self._share_out(fresh, shares)
        again = self._share_out(retries, shares)
        tally.dial += fresh
        for result in RESULTS:
            tally.results[result] += found[result]
        if self._operation.counts == "attempts":
            tally.dial += retries
            for result in RESULTS:
                tally.results[result] += again[result]
        else:
            self._move(again)
        self._retries += 0.8 * (fresh - found["answer"]) - retries + 0.5 * (retries - again["answer"])
        if self._retries < 1 and fresh == 0:
            self._retries = 0.0
        for _ in range(binomial(rng, found["answer"] + again["answer"], hit_share)):
            at = minute + rng.randrange(1, 15)
            self._coded[at] = self._coded.get(at, 0) + 1

    def _move(self, again: Mapping[str, int]) -> None:
        """Let records that were called again change their result."""
        results = self.tally.results
        for result in RESULTS:
            for _ in range(again[result]):
                old = max(RESULTS[1:], key=lambda name: results[name] * self._rng.random())
                if results[old]:
                    results[old] -= 1
                    results[result] += 1

    def _share_out(self, number: int, shares: Mapping[str, float]) -> dict[str, int]:
        found, left, rest = {}, number, 1.0
        for result in (RESULTS[0], RESULTS[2], RESULTS[3]):
            found[result] = binomial(self._rng, left, min(1.0, shares[result] / rest) if rest > 0 else 0)
            left -= found[result]
            rest -= shares[result]
        found[RESULTS[1]] = left
        return found

    def shares(self, local_minute: int) -> dict[str, float]:
        """Return how likely each result of a call is at present."""
        evening = 1 + 0.18 * math.sin((local_minute - 720) / 720 * math.pi)
        factors = {
            "answer": self._day_shares["answer"] * self._hour_shares["answer"] * evening,
            RESULTS[2]: self._day_shares["failed"] * self._hour_shares["failed"],
            RESULTS[3]: self._day_shares["machine"] * self._hour_shares["machine"],
        }
        found = {
            result: share * factors[result] * self._list.get(result, 1.0)
            for result, share in self.campaign.shares.items()
        }
        found.update(self.active.get("shares", {}))
        total = sum(found.values())
        if total > _MOST_SHARE:
            found = {result: share / total * _MOST_SHARE for result, share in found.items()}
        return found

    def _look_at_the_list(self, minute: int) -> None:
        """Notice a list that is over, and do what the floor does then."""
        if self._again is not None and minute >= self._again:
            self._stopped_by_people = self._again = None
        over = self.tally.clean <= self.campaign.remainder and self._retries < 1 and self.tally.records > 0
        if not over or self._finished is not None or not self.on:
            return
        rng, self._finished = self._rng, minute
        next_day = (minute // 1440 + 1) * 1440 + rng.randrange(360, 410) + 300
        soon = minute + rng.randrange(15, 90)
        at = {
            "recycle": soon,
            "refill": soon + 60 if rng.random() < 0.3 else next_day,
            "append": soon,
            "leave": next_day,
        }[self.campaign.at_the_end]
        what = "load" if self.campaign.at_the_end in ("refill", "leave") else self.campaign.at_the_end
        self.plan_change(ListChange(at, what, round(self.campaign.size * rng.uniform(0.6, 1.3))))
        if self.campaign.at_the_end != "leave" and rng.random() < 0.4:
            # Not at once: two polls see that there is nobody left to call.
            self._stopped_by_people = minute + rng.randrange(11, 40)

    def plan_change(self, change: ListChange) -> None:
        """Add a change of the list to those to come."""
        self._changes = deque(sorted((*self._changes, change), key=lambda change: change.minute))

    def _change(self, change: ListChange) -> None:
        tally, rng = self.tally, self._rng
        if change.what == "clear":
            self.tally = Tally(recycled=tally.recycled)
            self._retries = 0.0
            self._finished = 0
            return
        if change.what == "run_out":
            gone = tally.clean
            tally.clean, tally.records = 0, tally.records - gone
            self._retries = max(self._retries, gone * 0.6, self.campaign.pace * 4)
            return
        if change.what == "ensure":
            if tally.records and tally.clean - self.campaign.remainder < change.size:
                tally.records += change.size
                tally.clean += change.size
        elif change.what == "load":
            self._load(change.size or self.campaign.size, change.shares)
        elif change.what == "append":
            size = change.size or self.campaign.size
            tally.records += size
            tally.clean += size
        else:
            self._recycle()
        if self._finished is not None:
            self._finished = None
            self._again = change.minute + rng.randrange(1, 5)

    def _load(self, size: int, shares: Mapping[str, float]) -> None:
        rng = self._rng
        self.tally = Tally(records=size, clean=size, recycled=0)
        self._retries = 0.0
        self._coded = {}
        quality = {
            "answer": rng.lognormvariate(0, 0.12),
            RESULTS[2]: rng.lognormvariate(0, 0.15),
            RESULTS[3]: rng.lognormvariate(0, 0.12),
        }
        self._list = {**quality, **shares}

    def _recycle(self) -> None:
        tally = self.tally
        called = tally.records - tally.clean
        unanswered = round(called * (1 - self.campaign.shares["answer"]) * 0.9)
        tally.clean += unanswered
        tally.recycled += 1
        if self._operation.counts == "records":
            tally.dial = max(0, tally.dial - unanswered)
            kept = dict.fromkeys(RESULTS, 0)
            kept["answer"] = min(tally.results["answer"], tally.dial)
            kept["no_answer"] = tally.dial - kept["answer"]
            tally.results = kept
        self._retries = 0.0
        self._list["answer"] = self._list.get("answer", 1.0) * 0.85
        self._list[RESULTS[2]] = self._list.get(RESULTS[2], 1.0) * 1.1

    def _catch_up(self, share: float) -> None:
        """Let part of the list have been called before the month began."""
        done = int(self.tally.clean * share)
        found = self._share_out(done, {**self.campaign.shares})
        self.tally.clean -= done
        self.tally.dial += done
        for result in RESULTS:
            self.tally.results[result] += found[result]
        self.tally.hits = binomial(self._rng, min(found["answer"], 200), self.campaign.hit_share)

    def row(self, local_minute: int) -> dict[str, Any]:
        """Return the campaign as the list of campaigns in real time has it."""
        tally, active, write = self.tally, self.active, self._write
        answers = max(1, tally.results["answer"])
        called = tally.records - tally.clean
        share = called / tally.records * 100 if tally.records else 0.0
        ways = 100 - (local_minute // 120) % 4 * 10
        tail = f"tel1 ({ways}%)" if ways == 100 else f"tel1 ({ways}%) - tel2 ({100 - ways}%)"
        return {
            "campaign": f"{self.campaign.campaign_id} - {active.get('name', self.campaign.name)} - {tail}",
            "speed": active.get("speed", "110%"),
            "status": active.get("status", "started" if self.on else "stopped"),
            "skill_id": active.get("skill", self.campaign.skill),
            "records": write(tally.records),
            "clean": write(tally.clean),
            "dial": write(tally.dial),
            **{result: write(tally.results[result]) for result in RESULTS},
            "penetration_day": f"{share:.2f} %",
            "penetration_now": f"{share:.2f} %",
            "hits": f"{tally.hits} ({tally.hits / answers * 100:.2f} %)",
            "calls_x_min": self.speak() if self._operation.figures else f"{self.speak():g}",
            "recycled": write(tally.recycled),
        }

    def settings(self) -> dict[str, Any]:
        """Return the campaign as the list of settings has it."""
        active = self.active
        return {
            "campaign_id": self.campaign.campaign_id,
            "campaign_name": active.get("name", self.campaign.name),
            "campaign_description": "Lista ficticia",
            "type_campaign": active.get("kind", self.campaign.kind),
            "status": "Started" if self.on else "Stopped",
            "records": self._write(self.tally.records),
            "speed": active.get("speed", "110%"),
            "dial_mode": "phone1 - ring: 30(seg)",
            "skill_id": active.get("skill", self.campaign.skill),
            "recycled": "0",
            "turbo_dial": "no",
            "last_use": "2026-01-02 08:00:00",
        }

    def _write(self, count: int) -> str | int:
        if self._operation.figures:
            return count
        return f"{count:,}" if self._operation.thousands else str(count)


def _presence(minute: int, present: tuple[int, int]) -> float:
    """Return the share of agents at work: they come one by one, take breaks, and leave one by one."""
    since, left = minute - present[0], present[1] - minute
    share = min(1.0, 0.4 + since / 12) * min(1.0, 0.45 + left / 20)
    if 110 <= since % 240 < 130:
        share *= 0.55
    return share
