"""The operator's commands as a person starts them, beside a running exporter with the same token."""

import contextlib
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from support.exporter import COMMAND, LOGGING_SIMULATOR, Exporter, exporter, run
from support.processes import Running, running
from support.redis import redis_server
from support.waiting import until

pytestmark = pytest.mark.integration

TOKEN = "sim-token-bogota"
OPERATION = "ventas-bogota"
MEN = [f"FAKE-00000{number:06d}" for number in range(11_000, 11_500)]


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Exporter]:
    flags = ("--operations=1", "--log.level=error")
    with exporter("simulate", tmp_path / "simulator", *flags, program=LOGGING_SIMULATOR) as process:
        yield process


class Floor:
    """A simulator, a configuration for it, and what the simulator knows of who asked."""

    def __init__(
        self, simulator: Exporter, folder: Path, state: str | None = None, interval: str = "1s"
    ) -> None:
        self.url = simulator.url
        self.folder = folder
        self.config = folder / "config.yaml"
        every = {"interval": interval}
        config = {
            "operations": [
                {
                    "name": OPERATION,
                    "base_url": self.url,
                    "token": TOKEN,
                    "licences": 1000,
                    "apis": {
                        "campaigns": every,
                        "campaign_settings": every,
                        "token_info": every,
                        "machine_codes": {**every, "enabled": True},
                    },
                }
            ],
            "state": {"url": state or f"sqlite://{folder}/state.db"},
            "writes": {"enabled": True},
        }
        # The simulator takes polls of a second; what they need until midnight must not be set aside here.
        config["operations"][0]["quota_reserve"] = 0  # type: ignore[index]
        self.config.write_text(json.dumps(config))

    def ask(self, method: str, name: str, body: object = None) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, f"{self.url}/_simulator/{name}", json=body, timeout=30)
            assert answer.ok, answer.text
            return answer.json()

    def requests(self, api: str) -> list[dict[str, Any]]:
        return [one for one in self.ask("GET", "requests")["requests"] if one["api"] == api]

    def coded(self) -> Counter[str]:
        """Count the dispositions that wolkvox has done, by customer."""
        return Counter(one["body"]["customer_id"] for one in self.requests("codify") if one["status"] == 202)

    def at_once(self) -> int:
        """Return the most requests of the token that were ever in flight."""
        (operation,) = self.ask("GET", "state")["operations"]
        most: int = operation["tokens"][TOKEN]["max_in_flight"]
        return most

    def sheet(self, customers: list[str] = MEN) -> Path:
        file = self.folder / "customers.csv"
        file.write_text("\ufeffcustomer_id;cod_act\r\n" + "".join(f"{man};MUERTO\r\n" for man in customers))
        return file

    def codify(self, *more: str) -> list[str]:
        flags = [f"--config.file={self.config}", "--campaign=4875", "--type=predictive"]
        return [*COMMAND, "codify", *flags, f"--from-csv={self.sheet()}", "--yes", *more]

    def reached(self, dispositions: int, batch: Running) -> bool:
        """Tell whether so many customers are coded, or the batch is over."""
        return len(self.coded()) >= dispositions or not batch.alive

    def serve(self) -> "contextlib.AbstractContextManager[Exporter]":
        return exporter("serve", self.folder / "serve", f"--config.file={self.config}")

    def polls(self) -> int:
        return len(self.requests("campaigns"))


def ended(process: Running) -> int:
    return process.wait(300)


def ninety_seconds_later(folder: Path) -> None:
    """Let the lease of a process that was killed run out, as it does by itself after 90 s."""
    with contextlib.closing(sqlite3.connect(folder / "state.db", timeout=30)) as state, state:
        state.execute("UPDATE leases SET taken = taken - 90")


