"""`python -m benchmarks.faults`: the real program for some minutes while everything around it fails.

One exporter keeps its state in SQLite, on a small disk of its own; two others share a Redis. All ask the
simulator, which refuses, breaks off and lies. They are killed, frozen and reloaded, the disk fills up, Redis
restarts and forgets, a clock is set, and crowds scrape. What must hold is checked all the time: every scrape
can be parsed, no figure is older than its maximum age, no two calls of a token run at once, none comes before
its interval has passed, nobody ends, hangs or grows. At the end all of them must be well again by themselves.
"""

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from benchmarks.processes import Program, free_port, program
from exporter.simulator import SimulatorSettings
from support.mischief import Fault
from support.simulator import RequestRecord, Simulator

INTERVALS = {
    "campaigns": 5.0,
    "campaign_settings": 5.0,
    "token_info": 30.0,
    "services": 30.0,
    "skills": 10.0,
    "agents": 10.0,
    "campaign_results": 20.0,
    "machine_codes": 20.0,
    "audit_log": 10.0,
}
MAX_AGE = 20.0
GROWTH, GROWTH_MEGABYTES = 1.3, 15.0
"""Memory may be this much above what it was when the process had lived for `_STEADY_SECONDS`."""

_STEADY_SECONDS = 60.0
_STARTED_SECONDS = 45.0
_LOST_STATE_SECONDS = 60.0
"""How long replicas may be without the store after it is there again, and go on from memory."""
_RECOVERED_SECONDS = 180.0
_MARGIN_SECONDS = 0.5
_DISK_OPTIONS = "size=16m"  # the write-ahead log alone takes 4

_SIMULATED = (
    "http_status", "slow", "maintenance", "bad_token", "concurrency", "empty", "html_200", "not_json",
    "truncated_json", "wrong_shape", "redirect", "reset", "close_early", "garbage_values", "invalid_utf8",
    "bom",
)  # fmt: skip
_RETRIED = {"reset", "close_early"}
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


@dataclass
class Tally:
    """What was tried, and what was wrong; for any number of threads."""

    faults: Counter[str] = field(default_factory=Counter)
    scrapes: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, kind: str) -> None:
        """Count a fault."""
        with self._lock:
            self.faults[kind] += 1

    def scraped(self, kind: str) -> None:
        """Count a scrape."""
        with self._lock:
            self.scrapes[kind] += 1

    def wrong(self, text: str) -> None:
        """Note and print a violation."""
        with self._lock:
            self.violations.append(text)
            if len(self.violations) <= 50:  # noqa: PLR2004 - fifty say as much as a thousand
                print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


