"""The whole way of a page: simulator, exporter, Prometheus, Alertmanager, and who is called.

The rules are the bundled ones with their durations shortened; not an expression is changed. The routes and
the inhibition are those of the example.
"""

import datetime as dt
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import yaml

from exporter.assets import rescaled, rules
from exporter.state.sqlite import SqliteStore
from exporter.traffic.gate import LEASE_SECONDS
from support.alertmanager import alertmanager, example_for_tests
from support.exporter import COMMAND, Exporter, exporter
from support.ports import free_port
from support.processes import Running, running
from support.prometheus import Prometheus, prometheus, scrape
from support.receiver import Message, Receiver, receiver
from support.waiting import until

pytestmark = pytest.mark.integration

POLL = 4.0
FACTOR = POLL / 300
CAMPAIGN = "4875"
NAME = "VENTAS HOGAR - Región Ficticia"
STOPPED = f"{NAME} stopped, should be dialling"
TOKEN = "sim-token-bogota"
WITHIN = 120.0
ALWAYS = ["Mon-Sun 00:00-24:00"]


@dataclass
class World:
    """All that runs; `serve` starts the exporter, which a test may kill and start again."""

    folder: Path
    simulator: Exporter
    port: int
    prometheus: Prometheus
    inbox: Receiver
    process: Running | None = None

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def state(self) -> Path:
        return self.folder / "state.db"

    @property
    def key(self) -> str:
        """The key of the token's lease."""
        return f"ventas-bogota {self.simulator.simulator}"

    def act(self, action: str) -> None:
        """Do to the campaign what a supervisor does in wolkvox Manager."""
        body = {"operation": "ventas-bogota", "campaign_id": CAMPAIGN, "action": action}
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(f"{self.simulator.simulator}/_simulator/campaign", json=body, timeout=30)
        assert answer.status_code == requests.codes.ok, answer.text

    def configure(self, *free_days: str) -> None:
        """Write the configuration: all campaigns are expected to dial at all times but on `free_days`."""
        api = {"interval": f"{POLL:g}s"}
        operation = {
            "name": "ventas-bogota",
            "base_url": self.simulator.simulator,
            "token": TOKEN,
            "licences": 25,
            "apis": {"campaigns": api, "campaign_settings": api, "token_info": {"enabled": False}},
            "schedules": [
                # The parked one is nobody's business.
                {"campaigns": ["ENCUESTA.*"], "permitted": ALWAYS},
                {
                    "campaigns": [".*"],
                    "expected": ALWAYS,
                    "permitted": ALWAYS,
                    "except_dates": list(free_days),
                    "tolerance": f"{2 * POLL:g}s",
                },
            ],
        }
        state = {"url": f"sqlite://{self.state}"}
        self.config.write_text(yaml.safe_dump({"operations": [operation], "state": state}))

    def serve(self) -> ExitStack:
        """Start the exporter; closing what is returned kills it."""
        stack = ExitStack()
        command = [*COMMAND, "serve", f"--config.file={self.config}"]
        command.append(f"--web.listen-address=127.0.0.1:{self.port}")
        self.process = stack.enter_context(running(command, self.folder / "serve"))
        return stack

    def kill_between_calls(self) -> None:
        """Kill the exporter while this test has the token's lease, so that it dies in no call.

        Its own lease would outlive it by 90 s, which is longer than any of the shortened times of the rules.
        """
        assert self.process is not None
        store = SqliteStore(self.state)
        lease = until(lambda: store.acquire(self.key, LEASE_SECONDS), WITHIN, "the token's lease")
        self.process.stop(signal.SIGKILL)
        assert lease is not None
        store.release(lease)
        store.close()

    def pages(self, *actions: str) -> list[Message]:
        """Return what the pager got; actions are trigger and resolve."""
        return [message for message in self.inbox.at("/pager") if message.body["event_action"] in actions]

    def wait(self, condition: Callable[[], object], what: str) -> None:
        until(lambda: bool(condition()), WITHIN, what, report=self.report)

    def report(self) -> str:
        alerts = [f"{a['labels']} {a['state']}" for a in self.prometheus.alerts()]
        return "\n".join([*(message.text for message in self.inbox.messages), *alerts])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    folder = tmp_path / "rules"
    folder.mkdir()
    files = [folder / asset.path.name for asset in rules()]
    for file, asset in zip(files, rules(), strict=True):
        file.write_text(rescaled(asset.content.decode(), FACTOR))
    flags = ("--operations=1", "--campaigns=4", "--time-factor=10")
    port = free_port()
    with (
        receiver() as inbox,
        exporter("simulate", tmp_path / "simulate", *flags) as simulator,
        alertmanager(tmp_path / "alertmanager", example_for_tests(tmp_path, inbox.url)) as manager,
        prometheus(
            tmp_path / "prometheus",
            scrape("wolkvox", f"http://127.0.0.1:{port}/metrics"),
            rule_files=files,
            alertmanagers=[manager.url],
        ) as server,
    ):
        yield World(tmp_path, simulator, port, server, inbox)