def test_a_batch_that_is_killed_again_and_again_codes_everybody_once(
    simulator: Exporter, tmp_path: Path
) -> None:
    floor = Floor(simulator, tmp_path)
    chance = random.Random(4875)
    with floor.serve() as served:
        until(lambda: floor.polls() > 2, 60, "polls")
        for kill in range(6):
            target = 60 * kill + chance.randrange(5, 60)
            with running(floor.codify(), tmp_path / f"run-{kill}") as batch:
                until(partial(floor.reached, target, batch), 120, "dispositions", report=batch.output)
                batch.process.kill()
                assert ended(batch) == -signal.SIGKILL, batch.output()
            ninety_seconds_later(tmp_path)
        before = floor.polls()
        done = subprocess.run(floor.codify(), capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode in {0, 1}, done.stderr
        assert "left 0" in done.stdout
        # Who is unknown was killed between the line before and the call: a person decides.
        unknown = re.findall(r"^  (\S+)", done.stdout, re.MULTILINE)
        assert len(unknown) <= 6
        assert set(floor.coded()) == set(MEN) - set(unknown)
        until(lambda: floor.polls() > before, 60, "the exporter's turn")
        last = subprocess.run(
            floor.codify("--retry-unknown"), capture_output=True, text=True, check=False, timeout=300
        )
        assert last.returncode == 0, last.stdout + last.stderr
        assert floor.coded() == Counter(MEN)
        assert 'wolkvox_up{operation="ventas-bogota",api="campaigns"} 1' in served.metrics()
        assert not re.search(r'failures_total\{.*cause="concurrency"\} [1-9]', served.metrics())
    assert floor.at_once() == 1
    told = done.stderr + last.stderr
    assert "FAKE" not in told
    assert TOKEN not in told
    assert f"customers={len(MEN)}" in told


def test_two_at_once_on_the_same_batch_refuse(simulator: Exporter, tmp_path: Path) -> None:
    floor = Floor(simulator, tmp_path)
    with running(floor.codify(), tmp_path / "first") as first:
        until(floor.coded, 60, "the first disposition", report=first.output)
        second = subprocess.run(floor.codify(), capture_output=True, text=True, check=False, timeout=120)
        assert second.returncode == 1
        assert "another command is using it" in second.stderr
        assert first.stop(signal.SIGINT, timeout=120) == 130
        text = first.stdout.read_text()
    coded = int(re.findall(r"coded (\d+)", text)[0])
    left = int(re.findall(r"left (\d+)", text)[0])
    # The call that ran when Ctrl-C came has ended, and the summary knows of it.
    assert (coded, left) == (len(floor.coded()), len(MEN) - coded)
    assert floor.at_once() == 1


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_a_report_and_the_exporter_take_turns(simulator: Exporter, tmp_path: Path, kind: str) -> None:
    with contextlib.ExitStack() as stack:
        state = stack.enter_context(redis_server(tmp_path / "redis")).url if kind == "redis" else None
        floor = Floor(simulator, tmp_path, state, interval="3s")
        floor.ask("POST", "faults", {"kind": "slow", "seconds": 0.2})
        served = stack.enter_context(floor.serve())
        until(lambda: floor.polls() > 1, 60, "polls")
        for _ in range(5):
            done = run("machine-codes", f"--config.file={floor.config}", "--campaign=4875", "--output=csv")
            assert done.returncode == 0, done.stderr
            assert len(done.stdout.splitlines()) > 100
        assert floor.at_once() == 1
        assert 'wolkvox_up{operation="ventas-bogota",api="campaigns"} 1' in served.metrics()
        # One budget: the exporter counts the calls of the commands.
        used = re.findall(r"^wolkvox_quota_used_requests\{.*\} (\d+)", served.metrics(), re.MULTILINE)
        assert int(used[0]) >= len(floor.ask("GET", "requests")["requests"]) - 5


def test_nobody_is_coded_twice_from_another_pod(simulator: Exporter, tmp_path: Path) -> None:
    with redis_server(tmp_path / "redis") as redis:
        floor = Floor(simulator, tmp_path, redis.url)
        config = json.loads(floor.config.read_text())
        flags = [
            f"--config.file={floor.config}",
            "--campaign=4875",
            "--type=predictive",
            "--cod-act=X",
            "--yes",
        ]
        command = [*COMMAND, "codify", *flags, "--customer", *MEN[:2]]

        def in_pod(name: str, journals: str | None, *words: str) -> subprocess.CompletedProcess[str]:
            config["writes"] = {"enabled": True, **({"journals": journals} if journals else {})}
            floor.config.write_text(json.dumps(config))
            env = {**os.environ, "XDG_STATE_HOME": str(tmp_path / name)}
            return subprocess.run(words, env=env, capture_output=True, text=True, check=False, timeout=120)

        for words in (command, [*COMMAND, "clean-list", *flags]):
            done = in_pod("a", None, *words)
            assert (done.returncode, done.stdout) == (1, "")
            assert "writes: {enabled: true, journals: /FOLDER}" in done.stderr
        # A volume that is not there is not replaced by a folder that dies with the pod.
        assert "does not exist" in in_pod("a", "journals", *command).stderr
        assert floor.ask("GET", "requests")["requests"] == []
        (tmp_path / "journals").mkdir()
        for name, said in (("a", "coded 2"), ("b", "coded 0, 2 before")):
            done = in_pod(name, "journals", *command)
            assert (done.returncode, done.stdout.splitlines()[0]) == (0, said), done.stderr
        assert floor.coded() == dict.fromkeys(MEN[:2], 1)


def test_a_reader_that_has_seen_enough_is_no_error(simulator: Exporter, tmp_path: Path) -> None:
    floor = Floor(simulator, tmp_path)
    command = [*COMMAND, "machine-codes", f"--config.file={floor.config}", "--output=csv"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read().decode()
    assert "Traceback" not in told


def test_a_large_answer_needs_no_more_memory_than_a_small_one(simulator: Exporter, tmp_path: Path) -> None:
    floor = Floor(simulator, tmp_path)

    def most_memory(megabytes: float) -> int:
        floor.ask("POST", "faults", {"kind": "huge", "megabytes": megabytes, "times": 1})
        out = tmp_path / "out.csv"
        command = [*COMMAND, "machine-codes", f"--config.file={floor.config}", "--output=csv"]
        with running([*command, f"--output-file={out}"], tmp_path / "huge") as process:
            _, status, used = os.wait4(process.pid, 0)
            assert os.waitstatus_to_exitcode(status) == 0, process.output()
        assert out.stat().st_size > megabytes * 100_000
        return used.ru_maxrss

    small, large = most_memory(1), most_memory(40)
    assert large < small + 20_000  # KiB


def test_the_exporter_forgets_look_ups_that_nobody_came_back_to(simulator: Exporter, tmp_path: Path) -> None:
    floor = Floor(simulator, tmp_path)
    folder = tmp_path / "journals"
    folder.mkdir()
    for name in ("lookups-old.jsonl", "lookups-new.jsonl", "codify-old.jsonl"):
        (folder / name).write_text("{}\n")
    for name in ("lookups-old.jsonl", "codify-old.jsonl"):
        os.utime(folder / name, (0, 0))
    with floor.serve():
        until(lambda: not (folder / "lookups-old.jsonl").exists(), 60, "the removal")
    assert {file.name for file in folder.iterdir()} == {"lookups-new.jsonl", "codify-old.jsonl"}