class Exporter:
    """An exporter that is started again and again, whose wall clock is set by a file."""

    def __init__(self, name: str, operation: str, folder: Path, config: Mapping[str, object]) -> None:
        self.name = name
        self.operation = operation
        self.port = free_port()
        self.config = config
        self.frozen = self.down = False
        self.stepped_at = float("-inf")
        self.offset = 0.0
        self._folder = folder
        self._excused_until = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._born = 0.0
        self._steady: float | None = None
        folder.mkdir()
        self.step(0.0)

    def write(self, config: Mapping[str, object]) -> None:
        """Write a configuration."""
        (self._folder / "config.yaml").write_text(json.dumps(config))

    def start(self) -> None:
        """Start the process; its log goes on from one life to the next."""
        self.write(self.config)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "benchmarks.stepped_clock", "serve", "--log.level=error"),
                    *(
                        f"--config.file={self._folder}/config.yaml",
                        f"--web.listen-address=127.0.0.1:{self.port}",
                    ),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "CLOCK_OFFSET_FILE": os.fspath(self._folder / "offset")},
                start_new_session=True,
            )
        self._born, self._steady, self.down = time.monotonic(), None, False
        self.excuse(_STARTED_SECONDS)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it as kill -9 does."""
        self.down = True
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def step(self, seconds: float) -> None:
        """Set its clock, ahead or back."""
        self.offset += seconds
        self.stepped_at = time.monotonic()
        self.excuse(MAX_AGE)
        fresh = self._folder / "offset.new"
        fresh.write_text(str(self.offset))
        fresh.replace(self._folder / "offset")

    def excuse(self, seconds: float) -> None:
        """Let it be behind for a while."""
        self._excused_until = max(self._excused_until, time.monotonic() + seconds)

    @property
    def excused(self) -> bool:
        """Whether something has just been done to it."""
        return self.frozen or self.down or time.monotonic() < self._excused_until

    def ended(self) -> bool:
        """Return whether it has ended by itself."""
        return not self.down and self._process is not None and self._process.poll() is not None

    def growth(self) -> str:
        """Return how its memory has grown, "" where it has not."""
        age = time.monotonic() - self._born
        if self._process is None or age < _STEADY_SECONDS:
            return ""
        now = Program(self._process, self._folder / "log").megabytes()
        self._steady = self._steady or now
        if now > self._steady * GROWTH + GROWTH_MEGABYTES:
            return f"memory has grown from {self._steady:.0f} to {now:.0f} MB"
        return ""

    def get(self, path: str, accept: str = "text/plain", timeout: float = 20.0) -> str:
        """Return a page; raises OSError where there is no answer of 200."""
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Accept": accept})
        with _open(asked, timeout=timeout) as answer:
            text: str = answer.read().decode()
        return text

    def ill(self) -> str:
        """Return what is not well yet, "" where everything is."""
        try:
            self.get("/-/healthy")
            text = self.get("/metrics")
        except OSError as error:
            return repr(error)
        bad = re.findall(r"^(?:wolkvox_up\{.*\}|wolkvox_exporter_state_up) 0(?:\.0)?$", text, re.MULTILINE)
        if bad or text.count("wolkvox_up{") < len(INTERVALS) or "wolkvox_campaign_clean_records{" not in text:
            return f"{bad or 'no figures'}"
        return ""

    def log(self) -> str:
        """Return what all its lives have logged."""
        return (self._folder / "log").read_text(errors="replace")


class Traffic:
    """Holds the calls that reach the simulator against the rules."""

    def __init__(self, simulator: Simulator, tally: Tally) -> None:
        self.calls = 0
        self._simulator = simulator
        self._tally = tally
        self._last: dict[tuple[str, str, str], tuple[RequestRecord, bool]] = {}
        self._lost: dict[str, float] = {}

    def lost(self, operation: str, seconds: float) -> None:
        """Note that what was stored of an operation's calls is lost, or may be within the next seconds."""
        self._lost[operation] = max(self._lost.get(operation, 0.0), time.monotonic() + seconds)

    def run(self, over: threading.Event) -> None:
        """Check until it is over; the log is emptied by its own limit alone, so what is new comes last."""
        while True:
            ending = over.wait(0.5)
            records = self._simulator.requests.all()
            for record in records[self.calls :]:
                self._hold(record)
            self.calls = len(records)
            if ending:
                return

    def _hold(self, record: RequestRecord) -> None:
        operation, api = record.operation or "", record.api or ""
        excused = record.started < self._lost.get(operation, 0.0)
        if record.in_flight > 1 and not excused:
            self._tally.wrong(f"{operation} {api}: {record.in_flight} calls of one token at once")
        key = (operation, api, record.query.get("campaign_id", ""))
        last, was_retry = self._last.get(key, (None, False))
        retry = False
        if last is not None and record.started - last.started < INTERVALS[api] - _MARGIN_SECONDS:
            retry = last.fault in _RETRIED and not was_retry
            if not retry and not excused:
                self._tally.wrong(
                    f"{operation} {api}: called {record.started - last.started:.2f} s after the last call "
                    f"(met {last.fault}), not {INTERVALS[api]:g} s"
                )
        self._last[key] = (record, retry)


