"""A floor by what wolkvox answers about it: the exporter is replayed over it, and the rules see what it publishes.

Two campaigns dial all day, as in `rules.floor`; a scenario changes something of what wolkvox says, or of what
happens to the exporter. Times are minutes of the scenario: 0 is `begins`, by the operation's own clock, and the
exporter has run for `before` minutes by then, so that it knows the usual pace, and what those minutes were like
costs promtool nothing::

    floor = VendorFloor()                                   # 2026-08-12 10:00, a Wednesday, two hours later
    floor.change(30, "4877", status="stopped")              # from minute 30 on; without an id, all campaigns
    floor.change(90, "4877", status="started")
    floor.answers(40, 55, "campaigns", fault="timeout")     # or status=503, body="<html>", or seconds=52
    floor.process(60, "kill"); floor.process(63, "start")   # or "stop"
    floor.scrape(70, "fails"); floor.scrape(72, "works")
    SCENARIOS = [floor.scenario("somebody stops it", 120, fires=fires("WolkvoxCampaignStopped", ...))]

What can be changed of a campaign are the fields of `FloorCampaign`, at any minute, before 0 too. A scenario is a
`support.promtool.Scenario`: `rules.floor.fires` says what it expects, `with_gap` and `check` work as for one that
was made by hand, and its replay runs when promtool is asked, not at import. What a replay cannot do (a lost state
store, renamed labels) is laid over it: `stored=lambda told: told | {series(...): steady(0)}`.

To see which alerts fire when, before writing down what is expected: `firing(tmp_path, RULES, ORDER, scenario)` of
`support.promtool` returns their minutes by alert and labels, such as `{'WolkvoxDataStale{...}': [(44, 64)]}`.

`floor.series(minutes)` are the series alone, for a test of facts without promtool::

    running = floor.series(60)[campaign("running")]
    assert running(29) == 1
    assert running(36) == 0

`recorded("my Tuesday", config, answers)` is the scenario of a file of answers for scripts/replay.py.

Unix times (`*_timestamp_seconds`) are shifted by as much as promtool's clock is behind, so that `time()` of the
rules fits. The operation's zone is the one in which the scenario begins at midnight UTC: what a text says by
the local time (since + utc_offset) is right, but for the date.
"""

import copy
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from exporter.config import load_config
from rules.floor import RECORDS, TARGET, series
from scripts.recorded_answers import RecordedAnswers
from scripts.replay import Scrape, replay
from support.fakes import campaign_settings_row, campaigns_row
from support.promtool import Fires, Scenario, Timeline

_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_FARTHEST_EAST_HOURS = 14
_DAY_SECONDS = 86400.0
_DAY_MINUTES = 1440
Stored = Callable[[dict[str, Timeline]], Mapping[str, Timeline]]
ALWAYS = ["Mon-Sun 00:00-24:00"]


@dataclass(frozen=True)
class FloorCampaign:
    """One campaign as wolkvox shows it, and how it dials while it is started.

    `pace` is records dialled a minute, or takes the minute; `shares` are the outcomes of dials, the rest is not
    answered; `hits` is the share of answers. `abandoned` is the share of answers that no agent gets, as
    `campaign_results` tells it where that API is on. It dials until `uncalled` records are left. With `retries` calls go
    on when clean is 0. `records` begins a new list when it changes, of which `dialled` are dialled already.
    `listed` tells whether the answers have it. `fields` and `settings` replace fields of its row in `campaigns`
    and in `campaign_settings` (None takes one out), whatever the others say.
    """

    campaign_id: str
    name: str
    skill_id: str
    status: str = "started"
    speed: str = "110%"
    type: str = "predictive"
    records: int = RECORDS
    dialled: int = 0
    uncalled: int = 0
    pace: float | Callable[[int], float] = 20.0
    shares: Mapping[str, float] = field(
        default_factory=lambda: {"answer": 0.4, "busy_congestion_failed": 0.1, "answer_machine": 0.1}
    )
    hits: float = 0.1
    abandoned: float = 0.0
    retries: bool = False
    listed: bool = True
    fields: Mapping[str, object] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)


CAMPAIGNS = (FloorCampaign("4877", "COBRANZA 30-60", "4001"), FloorCampaign("4878", "VENTAS HOGAR", "4002"))


