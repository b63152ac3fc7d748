"""Four simulated weeks in a real Prometheus, in which `suggest-schedules` finds the hours that were kept."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import bcrypt
import pytest
import requests
import yaml

from exporter.__main__ import main
from exporter.config import load_config
from exporter.schedules import ScheduleSet, Week, parse_window
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

    def day(self, number: int) -> date:
        return self.first + timedelta(days=number)

    @property
    def ends(self) -> float:
        return midnight(self.day(DAYS))


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
def weeks(told: Story) -> Mapping[str, Sequence[tuple[str, int, float]]]:
    """The samples of each family: labels, Unix time and value."""
    families: dict[str, list[tuple[str, int, float]]] = {}
    for family, labels, at, value in samples(told):
        families.setdefault(family, []).append((labels, at, value))
    return families


def written(weeks: Mapping[str, Sequence[tuple[str, int, float]]], unit: int) -> Iterator[str]:
    """Yield the lines of the exposition, with times in so many parts of a second."""
    for family, lines in weeks.items():
        yield from (f"{family}{{{labels}}} {value:g} {at * unit}\n" for labels, at, value in lines)


@pytest.fixture(scope="module")
def storage(
    weeks: Mapping[str, Sequence[tuple[str, int, float]]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("weeks")
    text = folder / "weeks.txt"
    with text.open("w", encoding="utf-8") as file:
        file.writelines(written(weeks, 1))
        file.write("# EOF\n")
    command = [program("promtool"), "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=720h"]
    subprocess.run([*command, text, folder / "storage"], check=True, capture_output=True, timeout=300)
    return folder / "storage"


@pytest.fixture(scope="module")
def server(storage: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    flags = ["--storage.tsdb.retention.time=10y"]
    with prometheus(tmp_path_factory.mktemp("server"), storage=storage, flags=flags) as one:
        yield one


CONFIG = f"operations:\n  - name: {NAME}\n    server: '0042'\n    token: invented-token\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG)
    return file


@dataclass(frozen=True)
class Said:
    """How the command ended, and what it wrote."""

    code: int
    out: str
    err: str


Suggest = Callable[..., Said]


@pytest.fixture
def suggest(config: Path, capsys: pytest.CaptureFixture[str]) -> Suggest:
    def suggest(url: str, *flags: str) -> Said:
        code = main(["suggest-schedules", f"--prometheus.url={url}", f"--config.file={config}", *flags])
        return Said(code, *capsys.readouterr())

    return suggest


def near(found: Week, wanted: Week) -> bool:
    """Return whether two weeks differ nowhere for more than ten minutes."""
    differing = found.minutes() ^ wanted.minutes()
    for _ in range(10):
        differing &= differing >> 1
    return not differing


def true_hours(*, lunch: bool) -> Week:
    """Return the hours of the simulator's floor, as the simulator says them."""
    windows = []
    for number, day in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")):
        shift = shift_of(date(2026, 8, 3).toordinal() + number)
        if shift is None:
            continue
        edges = [shift[0] // 60, *(LUNCH if lunch and day != "Sat" else ()), shift[1] // 60]
        windows += [f"{day} {a:02}:00-{b:02}:00" for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return Week.of(map(parse_window, windows))


def test_the_hours_of_the_simulator_are_found(
    server: Prometheus, config: Path, told: Story, suggest: Suggest
) -> None:
    said = suggest(server.url)
    assert (said.code, said.err) == (0, "")
    config.write_text(CONFIG + said.out)
    assert main(["check-config", f"--config.file={config}"]) == 0
    (operation,) = load_config(config).operations
    names = {
        s.labels["campaign_id"]: s.labels["campaign"] for s in server.query(LAST.format("info"), told.ends)
    }
    schedules = ScheduleSet.of(operation.schedules, BOGOTA)
    by_id = {one: schedules.index_of(one, name) for one, name in names.items()}
    assert {one for one, index in by_id.items() if index is None} == {DRY, PARKED, PREVIEW}
    for one, index in by_id.items():
        if index is not None:
            found = operation.schedules[index].expected
            assert found is not None
            assert near(found, true_hours(lunch=one in WITH_LUNCH)), said.out
    # What have the same hours are together.
    assert len(operation.schedules) == 2
    assert f"left out: {told.day(told.closed)}: " in said.out
    assert "the floor did not work" in said.out
    assert f"left out: {told.day(told.outage)}: no samples for 2 h 55 min" in said.out
    for one, why in (
        (DRY, "made calls on 1 of the "),
        (PARKED, "never started"),
        (PREVIEW, "a preview: agents dial when they are ready"),
    ):
        assert re.search(rf"^#   {one} [^\n]*: {why}", said.out, re.MULTILINE), said.out


LAST = "last_over_time(wolkvox_campaign_{}[1d])"


def test_who_asks_for_what_is_not_there_is_told(server: Prometheus, config: Path, suggest: Suggest) -> None:
    assert suggest(server.url, "--operation=nobody") == Said(
        1, "", f"wolkvox-exporter: the configuration has no operation 'nobody'; it has {NAME}\n"
    )
    config.write_text(CONFIG.replace(NAME, "other"))
    assert suggest(server.url) == Said(
        1,
        "",
        f"wolkvox-exporter: {server.url} has nothing of other; it has wolkvox_campaign_running of {NAME}\n",
    )
    config.write_text(CONFIG + CONFIG.replace(NAME, "other").partition("\n")[2])
    said = suggest(server.url)
    assert said.code == 0
    assert "# operation other, by its own clock (America/Bogota)\n" in said.out
    assert "# nothing can be suggested" in said.out


def test_a_login_over_tls(storage: Path, tmp_path: Path, suggest: Suggest) -> None:
    authority = Authority(tmp_path)
    issued = authority.issue("prometheus")
    password = bcrypt.hashpw(b"fictitious", bcrypt.gensalt(4)).decode()
    web = {
        "tls_server_config": {"cert_file": str(issued.cert), "key_file": str(issued.key)},
        "basic_auth_users": {"ana": password},
    }
    (tmp_path / "web.yml").write_text(yaml.safe_dump(web))
    (tmp_path / "password").write_text("fictitious\n")
    (tmp_path / "wrong").write_text("other-secret\n")
    tls = {"ca_file": authority.file.name, "server_name": "exporter.example"}
    login = {"basic_auth": {"username": "ana", "password_file": "password"}, "tls_config": tls}
    (tmp_path / "http.yml").write_text(yaml.safe_dump(login))
    (tmp_path / "prometheus.yml").write_text("{}")
    port = free_port()
    command = [
        program("prometheus"),
        f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--storage.tsdb.path={shutil.copytree(storage, tmp_path / 'storage')}",
        "--storage.tsdb.retention.time=10y",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--web.config.file={tmp_path / 'web.yml'}",
        "--web.route-prefix=/below/a/path",
    ]
    url = f"https://127.0.0.1:{port}/below/a/path"
    by_file = f"--http.config.file={tmp_path / 'http.yml'}"
    user, ca = "--prometheus.username=ana", f"--prometheus.ca-file={authority.file}"
    with running(command, tmp_path) as process:
        until(lambda: "Server is ready" in process.output(), 60, "Prometheus", report=process.output)
        good = suggest(url, by_file)
        assert (good.code, good.err) == (0, "")
        assert "Mon-Fri 08:00-18:00" in good.out
        assert suggest(url, user, ca, f"--prometheus.password-file={tmp_path / 'password'}") == good
        for flags, says in (
            (
                (user, ca, f"--prometheus.password-file={tmp_path / 'wrong'}"),
                "does not accept the login (401)",
            ),
            ((f"--prometheus.bearer-token-file={tmp_path / 'wrong'}", ca), "does not accept the login (401)"),
            ((ca,), "asks for a login (401)"),
            ((), "cannot be trusted: its certificate fails the check"),
        ):
            said = suggest(url, *flags)
            assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
            assert said.err.startswith(f"wolkvox-exporter: {url} {says}")
            assert "secret" not in said.err
        plain = suggest(url.replace("https", "http"), by_file)
        assert plain.code == 1
        assert plain.err.count("\n") == 1
    dead = suggest(url, by_file)
    assert dead == Said(
        1, "", f"wolkvox-exporter: {url} cannot be reached: nothing listens at this address\n"
    )


def test_victoriametrics_below_a_path(
    weeks: Mapping[str, Sequence[tuple[str, int, float]]],
    server: Prometheus,
    tmp_path: Path,
    suggest: Suggest,
) -> None:
    address = f"127.0.0.1:{free_port()}"
    command = [
        program("victoria-metrics"),
        f"-storageDataPath={tmp_path / 'data'}",
        f"-httpListenAddr={address}",
        "-http.pathPrefix=/vm",
        "-retentionPeriod=1y",
    ]
    with running(command, tmp_path) as process, requests.Session() as session:
        session.trust_env = False

        def imported() -> bool:
            body = "".join(written(weeks, 1000)).encode()
            return session.post(f"http://{address}/vm/api/v1/import/prometheus", data=body, timeout=60).ok

        until(imported, 60, "VictoriaMetrics", report=process.output)
        # It makes new samples visible after a while, unless it is told to.
        assert session.get(f"http://{address}/vm/internal/force_flush", timeout=60).ok
        assert suggest(f"http://{address}/vm") == suggest(server.url)


def test_a_prometheus_without_our_metrics(tmp_path: Path, suggest: Suggest) -> None:
    with prometheus(tmp_path / "empty") as empty:
        said = suggest(empty.url)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(
        f"wolkvox-exporter: {empty.url} has no wolkvox_campaign_running of the 4 weeks up to last midnight"
    )