def watch(exporter: Exporter, tally: Tally, over: threading.Event) -> None:
    """Scrape an exporter and check what it says, until it is over."""
    turn = 0
    while not over.wait(0.3):
        turn += 1
        try:
            _look(exporter, tally, openmetrics=turn % 2 == 0)
        except OSError as error:
            if not exporter.excused:
                tally.wrong(f"{exporter.name}: no answer: {error!r}")
        except Exception as error:  # noqa: BLE001 - whatever a parser says is a finding
            tally.wrong(f"{exporter.name}: {error!r}")


def _look(exporter: Exporter, tally: Tally, *, openmetrics: bool) -> None:
    if exporter.ended():
        tally.wrong(f"{exporter.name}: has ended by itself\n{exporter.log()[-2000:]}")
        exporter.down = True
    if exporter.frozen or exporter.down:
        return
    accept = "application/openmetrics-text" if openmetrics else "text/plain"
    text = exporter.get("/metrics", accept)
    asked = time.time() + exporter.offset
    for _ in (parse_openmetrics if openmetrics else parse_text)(text):
        pass
    tally.scraped("OpenMetrics" if openmetrics else "text")
    if exporter.excused:
        return
    exporter.get("/-/healthy")
    if problem := exporter.growth():
        tally.wrong(f"{exporter.name}: {problem}")
    success = re.search(
        r'^wolkvox_last_success_timestamp_seconds\{[^}]*api="campaigns"\} (\S+)$', text, re.MULTILINE
    )
    served = re.search(r"^wolkvox_campaign_clean_records\{", text, re.MULTILINE)
    if served and (success is None or asked - float(success[1]) > MAX_AGE + 2 * _MARGIN_SECONDS):
        age = "unknown" if success is None else f"{asked - float(success[1]):.1f} s"
        tally.wrong(f"{exporter.name}: figures of age {age} are served")