def about(message: Message, what: str) -> bool:
    return what in message.text


def test_a_page_from_the_floor_to_the_pager(world: World) -> None:
    world.configure()
    serving = world.serve()
    with serving:
        # A series that was seen running for a while.
        world.prometheus.wait_for(f'wolkvox_campaign_running{{campaign_id="{CAMPAIGN}"}} == 1', WITHIN)
        world.prometheus.wait_for(f'wolkvox_campaign_expected{{campaign_id="{CAMPAIGN}"}} == 1', WITHIN)
        world.wait(lambda: world.inbox.at("/dead-man"), "the watchdog")
        recorded = f'campaign:wolkvox_campaign_tolerance:seconds{{campaign_id="{CAMPAIGN}"}} == {2 * POLL:g}'
        world.prometheus.wait_for(recorded, WITHIN)
        assert {rule["health"] for rule in world.prometheus.rules()} == {"ok"}

        # Somebody stops the campaign: one page, which names it.
        world.act("stop")
        world.wait(lambda: world.pages("trigger"), "the page")
        (page,) = world.pages("trigger")
        for told in (
            STOPPED,
            "ventas-bogota",
            NAME,
            CAMPAIGN,
            "since ",
            "records are left",
            "Start it in wolkvox Manager",
        ):
            assert told in page.text
        assert "https://grafana.example.com/d/wolkvox-campaign?var-operation=ventas-bogota" in page.text

        # The exporter is killed: its own page, and no storm of campaigns.
        world.kill_between_calls()
        down = "No monitoring: the exporter does not answer"
        world.wait(lambda: any(about(m, down) for m in world.pages("trigger")), "the exporter's page")
        assert [about(m, down) for m in world.pages("trigger")] == [False, True]

    with world.serve():
        # It comes back: its page is resolved, the campaign's is not, because the campaign is still stopped.
        world.wait(lambda: any(about(m, down) for m in world.pages("resolve")), "the exporter's return")
        firing = f'ALERTS{{alertname="WolkvoxCampaignStopped",campaign_id="{CAMPAIGN}",alertstate="firing"}}'
        world.prometheus.wait_for(f'{firing} and on () (up{{job="wolkvox"}} == 1)', WITHIN)
        assert [m.text for m in world.pages("resolve") if not about(m, down)] == []

        # The campaign starts: resolved.
        world.act("start")
        world.wait(lambda: [m for m in world.pages("resolve") if NAME in m.text], "the campaign's return")

        # It stops again; then the shift ends, and there is silence, though it is stopped.
        before = len(world.pages("trigger"))
        world.act("stop")
        world.wait(lambda: len(world.pages("trigger")) > before, "the second page")
        resolved = len(world.pages("resolve"))
        today = dt.datetime.now(dt.UTC).date()
        world.configure(*(str(today + dt.timedelta(days=days)) for days in (-1, 0, 1)))
        assert world.process is not None
        world.process.process.send_signal(signal.SIGHUP)
        world.wait(lambda: len(world.pages("resolve")) > resolved, "the end of the shift")
        assert world.prometheus.value(f'wolkvox_campaign_running{{campaign_id="{CAMPAIGN}"}}') == 0
        assert world.prometheus.query('ALERTS{alertname=~"WolkvoxCampaign.*",alertstate="firing"}') == []
    assert {about(m, STOPPED) or about(m, down) for m in world.pages("trigger")} == {True}