class _Dialler:
    """What one campaign has dialled of its list."""

    def __init__(self, shown: FloorCampaign) -> None:
        self._list = (-1, -1)
        self._dialled = self._hits = 0.0
        self._outcomes: dict[str, float] = {}
        self._today: dict[str, float] = {}
        self.load(shown)

    def load(self, shown: FloorCampaign) -> None:
        """Begin a new list, if it is one."""
        if self._list != (shown.records, shown.dialled):
            self._list = (shown.records, shown.dialled)
            self._dialled = self._hits = 0.0
            self._outcomes = {}
            self._dial(shown, shown.dialled)

    def pass_minute(self, shown: FloorCampaign, minute: int) -> None:
        """Dial for the minute that ends now."""
        dials = min(self._pace(shown, minute), self._left(shown))
        self._dial(shown, dials)
        answered = shown.shares.get("answer", 0.0)
        for outcome, share in (*shown.shares.items(), ("abandon", answered * shown.abandoned)):
            self._today[outcome] = self._today.get(outcome, 0.0) + dials * share

    def begin_day(self) -> None:
        """Forget what was dialled since the midnight before."""
        self._today.clear()

    def _pace(self, shown: FloorCampaign, minute: int) -> float:
        pace = shown.pace(minute) if callable(shown.pace) else shown.pace
        return pace if shown.status.lower() == "started" else 0.0

    def _left(self, shown: FloorCampaign) -> float:
        return max(shown.records - shown.uncalled - self._dialled, 0.0)

    def _dial(self, shown: FloorCampaign, dials: float) -> None:
        self._dialled += dials
        for outcome, share in shown.shares.items():
            self._outcomes[outcome] = self._outcomes.get(outcome, 0.0) + dials * share
        self._hits += dials * shown.shares.get("answer", 0.0) * shown.hits

    def row(self, shown: FloorCampaign, minute: int) -> dict[str, object]:
        """Return its row in `campaigns`."""
        calls = self._pace(shown, minute) if self._left(shown) or shown.retries else 0.0
        dialled = int(self._dialled + 1e-6)
        outcomes = {name: int(figure + 1e-6) for name, figure in self._outcomes.items()}
        answers, hits = outcomes.get("answer", 0), int(self._hits + 1e-6)
        row = campaigns_row(
            f"{shown.campaign_id} - {shown.name} - tel1 (100%)",
            skill_id=shown.skill_id,
            status=shown.status,
            speed=shown.speed,
            records=str(shown.records),
            clean=str(shown.records - dialled),
            dial=str(dialled),
            answer=str(answers),
            no_answer=str(dialled - sum(outcomes.values())),
            answer_machine=str(outcomes.get("answer_machine", 0)),
            penetration_day=f"{100 * dialled / max(shown.records, 1):.2f} %",
            penetration_now=f"{100 * dialled / max(shown.records, 1):.2f} %",
            hits=f"{hits} ({100 * hits / max(answers, 1):.2f} %)",
            calls_x_min=f"{calls:g}",
            recycled="0",
            **{"busy/congestion/failed": str(outcomes.get("busy_congestion_failed", 0))},
        )
        return _replaced(row, shown.fields)

    def attempts(self) -> dict[str, int]:
        """Return how many attempts of the day came to what, as `campaign_results` names it."""
        figures = {name: int(figure + 1e-6) for name, figure in self._today.items()}
        return {
            "ANSWER": figures.get("answer", 0) - figures.get("abandon", 0),
            "ABANDON": figures.get("abandon", 0),
            "ANSWER-MACHINE": figures.get("answer_machine", 0),
            "BUSY": figures.get("busy_congestion_failed", 0),
        }

    @staticmethod
    def settings_row(shown: FloorCampaign) -> dict[str, object]:
        """Return its row in `campaign_settings`."""
        row = campaign_settings_row(
            campaign_id=shown.campaign_id,
            campaign_name=shown.name,
            skill_id=shown.skill_id,
            status=shown.status.capitalize(),
            speed=shown.speed,
            records=str(shown.records),
            type_campaign=shown.type,
        )
        return _replaced(row, shown.settings)


def _replaced(row: Mapping[str, object], fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in {**row, **fields}.items() if value is not None}