class Mischief:
    """What is done to the exporters, to what they need and to the simulator."""

    def __init__(self, tally: Tally, traffic: Traffic, simulator: Simulator, chance: random.Random) -> None:
        self.over = threading.Event()
        self._tally = tally
        self._traffic = traffic
        self._simulator = simulator
        self._chance = chance
        self.disk: Path | None = None
        self.redis: Redis | None = None
        self._disk_full_at = float("-inf")

    def run(self, pause: float, actions: Sequence[Callable[[], None]]) -> None:
        """Do one of the actions, wait for about `pause` seconds, and so on until it is over."""
        while not self.over.wait(self._chance.uniform(0.3, 1.7) * pause):
            action = self._chance.choice(actions)
            action()

    def killed(self, exporter: Exporter) -> None:
        """Kill, and start some time later."""
        self._tally.fault("kill -9")
        exporter.kill()
        now = time.monotonic()
        if now - exporter.stepped_at < _LOST_STATE_SECONDS or now - self._disk_full_at < _LOST_STATE_SECONDS:
            # Its store has times of another clock, or has missed what was noted in memory.
            self._traffic.lost(exporter.operation, _LOST_STATE_SECONDS)
        time.sleep(self._chance.choice((0.0, 1.0, 6.0)))
        exporter.start()

    def frozen(self, exporter: Exporter) -> None:
        """Stop and continue."""
        self._tally.fault("SIGSTOP, SIGCONT")
        exporter.frozen = True
        exporter.signal(signal.SIGSTOP)
        time.sleep(self._chance.uniform(0.2, 15.0))
        exporter.signal(signal.SIGCONT)
        exporter.excuse(3.0)
        exporter.frozen = False

    def reloaded(self, exporter: Exporter) -> None:
        """Reload a configuration that differs, or one that cannot be used."""
        good = self._chance.random() < 0.7  # noqa: PLR2004 - the greater part
        self._tally.fault("reload" if good else "reload of a bad configuration")
        config = json.loads(json.dumps(exporter.config))
        if good:
            config["operations"][0]["campaigns"] = {"limit": self._chance.randrange(3, 9)}
            exporter.config = config
        else:
            config["operations"][0]["timezone"] = "Nowhere"
        exporter.write(config)
        exporter.signal(signal.SIGHUP)
        time.sleep(2.0)
        exporter.write(exporter.config)

    def stormed(self, exporter: Exporter) -> None:
        """Let a crowd scrape at once."""
        self._tally.fault("storm of scrapes")
        paths = ("/metrics", f"/probe?target={exporter.operation}", "/metrics?name[]=wolkvox_up", "/", "/sd")

        def scrape(number: int) -> None:
            try:
                exporter.get(paths[number % len(paths)], "*/*")
                self._tally.scraped("of storms")
            except OSError as error:
                if not exporter.excused:
                    self._tally.wrong(f"{exporter.name}: no answer in a storm: {error!r}")

        with ThreadPoolExecutor(40) as crowd:
            list(crowd.map(scrape, range(400)))

    def stepped(self, exporter: Exporter) -> None:
        """Set the clock."""
        self._tally.fault("clock set")
        exporter.step(self._chance.choice((-86_400.0, -3600.0, -30.0, 30.0, 3600.0, 86_400.0)))

    def simulated(self) -> None:
        """Let the next calls of an operation meet a fault."""
        kind = self._chance.choice(_SIMULATED)
        self._tally.fault(f"wolkvox: {kind}")
        operation = self._chance.choice(self._simulator.operations).name
        api = self._chance.choice([*INTERVALS, None])
        self._simulator.faults.set(Fault(kind, times=self._chance.choice((1, 2, 6))), operation, api)

    def filled(self) -> None:
        """Fill the disk of the SQLite file, and make room again."""
        if self.disk is None or time.monotonic() - self._disk_full_at < _LOST_STATE_SECONDS:
            return
        self._tally.fault("disk full")
        ballast = self.disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)  # to the last page
        for _ in range(20):
            self._disk_full_at = time.monotonic()
            time.sleep(0.5)
        ballast.unlink()
        self._disk_full_at = time.monotonic()

    def redis_restarted(self, exporters: Sequence[Exporter]) -> None:
        """Kill Redis, which keeps nothing on a disk, and start it some time later."""
        if self.redis is None:
            return
        self._tally.fault("Redis restarted")
        away = self._chance.choice((0.0, 2.0, 10.0))
        self._traffic.lost(exporters[0].operation, away + _LOST_STATE_SECONDS)
        self.redis.kill()
        time.sleep(away)
        self.redis.start()
        # Not again before the store is everybody's for a while.
        self.over.wait(1.5 * _LOST_STATE_SECONDS)


