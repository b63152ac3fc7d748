"""A client of the simulated API, and a clock that the test moves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import requests

from exporter.simulator import SimulatedOperation
from support.simulator import RequestRecord, Simulator

MINUTE = 60.0
HOUR = 3600.0
STARTED = datetime(2026, 8, 12, 10, tzinfo=ZoneInfo("America/Bogota")).timestamp()


class FakeClock:
    """Real time as the simulator sees it: 10:00 of a Wednesday in Bogota, until the test moves it."""

    def __init__(self) -> None:
        self.now = STARTED

    def __call__(self) -> float:
        return self.now


class Caller:
    """Calls the API as one token of one operation."""

    def __init__(self, simulator: Simulator, operation: SimulatedOperation, token: str | None = None) -> None:
        self.simulator = simulator
        self.operation = operation
        self.token = token or operation.token

    def call(self, file: str, **query: str) -> requests.Response:
        """Ask once, on a connection of its own, without following redirects."""
        with requests.Session() as session:
            session.trust_env = False
            return session.get(
                f"{self.simulator.url}/api/v2/{file}.php",
                params=query,
                headers={"wolkvox-token": self.token} if self.token else {},
                timeout=20,
                allow_redirects=False,
            )

    def real_time(self) -> requests.Response:
        return self.call("real_time", api="campaigns")

    def information(self) -> requests.Response:
        return self.call("information", api="campaigns")

    def token_info(self) -> requests.Response:
        return self.call("information", api="token_info")

    def codes(self, campaign: str = "all", first: str = "", last: str = "") -> requests.Response:
        """Ask for report campaign_8, by default of the whole day on which the simulator starts."""
        return self.call(
            "reports_manager",
            api="campaign_8",
            campaign_id=campaign,
            date_ini=first or "20260812000000",
            date_end=last or "20260812235959",
        )

    def results(self, campaign: str = "all", first: str = "", last: str = "") -> requests.Response:
        """Ask for report campaign_4, by default of the whole day on which the simulator starts."""
        return self.call(
            "reports_manager",
            api="campaign_4",
            campaign_id=campaign,
            date_ini=first or "20260812000000",
            date_end=last or "20260812235959",
        )

    def services(self) -> requests.Response:
        return self.call("information", api="services")

    def skills(self, skill: str = "all") -> requests.Response:
        return self.call("real_time", api="skills", skill_id=skill)

    def agents(self) -> requests.Response:
        return self.call("real_time", api="agents")

    def audit_log(self, first: str = "20260812000000", last: str = "20260812235959") -> requests.Response:
        """Ask for the lines of a time, by default of the whole day on which the simulator starts."""
        return self.call("information", api="audit_log", date_ini=first, date_end=last)

    def rows(self, answer: requests.Response) -> list[dict[str, Any]]:
        """Return the rows, bare or in the envelope."""
        assert answer.status_code == 200, answer.text
        content = answer.json()
        rows = content if isinstance(content, list) else content["data"]
        return [rows] if isinstance(rows, dict) else list(rows)

    @contextmanager
    def hanging(self, count: int) -> Iterator[None]:
        """Keep requests of this token in flight while the block runs; a fault `hang` has to be set."""
        threads = [threading.Thread(target=self._until_hung_up) for _ in range(count)]
        for thread in threads:
            thread.start()
        try:
            assert self.simulator.requests.wait_for(lambda all_: in_flight(all_, self.token) >= count, 20)
            yield
        finally:
            self.simulator.faults.clear()
            for thread in threads:
                thread.join(20)

    def _until_hung_up(self) -> None:
        try:
            self.real_time()
        except requests.ConnectionError:
            return


def in_flight(records: list[RequestRecord], token: str) -> int:
    """Count the token's requests that meet a hanging answer and have not ended."""
    return sum(one.token == token and one.fault == "hang" and one.ended is None for one in records)


def has(count: int, records: list[RequestRecord]) -> bool:
    """Tell whether so many requests have come."""
    return len(records) >= count
