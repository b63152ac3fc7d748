"""A clock that tests move, an operation, and a vendor without a network."""

import re
from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from exporter.apis import APIS, BY_NAME
from exporter.clock import Moment
from exporter.config import ApiSettings, CampaignFilter, Operation, Secret
from exporter.wolkvox import Answer, Call, RequestFailed

MORNING = 1_786_546_800.0
"""2026-08-12 10:00 in Bogota, a Wednesday: Unix time at which a FakeClock starts."""

Outcome = Sequence[object] | Answer | RequestFailed | Exception
"""What a call brings: its rows, an answer without rows, or why it fails."""


class FakeClock:
    """Both clocks, standing still until the test moves them."""

    def __init__(self, wall: float = MORNING, monotonic: float = 5000.0) -> None:
        self.wall = wall
        self.monotonic = monotonic

    def now(self) -> Moment:
        """Return the moment at which the test has left the clock."""
        return Moment(self.wall, self.monotonic)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.wall += seconds
        self.monotonic += seconds


def make_operation(name: str = "ventas", **more: Any) -> Operation:
    """Return an operation in which everything is polled: lists every 5 minutes, the rest every hour."""
    apis = {
        api.name: ApiSettings(
            True, api.interval, 3 * api.interval, {option.name: option.default for option in api.options}
        )
        for api in APIS
    }
    return Operation(
        **{
            "name": name,
            "base_url": "https://wv0042.example",
            "token": Secret(text=f"fake-token-{name}"),
            "licences": 25,
            "timezone": ZoneInfo("America/Bogota"),
            "quota_reserve": 0.5,
            "campaigns": CampaignFilter((re.compile(".*", re.DOTALL),), (), 2000),
            **more,
            "apis": {**apis, **more.get("apis", {})},
        }
    )


def campaigns_row(campaign: str = "4875 - VENTAS - tel1 (100%)", **more: object) -> dict[str, object]:
    """Return a row of `campaigns` as wolkvox writes it, with figures that tell the fields apart."""
    return {**BY_NAME["campaigns"].example, "campaign": campaign, **more}


def campaign_settings_row(**more: object) -> dict[str, object]:
    """Return a row of `campaign_settings` as wolkvox writes it."""
    return {**BY_NAME["campaign_settings"].example, **more}


def telephone_row(telephone: str = "3000000001", *codes: int) -> dict[str, object]:
    """Return a row of campaign_8: no_answer, answer_machine, busy, congestion, failed."""
    names = ("no_answer", "answer_machine", "busy", "congestion", "failed")
    figures = dict(zip(names, (*codes, 0, 0, 0, 0, 0), strict=False))
    return {
        "telephone": telephone,
        "total_machine_recognitions": str(figures["answer_machine"]),
        **{name: str(figure) for name, figure in figures.items()},
    }


_API_NAMES = {(api.path, api.vendor_name): api.name for api in APIS}


class FakeVendor:
    """Stands where the client stands: hands out what the test has put in, and notes who asked.

    `answers` are by the name of the API, at first one example row each; a sequence of rows is given to every
    call, a function is asked anew at each.
    """

    def __init__(self, clock: FakeClock, seconds: float = 0.0) -> None:
        self.answers: dict[str, Outcome | Callable[[Call], Outcome]] = {
            **{api.name: [api.example] for api in APIS},
            "campaigns": [campaigns_row()],
            "campaign_settings": [campaign_settings_row()],
            "token_info": [{"token_limit": "25000", "all_token_today": "100"}],
            "machine_codes": [telephone_row("3000000001", 1, 2, 3, 4, 5)],
        }
        self.calls: list[tuple[str, float]] = []
        self.asked: list[Call] = []
        self.tokens: list[str] = []
        self._clock = clock
        self._seconds = seconds

    def fetch(self, call: Call, token: str, sink: Callable[[list[object]], None]) -> Answer:
        """Answer as the client does, after `seconds` of the fake clock."""
        name = _API_NAMES.get((call.path, call.query["api"]), call.query["api"])
        self.calls.append((name, self._clock.monotonic))
        self.asked.append(call)
        self.tokens.append(token)
        self._clock.advance(self._seconds)
        given = self.answers[name]
        outcome = given(call) if callable(given) else given
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, Answer):
            return outcome
        sink(list(outcome))
        return Answer(len(outcome), 100 * len(outcome), 200)

    def made(self, name: str) -> list[float]:
        """Return the monotonic times of the calls of one API."""
        return [at for api, at in self.calls if api == name]


def lines_of(exposition: bytes | str, *families: str) -> list[str]:
    """Return the samples of families, in the order in which they stand in an exposition."""
    text = exposition if isinstance(exposition, str) else exposition.decode()
    return [line for line in text.splitlines() if line.partition("{")[0].partition(" ")[0] in set(families)]