class VendorFloor:
    """What wolkvox answers about one operation, and what happens to the exporter; see above.

    `schedules`, `apis` and `more` are what config.yaml has of the operation; `begins` is local time, on the hour.
    """

    def __init__(
        self,
        *campaigns: FloorCampaign,
        begins: str = "2026-08-12 10:00",
        before: int = 120,
        operation: str = "ventas-bogota",
        schedules: Sequence[Mapping[str, object]] = (
            {"campaigns": [".*"], "expected": ALWAYS, "permitted": ALWAYS},
        ),
        apis: Mapping[str, Mapping[str, object]] | None = None,
        **more: object,
    ) -> None:
        self._before = before
        self._campaigns = {campaign.campaign_id: campaign for campaign in campaigns or CAMPAIGNS}
        self._changes: dict[int, list[tuple[str | None, dict[str, Any]]]] = {}
        self._others: list[tuple[int, int, str, dict[str, object]]] = []
        self._words: dict[int, list[dict[str, object]]] = {}
        local = datetime.fromisoformat(begins)
        assert local.minute == 0, "a scenario begins on the hour"
        east = local.hour if local.hour <= _FARTHEST_EAST_HOURS else local.hour - 24
        self._begins = 60 * local.hour
        self._asks_results = bool((apis or {}).get("campaign_results", {}).get("enabled"))
        self._start = (local - timedelta(hours=east)).replace(tzinfo=UTC).timestamp()
        self._operation = {
            "name": operation,
            "server": "0042",
            "token": "fake-token",
            "licences": 25,
            "timezone": f"Etc/GMT{-east:+d}" if east else "Etc/UTC",
            "schedules": list(schedules),
            "apis": apis or {},
            **more,
        }

    def change(self, minute: int, campaign_id: str | None = None, **fields: Any) -> "VendorFloor":
        """Let a campaign, or all, be otherwise from a minute on; returns the floor."""
        self._changes.setdefault(minute, []).append((campaign_id, fields))
        return self

    def add(self, minute: int, campaign: FloorCampaign) -> "VendorFloor":
        """Let a campaign appear at a minute; returns the floor."""
        self._campaigns[campaign.campaign_id] = replace(campaign, listed=False)
        return self.change(minute, campaign.campaign_id, listed=campaign.listed)

    def answers(self, first: int, end: int, api: str, **answer: object) -> "VendorFloor":
        """Let an API answer otherwise from one minute until another: fault, or status and body, or seconds.

        Where only `seconds` or `status` is given, the rows are those of the floor; returns the floor.
        """
        self._others.append((first, end, api, answer))
        return self

    def token_use(self, first: int, end: int, used: int) -> "VendorFloor":
        """Let `token_info` say that so many calls were made today, from one minute until another."""
        body = _envelope([{"description": "BI", "token_limit": "25000", "all_token_today": str(used)}])
        return self.answers(first, end, "token_info", body=body)

    def process(self, minute: int, what: str) -> "VendorFloor":
        """Stop, kill or start the exporter; returns the floor."""
        self._words.setdefault(minute, []).append({"process": what})
        return self

    def scrape(self, minute: int, what: str) -> "VendorFloor":
        """Let scrapes fail or work from a minute on; returns the floor."""
        self._words.setdefault(minute, []).append({"scrape": what})
        return self

    def scenario(  # noqa: PLR0913 - as Scenario
        self,
        name: str,
        minutes: int,
        fires: Fires | None = None,
        *,
        others: Sequence[str] = (),
        beside: tuple[Fires, ...] = (),
        stored: Stored = dict,
        step: int = 1,
    ) -> Scenario:
        """Return the scenario of the floor as it is by then.

        `stored` turns what the exporter publishes into what Prometheus stores, such as renamed labels.
        """
        figures = _Replayed(self, minutes, step, stored)
        return Scenario(name, figures, minutes, fires, others=frozenset(others), beside=beside, step=step)

    def series(self, minutes: int, step: int = 1) -> dict[str, Timeline]:
        """Return what the exporter publishes over the floor, with the labels of a target, and `up`."""
        assert self._before % step == 0, "one of the scrapes is at minute 0"
        with tempfile.TemporaryDirectory() as folder:
            config, answers = Path(folder) / "config.yaml", Path(folder) / "answers.jsonl"
            config.write_text(json.dumps({"operations": [self._operation]}))  # JSON is YAML
            answers.write_text("".join(f"{json.dumps(line)}\n" for line in self.lines(minutes)))
            loaded = load_config(config)
            lines = RecordedAnswers(answers, loaded.operations)
            scrapes = replay(loaded, lines, interval=60.0 * step, until=self._start + 60.0 * minutes)
            return stored_series(scrapes, range(-self._before, minutes + 1, step), self._start)

    def lines(self, minutes: int) -> Iterator[dict[str, object]]:
        """Yield the lines of `--answers` of scripts/replay.py."""
        shown = dict(self._campaigns)
        diallers = {campaign_id: _Dialler(campaign) for campaign_id, campaign in shown.items()}
        said: dict[tuple[str, str | None], object] = {}
        for minute in range(-self._before, minutes + 1):
            at = self._start + 60.0 * minute
            for word in self._words.get(minute, []):
                yield {"at": at, **word}
            for campaign_id, dialler in diallers.items() if minute > -self._before else ():
                dialler.pass_minute(shown[campaign_id], minute)
                if (minute + self._begins) % _DAY_MINUTES == 0:
                    dialler.begin_day()
            for whose, fields in self._changes.get(minute, []):
                for campaign_id in shown if whose is None else (whose,):
                    shown[campaign_id] = replace(shown[campaign_id], **fields)
                    diallers[campaign_id].load(shown[campaign_id])
            listed = [(diallers[campaign_id], one) for campaign_id, one in shown.items() if one.listed]
            answers: dict[tuple[str, str | None], object] = {
                ("campaigns", None): _envelope([dialler.row(one, minute) for dialler, one in listed]),
                ("campaign_settings", None): _envelope([_Dialler.settings_row(one) for _, one in listed]),
                ("token_info", None): _TOKEN_INFO,
                ("services", None): services(),
                **self._reports([(one.campaign_id, dialler.attempts()) for dialler, one in listed]),
            }
            for key in dict.fromkeys([*answers, *((api, None) for _, _, api, _ in self._others)]):
                answer = self._answer(key[0], minute, answers.get(key))
                if answer and said.get(key) != answer:
                    said[key] = answer
                    api, whose = key
                    yield {
                        "at": at,
                        "operation": self._operation["name"],
                        "api": api,
                        "campaign": whose,
                        **answer,
                    }

    def _reports(
        self, attempts: Sequence[tuple[str, Mapping[str, int]]]
    ) -> dict[tuple[str, str | None], object]:
        """Return what `campaign_results` is answered of each campaign, and of all."""
        if not self._asks_results:
            return {}
        together: dict[str, int] = {}
        for _, one in attempts:
            together = {result: together.get(result, 0) + count for result, count in one.items()}
        every = [(None, together), *attempts]
        return {("campaign_results", campaign_id): report(one) for campaign_id, one in every}

    def _answer(self, api: str, minute: int, body: object) -> dict[str, object]:
        """Return what an API is answered at a minute: `body`, if there is one, unless it is said otherwise."""
        answer: dict[str, object] = {} if body is None else {"body": body}
        for first, end, whose, other in self._others:
            if whose == api and first <= minute < end:
                answer = dict(other) if {"fault", "body"} & other.keys() else {"body": body, **other}
        return answer