class Redis:
    """A Redis that keeps everything in memory."""

    def __init__(self, path: str, folder: Path) -> None:
        self.port = free_port()
        self._command = [
            path,
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start the server."""
        self._process = subprocess.Popen(
            self._command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )

    def kill(self) -> None:
        """End it as kill -9 does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """Mount a file system of 16 MB while the block runs; None, with a word, where that cannot be done."""
    folder.mkdir()
    mount, umount = program("mount"), program("umount")
    done = None
    if mount and umount and os.getuid() == 0:
        done = subprocess.run([mount, "-t", "tmpfs", "-o", _DISK_OPTIONS, "tmpfs", folder], check=False)
    if done is None or done.returncode:
        print("no full disk is tried: only root can mount a small one")
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run([str(umount), "--lazy", folder], check=False)


def _config(simulator: Simulator, operation: int, state: str) -> dict[str, object]:
    facts = simulator.operations[operation]
    return {
        "state": {"url": state},
        "max_age": f"{MAX_AGE:.0f}s",
        "operations": [
            {
                "name": facts.name,
                "base_url": simulator.url,
                "token": facts.token,
                "licences": 1000,
                "quota_reserve": 0,
                "timezone": facts.timezone,
                "apis": {
                    api: {
                        "enabled": True,
                        "interval": f"{interval:.0f}s",
                        "max_age": f"{max(MAX_AGE, interval):.0f}s",
                    }
                    for api, interval in INTERVALS.items()
                },
            }
        ],
    }


def recovered(exporters: Sequence[Exporter], tally: Tally) -> None:
    """Wait until all exporters are well again; a violation for each that is not in time."""
    end = time.monotonic() + _RECOVERED_SECONDS
    left = list(exporters)
    while left and time.monotonic() < end:
        left = [one for one in left if one.ill()]
        time.sleep(0.5)
    for one in left:
        problem = f"not well {_RECOVERED_SECONDS:.0f} s after the last fault: {one.ill()}"
        tally.wrong(f"{one.name}: {problem}\n{one.log()[-2000:]}")


def soak(minutes: float, seed: int, folder: Path, tally: Tally) -> int:
    """Let everything happen for some minutes; return how many calls reached the simulator."""
    chance = random.Random(seed)
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(Simulator(SimulatorSettings(operations=2, campaigns=5, latency=0.3)))
        first, second = (operation.name for operation in simulator.operations)
        traffic = Traffic(simulator, tally)
        mischief = Mischief(tally, traffic, simulator, chance)
        mischief.disk = stack.enter_context(small_disk(folder / "disk"))
        state = f"sqlite://{folder}/disk/state.db"
        alone = Exporter("SQLite", first, folder / "alone", _config(simulator, 0, state))
        pair: list[Exporter] = []
        if path := program("redis-server"):
            mischief.redis = redis = Redis(path, folder)
            stack.callback(redis.kill)
            config = _config(simulator, 1, f"redis://127.0.0.1:{redis.port}/0")
            pair = [
                Exporter(f"Redis {number}", second, folder / f"replica-{number}", config) for number in (1, 2)
            ]
        else:
            print("no replicas are tried: redis-server is not installed")
        exporters = [alone, *pair]
        for one in exporters:
            stack.callback(one.kill)
            one.start()
        over = threading.Event()

        def about(one: Exporter) -> list[Callable[[], None]]:
            deeds = (mischief.killed, mischief.frozen, mischief.reloaded, mischief.stormed)
            return [lambda deed=deed: deed(one) for deed in deeds]  # type: ignore[misc]

        own = [*about(alone), lambda: mischief.stepped(alone)]
        actors = [(4.0, own), (2.0, [mischief.simulated]), (20.0, [mischief.filled])]
        actors += [(8.0, about(one)) for one in pair]
        actors += [(30.0, [lambda: mischief.redis_restarted(pair)])] if pair else []
        acting = [threading.Thread(target=mischief.run, args=actor) for actor in actors]
        watching = [threading.Thread(target=watch, args=(one, tally, over)) for one in exporters]
        watching.append(threading.Thread(target=traffic.run, args=(over,)))
        for thread in (*acting, *watching):
            thread.start()
        try:
            time.sleep(minutes * 60)
        finally:
            mischief.over.set()
            for thread in acting:
                thread.join()
            simulator.faults.clear()
            recovered(exporters, tally)
            over.set()
            for thread in watching:
                thread.join()
        for one in exporters:
            if "report this as a bug" in one.log() or "Traceback" in one.log():
                tally.wrong(f"{one.name}: has logged a defect\n{one.log()[-3000:]}")
        return traffic.calls


def main() -> int:
    """Run, print what was tried, and return 1 after a violation."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.faults", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--minutes", type=float, default=10, help="how long (default: 10)")
    parser.add_argument("--seed", type=int, default=0, help="of what happens when (default: 0)")
    given = parser.parse_args()
    tally = Tally()
    folder = Path(tempfile.mkdtemp(prefix="wolkvox-faults-"))
    try:
        calls = soak(given.minutes, given.seed, folder, tally)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for what, counts in (("scrapes", tally.scrapes), ("faults", tally.faults)):
        told = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
        print(f"{counts.total()} {what}: {told}")
    print(f"{calls} polls; {len(tally.violations)} violations")
    return 1 if tally.violations else 0


if __name__ == "__main__":
    sys.exit(main())
