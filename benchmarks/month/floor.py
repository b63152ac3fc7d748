"""Lives through the month of one operation and writes what wolkvox would answer, and the truth beside it.

The answers have the form that scripts/replay.py reads: what a call is answered from a time on.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from benchmarks.month.dialler import Dialler
from benchmarks.month.incidents import Incident, Plan, Trouble, plan
from benchmarks.month.operations import DAY_MINUTES, Operation

APIS = ("campaigns", "campaign_settings", "token_info", "services")
START = datetime(2026, 6, 4, tzinfo=UTC).timestamp()
"""A Thursday, as 1970-01-01 was, where promtool's clock begins: weekday and hour are then right in rules."""
_AFTER_THE_MINUTE_SECONDS = 3.0
"""Polls come on the minute: what begins in a minute is seen by the next poll, not by the one of that
moment.
"""


class Month:
    """One operation from the first minute to the last."""

    def __init__(
        self, operation: Operation, seed: int, days: int, density: float = 1.0, start: float = START
    ) -> None:
        self.operation, self.start, self.minutes = operation, start, days * DAY_MINUTES
        self.plan: Plan = plan(operation, seed, start, days, density)
        self._rng = random.Random(f"floor {operation.name} {seed}")
        self._diallers = [
            Dialler(
                campaign,
                operation,
                random.Random(f"{campaign.campaign_id} {seed}"),
                plan=self.plan.on[campaign.campaign_id],
                present=self.plan.present[campaign.campaign_id],
                effects=self.plan.effects[campaign.campaign_id],
                changes=self.plan.changes[campaign.campaign_id],
            )
            for campaign in operation.campaigns
        ]
        self.hours: dict[str, list[tuple[int, dict[str, float]]]] = {
            c.campaign_id: [] for c in operation.campaigns
        }
        """For each campaign and hour in which it dialled: calls, and the results that were to be expected."""
        self.calls = {campaign.campaign_id: [0] * self.minutes for campaign in operation.campaigns}
        self.on = {campaign.campaign_id: bytearray(self.minutes) for campaign in operation.campaigns}
        self._last: dict[str, object] = {}
        self._used = 0

    @property
    def incidents(self) -> Sequence[Incident]:
        """All incidents and traps, by their begin."""
        return self.plan.incidents

    def write(self, answers: TextIO) -> None:
        """Live, and write each answer that differs from the one before."""
        for line in self._lines():
            answers.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
            answers.write("\n")

    def _lines(self) -> Iterator[Mapping[str, object]]:
        weather = self._weather()
        troubles = sorted(self.plan.troubles, key=lambda trouble: trouble.begin)
        active: list[Trouble] = []
        yield {"at": self.start, "process": "start"}
        for minute in range(self.minutes):
            at = self.start + minute * 60
            yield from self._ends(active, minute, at)
            active = [trouble for trouble in active if trouble.end > minute]
            while troubles and troubles[0].begin <= minute:
                trouble = troubles.pop(0)
                active.append(trouble)
                if trouble.what == "process":
                    yield {"at": at, "process": trouble.value}
                elif trouble.what == "scrape":
                    yield {"at": at, "scrape": "fails"}
            local = datetime.fromtimestamp(at, self.operation.timezone)
            local_minute = local.hour * 60 + local.minute
            if local_minute == 0:
                self._used = 0
            self._used += 1
            for dialler in self._diallers:
                dialler.step(minute, local_minute, weather[minute])
                self.calls[dialler.campaign.campaign_id][minute] = dialler.calls
                self.on[dialler.campaign.campaign_id][minute] = dialler.on
                if minute % 60 == 59 and dialler.expected["calls"]:
                    self.hours[dialler.campaign.campaign_id].append((minute // 60, dict(dialler.expected)))
                    dialler.expected = dict.fromkeys(dialler.expected, 0.0)
            for api in APIS:
                answer = self._answer(api, local_minute, [t for t in active if api in t.apis])
                if answer != self._last.get(api):
                    self._last[api] = answer
                    yield {
                        "at": at + (_AFTER_THE_MINUTE_SECONDS if minute else 0.0),
                        "operation": self.operation.name,
                        "api": api,
                        "campaign": None,
                        **answer,
                    }

    def _ends(self, active: Sequence[Trouble], minute: int, at: float) -> Iterator[Mapping[str, object]]:
        scraping = [trouble for trouble in active if trouble.what == "scrape"]
        if scraping and all(trouble.end <= minute for trouble in scraping):
            yield {"at": at, "scrape": "works"}
        stopped = [trouble for trouble in active if trouble.what == "process"]
        if stopped and all(trouble.end <= minute for trouble in stopped):
            yield {"at": at, "process": "start"}

    def _answer(self, api: str, local_minute: int, troubles: Sequence[Trouble]) -> Mapping[str, object]:
        for trouble in troubles:
            if trouble.what == "fault":
                return {"fault": trouble.value}
            if trouble.what == "refusal":
                assert isinstance(trouble.value, tuple)  # noqa: S101 - for the type checker
                status, body = trouble.value
                return {"status": status, "seconds": 0.4, "body": body}
        seconds = max([0.7, *(float(str(t.value)) for t in troubles if t.what == "slow")])
        return {"status": 200, "seconds": round(seconds, 1), "body": self._body(api, local_minute)}

    def _body(self, api: str, local_minute: int) -> object:
        there = [dialler for dialler in self._diallers if "missing" not in dialler.active]
        if api == "campaigns":
            rows: list[dict[str, Any]] = [dialler.row(local_minute) for dialler in there]
            return (
                rows
                if self.operation.thousands
                else {"code": "200", "error": None, "msg": "ok", "data": rows}
            )
        if api == "campaign_settings":
            rows = [dialler.settings() for dialler in self._diallers]
        elif api == "services":
            rows = [{"licenses": str(self.operation.licences), "customer_prot": "yes"}]
        else:
            limit = self.operation.licences * 1000
            used = str(int(self._used / 20) * 20)
            rows = [
                {
                    "description": "monitor",
                    "token_limit": str(limit),
                    "token_use_today": used,
                    "all_token_today": used,
                    "available_consumption_options": "x",
                }
            ]
        return {"code": "200", "error": None, "msg": "ok", "data": rows}

    def _weather(self) -> list[float]:
        found = [1.0] * self.minutes
        # The hours come last in the plan, the incidents first: a figure of 0 must win.
        for begin, end, factor in self.plan.weather:
            for minute in range(max(0, begin), min(end, self.minutes)):
                found[minute] *= factor
        return found

    def truth(self) -> Mapping[str, object]:
        """Return what happened, for the judge."""
        return {
            "operation": self.operation.name,
            "start": self.start,
            "minutes": self.minutes,
            "incidents": [asdict(incident) for incident in self.incidents],
            "hours": self.hours,
        }


def make(operation: Operation, seed: int, days: int, density: float, folder: Path) -> Month:
    """Write `answers.jsonl` and `truth.json` into a folder; return the month."""
    month = Month(operation, seed, days, density)
    with (folder / "answers.jsonl").open("w", encoding="utf-8") as answers:
        month.write(answers)
    (folder / "truth.json").write_text(json.dumps(month.truth()))
    return month