def recorded(name: str, config: Path, answers: Path, *, until: float | None = None) -> Scenario:
    """Return the scenario of recorded answers, a file for scripts/replay.py, in which nothing is expected yet.

    Its minutes are those since midnight UTC before the first line. `until` is as in `replay`.
    """
    loaded = load_config(config, secrets=False)
    lines = RecordedAnswers(answers, loaded.operations)
    first = int(lines.first % _DAY_SECONDS // 60)
    start = lines.first - 60 * first
    minutes = int(((lines.last if until is None else until) - start) // 60)
    told = stored_series(replay(loaded, lines, until=until), range(first, minutes + 1), start)
    up = series("up", {})
    # Nothing is known of the time before, and nobody is to be told that.
    told[up] = {**dict.fromkeys(range(first), 1.0), **{m: told[up](m) for m in range(first, minutes + 1)}}.get
    return Scenario(name, told, minutes)


def stored_series(scrapes: Iterator[Scrape], minutes: range, start: float) -> dict[str, Timeline]:
    """Return what Prometheus stores of scrapes at some minutes, from minute 0 on; `start` is the time of that.

    The series have the labels of a target, and there is `up`.
    """
    figures: dict[str, dict[int, float]] = {}
    current: dict[str, float] = {}
    keys: dict[str, str] = {}
    works = False
    following = next(scrapes, None)
    for minute in minutes:
        if following is not None and following.at <= start + 60.0 * minute:
            works = not following.failed
            current.update(following.series)
            for name in following.gone:
                del current[name]
            following = next(scrapes, None)
        if minute < 0:
            continue
        figures.setdefault(series("up", {}), {})[minute] = float(works)
        for name, figure in current.items() if works else ():
            key = keys.get(name) or keys.setdefault(name, _with_target(name))
            figures.setdefault(key, {})[minute] = figure
    return {key: _shifted(key, values, start).get for key, values in figures.items()}


class _Replayed(Mapping[str, Timeline]):
    """The series of a floor, replayed when they are first asked for."""

    def __init__(self, floor: VendorFloor, minutes: int, step: int, stored: Stored) -> None:
        self._floor, self._minutes, self._step, self._stored = copy.deepcopy(floor), minutes, step, stored

    @cached_property
    def _figures(self) -> Mapping[str, Timeline]:
        return self._stored(self._floor.series(self._minutes, self._step))

    def __getitem__(self, key: str) -> Timeline:
        return self._figures[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)


def report(attempts: Mapping[str, int]) -> dict[str, object]:
    """Return what `campaign_results` answers: attempts by result."""
    total = sum(attempts.values())
    return _envelope(
        [
            {
                "result": result,
                "records": str(count),
                "percent": f"{100 * count / max(total, 1):.2f} %",
            }
            for result, count in attempts.items()
        ]
    )


def services(**fields: str) -> dict[str, object]:
    """Return what `services` answers: 25 licences and customer protection, unless said otherwise."""
    return _envelope([{"licenses": "25", "customer_prot": "yes", **fields}])


def agents(**statuses: int) -> dict[str, object]:
    """Return what `agents` answers when so many have each status: agents(Ready=2, Talk=5)."""
    every = [status for status, count in statuses.items() for _ in range(count)]
    rows = [
        {"agent_id": str(number), "agent_name": f"FICTICIA {number}", "agent_status": status}
        for number, status in enumerate(every)
    ]
    return _envelope(rows)


def skills() -> dict[str, object]:
    """Return what `skills` answers of one that does well."""
    calls = {"calls_in_queue_now": "0", "stat_inbound": "200", "stat_answer": "196", "stat_abandon": "4"}
    levels = {f"service_level_{within}seg": "95.00 %" for within in (10, 20, 30)}
    return _envelope(
        [{"skill_id": "4001", "skill_name": "COBRANZA", **calls, **levels, "by_abandon": "2.00 %"}]
    )


def audit_log(*lines: tuple[str, str]) -> dict[str, object]:
    """Return what `audit_log` answers: lines of a date and an action."""
    rows = [
        {"date": date, "ip": "192.0.2.1", "user": "ficticio", "action": action, "workstation": ""}
        for date, action in lines
    ]
    return _envelope(rows)


def _envelope(rows: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Return an answer as wolkvox wraps its rows."""
    return {"code": "200", "error": None, "msg": f"{len(rows)} records were found", "data": rows}


_TOKEN_INFO = _envelope([{"description": "BI", "token_limit": "25000", "all_token_today": "1000"}])


def _with_target(name: str) -> str:
    """Return a series as Prometheus stores it: with the labels of its target, and without empty ones."""
    family, _, pairs = name.partition("{")
    labels = {**TARGET, **{label: text for label, text in _LABEL.findall(pairs) if text}}
    return family + "{" + ",".join(f'{label}="{text}"' for label, text in labels.items()) + "}"


def _shifted(key: str, values: dict[int, float], start: float) -> dict[int, float]:
    """Return figures that fit promtool's clock, by which the scenario begins at 0."""
    if not key.partition("{")[0].endswith("_timestamp_seconds"):
        return values
    return {minute: figure - start for minute, figure in values.items()}
