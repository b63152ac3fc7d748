"""Four simulated weeks in a real Prometheus, in which `suggest-schedules` finds the hours that were kept."""

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import bcrypt
import pytest
import yaml

from exporter.__main__ import main
from exporter.schedules import MINUTES_PER_WEEK, Week, parse_window
from exporter.simulator import SimulatorSettings
from exporter.simulator.hours import shift_of
from exporter.simulator.world import Operation, World
from support.certificates import Authority
from support.ports import free_port
from support.processes import running
from support.programs import program
from support.prometheus import Prometheus, prometheus
from support.waiting import until

pytestmark = pytest.mark.integration

BOGOTA = ZoneInfo("America/Bogota")
NAME = "ventas-bogota"
DAYS = 28
BIG, DRY, PARKED, PREVIEW = "4875", "4876", "4877", "4879"
WITH_LUNCH = {BIG, "4878"}
LUNCH = 12, 13


@dataclass(frozen=True)
class Story:
    """What happened in the four weeks before today, by the day's number."""

    first: date
    closed: int
    overtime: int
    outage: int
    stopped: int


def story(today: date) -> Story:
    first = today - timedelta(days=DAYS)
    weekdays = [number for number in range(DAYS) if (first + timedelta(days=number)).weekday() < 5]
    return Story(first, closed=weekdays[3], overtime=weekdays[9], outage=weekdays[12], stopped=weekdays[16])


def midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=BOGOTA).timestamp()


def acts(told: Story, ids: Sequence[str]) -> Iterator[tuple[int, int, str, str]]:
    """Yield what somebody does: day, minute of the day, campaign, action."""
    for number in range(DAYS):
        for one in sorted(WITH_LUNCH):
            if (told.first + timedelta(days=number)).weekday() < 5 and number != told.closed:
                # People are not exact.
                yield number, LUNCH[0] * 60 + number % 3, one, "stop"
                yield number, LUNCH[1] * 60 - number % 4, one, "auto"
    for one in ids:
        yield told.closed, 0, one, "stop"
        yield told.closed + 1, 0, one, "auto"
    yield told.overtime, 18 * 60, BIG, "start"
    yield told.overtime, 21 * 60, BIG, "auto"
    yield told.stopped, 9 * 60, "4880", "stop"
    yield told.stopped, 11 * 60, "4880", "auto"


def samples(told: Story) -> Iterator[tuple[str, str, int, float]]:
    """Yield family, labels, Unix time and value, as a Prometheus with two exporters has them."""
    start = midnight(told.first)
    begin = datetime.fromtimestamp(start, UTC)
    world = World(SimulatorSettings(operations=1, start=begin), start)
    operation: Operation = world.named(NAME)
    waiting = sorted(acts(told, operation.ids), key=lambda act: (act[0], act[1]))
    for slot in range(DAYS * 288):
        at = start + 300 * slot
        day, minute = divmod(5 * slot, 24 * 60)
        while waiting and waiting[0][:2] <= (day, minute):
            on, when, campaign, action = waiting.pop(0)
            operation.act(campaign, action, start + 60 * (on * 24 * 60 + when))
        if day == told.outage and 9 * 60 <= minute < 12 * 60:
            continue
        for figures in operation.figures(at):
            name = figures.name.replace("\\", "\\\\").replace('"', '\\"')
            labels = f'operation="{NAME}",campaign_id="{figures.profile.campaign_id}",campaign="{name}"'
            more = f'{labels},skill_id="{figures.skill_id}"'
            for instance in ("a.example:10042", "b.example:10042"):
                target = f'job="wolkvox",instance="{instance}"'
                yield "wolkvox_campaign_running", f"{target},{more}", int(at) + 40, float(figures.started)
                if not figures.profile.blanks or figures.calls_x_min:
                    calls = float(figures.calls_x_min)
                    yield "wolkvox_campaign_calls_per_minute", f"{target},{more}", int(at) + 40, calls
            kind = f'type="{figures.profile.kind}"'
            yield "wolkvox_campaign_info", f"{target},{more},{kind}", int(at) + 40, 1.0
        yield "wolkvox_up", f'job="wolkvox",operation="{NAME}",api="campaigns"', int(at) + 40, 1.0


@pytest.fixture(scope="module")
def told() -> Story:
    return story(datetime.now(BOGOTA).date())


@pytest.fixture(scope="module")
def storage(told: Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weeks")
    families: dict[str, list[str]] = {}
    for family, labels, at, value in samples(told):
        families.setdefault(family, []).append(f"{family}{{{labels}}} {value:g} {at}\n")
    text = folder / "weeks.txt"
    with text.open("w", encoding="utf-8") as file:
        for lines in families.values():
            file.writelines(lines)
        file.write("# EOF\n")
    command = [program("promtool"), "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=720h"]
    subprocess.run([*command, text, folder / "storage"], check=True, capture_output=True, timeout=300)
    return folder / "storage"


@pytest.fixture(scope="module")
def server(storage: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    flags = ["--storage.tsdb.retention.time=10y"]
    with prometheus(tmp_path_factory.mktemp("server"), storage=storage, flags=flags) as one:
        yield one


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("config") / "config.yaml"
    file.write_text(CONFIG)
    return file


CONFIG = f"operations:\n  - name: {NAME}\n    server: '0042'\n    token: invented-token\n"


def test_the_hours_of_the_simulator_are_found(
    server: Prometheus, config: Path, told: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["suggest-schedules", f"--prometheus.url={server.url}", f"--config.file={config}"]) == 0
    text = capsys.readouterr().out
    print(text)
    assert 0
