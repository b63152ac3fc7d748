"""Commands beside a running exporter: they share its state, or make no call at all."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from support.exporter import COMMAND, Exporter, exporter, run
from support.processes import running
from support.programs import program
from support.users import OTHER, folder_of, needs_root
from support.waiting import until

pytestmark = pytest.mark.integration

COMMANDS = [
    ("machine-codes",),
    ("find-record", "--phone=3000000001"),
    ("codify", "--campaign=4875", "--type=predictive", "--cod-act=X", "--customer", "FAKE-1", "--yes"),
    ("clean-list", "--campaign=4875", "--type=predictive", "--cod-act=X"),
    ("once",),
]


class SlowVendor:
    """Answers nobody until it is told to, and counts who waits."""

    def __init__(self) -> None:
        self.calls = self.in_flight = self.most_in_flight = 0
        self.answering = threading.Event()
        lock, vendor = threading.Lock(), self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                with lock:
                    vendor.calls += 1
                    vendor.in_flight += 1
                    vendor.most_in_flight = max(vendor.most_in_flight, vendor.in_flight)
                vendor.answering.wait(60)
                # Before the answer, after which the next call may come.
                with lock:
                    vendor.in_flight -= 1
                body = b'{"code": "200", "error": "", "msg": "0 records were found", "data": []}'
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = answer  # noqa: N815 - as the library has it

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.answering.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def vendor() -> Iterator[SlowVendor]:
    made = SlowVendor()
    with contextlib.closing(made):
        yield made


def configure(folder: Path, vendor: SlowVendor, state: Path | None) -> Path:
    entry = {"name": "ventas", "base_url": vendor.url, "token": "fake-token-1"}
    config = {
        "operations": [entry],
        "writes": {"enabled": True},
        **({"state": {"url": f"sqlite://{state}"}} if state else {}),
    }
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "config.yaml"
    file.write_text(json.dumps(config))
    return file


@contextlib.contextmanager
def calling_exporter(config: Path, vendor: SlowVendor, folder: Path) -> Iterator[Exporter]:
    """Run an exporter that is in the middle of a call."""
    with exporter("serve", folder / "exporter", f"--config.file={config}") as serving:
        until(lambda: vendor.in_flight, 60, "the first call", report=serving.process.output)
        yield serving


def port(serving: Exporter) -> str:
    return serving.url.rpartition(":")[2]


def test_a_command_with_another_state_is_refused_before_any_call(vendor: SlowVendor, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours" / "state.db", tmp_path / "theirs" / "state.db"
    config, other = configure(tmp_path / "a", vendor, ours), configure(tmp_path / "b", vendor, theirs)
    with calling_exporter(config, vendor, tmp_path) as serving:
        for command in COMMANDS:
            result = run(*command, f"--config.file={other}")
            assert (result.returncode, result.stdout) == (1, ""), command
            assert f"the exporter on port {port(serving)}, which polls ventas, uses another" in result.stderr
            assert f"state: {ours} instead of {theirs}" in result.stderr
            assert f"--config.file={config}" in result.stderr
        assert (vendor.calls, vendor.most_in_flight) == (1, 1)
        assert "fake-token" not in result.stderr
        assert serving.get("/-/state").status_code == 404  # for this machine alone


def test_a_second_exporter_with_another_state_says_so(vendor: SlowVendor, tmp_path: Path) -> None:
    config = configure(tmp_path / "a", vendor, tmp_path / "ours.db")
    other = configure(tmp_path / "b", vendor, tmp_path / "theirs.db")
    with (
        calling_exporter(config, vendor, tmp_path) as serving,
        exporter("serve", tmp_path / "second", f"--config.file={other}") as second,
    ):
        warning = 'level=warn msg="another exporter on this machine polls the same operation'
        until(lambda: warning in second.process.output(), 60, "the warning", report=second.process.output)
        said = second.process.output()
        assert f"the exporter on port {port(serving)}, which polls ventas, uses another state: " in said
        assert f"{tmp_path}/ours.db instead of {tmp_path}/theirs.db" in said
        assert warning not in serving.process.output()


def test_the_same_configuration_in_another_environment_is_refused(vendor: SlowVendor, tmp_path: Path) -> None:
    # As sudo does it: the environment of the service is not that of the command.
    config = configure(tmp_path, vendor, None)
    with calling_exporter(config, vendor, tmp_path) as serving:
        result = run("machine-codes", f"--config.file={config}")
        assert result.returncode == 1
        assert "uses another state" in result.stderr
        serving.process.stop(signal.SIGKILL)  # and its socket with it
        assert vendor.calls == 1
        vendor.answering.set()
        assert run("machine-codes", f"--config.file={config}").returncode == 0


def test_the_same_file_under_another_path_is_the_same_state(vendor: SlowVendor, tmp_path: Path) -> None:
    config = configure(tmp_path, vendor, tmp_path / "state" / "state.db")
    (tmp_path / "state").mkdir()
    (tmp_path / "alias").symlink_to(tmp_path / "state")
    alias = configure(tmp_path / "b", vendor, tmp_path / "alias" / "state.db")
    command = [*COMMAND, "machine-codes", f"--config.file={alias}"]
    with calling_exporter(config, vendor, tmp_path), running(command, tmp_path / "command") as waiting:
        until(
            lambda: "waiting for the token" in waiting.stderr.read_text(),
            60,
            "the wait",
            report=waiting.output,
        )
        vendor.answering.set()
        assert waiting.wait(60) == 0, waiting.output()
        assert vendor.most_in_flight == 1


def test_an_exporter_that_goes_on_from_memory_does_not_see_a_command(
    vendor: SlowVendor, tmp_path: Path
) -> None:
    state = tmp_path / "state" / "state.db"
    state.mkdir(parents=True)
    config = configure(tmp_path, vendor, state)
    with calling_exporter(config, vendor, tmp_path):
        other = configure(tmp_path / "b", vendor, tmp_path / "other.db")
        result = run("machine-codes", f"--config.file={other}")
        assert (result.returncode, vendor.calls) == (1, 1)
        assert f"cannot use its state {state} at present" in result.stderr


def test_an_exporter_that_ends_is_asked_until_its_last_call(vendor: SlowVendor, tmp_path: Path) -> None:
    config = configure(tmp_path / "a", vendor, tmp_path / "ours.db")
    other = configure(tmp_path / "b", vendor, tmp_path / "theirs.db")
    with calling_exporter(config, vendor, tmp_path) as serving:
        serving.process.process.terminate()
        until(
            lambda: "msg=stopping" in serving.process.output(), 60, "the stop", report=serving.process.output
        )
        result = run("machine-codes", f"--config.file={other}")
        if vendor.in_flight and serving.process.alive:  # else the end of the exporter was quicker
            assert result.returncode == 1, result.stderr
        assert vendor.most_in_flight == 1


def test_an_exporter_that_hangs_holds_up_no_command(vendor: SlowVendor, tmp_path: Path) -> None:
    config = configure(tmp_path, vendor, tmp_path / "state.db")
    with calling_exporter(config, vendor, tmp_path) as serving:
        serving.process.process.send_signal(signal.SIGSTOP)
        result = run("find-record", "--forget", f"--config.file={config}")
        assert (result.returncode, result.stderr.splitlines()[-1]) == (
            0,
            "wolkvox-exporter: there are no saved answers",
        )


AS_OTHER = f"""
import importlib, os, sys
from exporter.__main__ import main
# Other users may not enter the folders of this Python.
importlib.import_module("exporter.commands.machine_codes")
os.setgroups([]), os.setgid({OTHER}), os.setuid({OTHER})
sys.exit(main(sys.argv[1:]))
"""


@needs_root
def test_another_user_is_refused(vendor: SlowVendor, tmp_path: Path) -> None:
    with folder_of(OTHER) as home:
        config = configure(home.parent, vendor, home.parent / "service" / "state.db")
        command = [sys.executable, "-c", AS_OTHER, "machine-codes", f"--config.file={config}"]
        env = {name: value for name, value in os.environ.items() if name != "XDG_STATE_HOME"}
        with calling_exporter(config, vendor, tmp_path):
            for state, said in (
                (
                    home.parent / "service" / "state.db",
                    f"({home.parent}/service belongs to root: run this as",
                ),
                (None, f"another state: {home.parent}/service/state.db instead of {home}/.local/state/"),
            ):
                configure(home.parent, vendor, state)
                result = subprocess.run(
                    command,
                    env={**env, "HOME": str(home)},
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=120,
                )
                assert (result.returncode, vendor.calls) == (1, 1), result.stderr
                assert said in result.stderr


@needs_root
def test_health_finds_the_exporter_at_whatever_port(vendor: SlowVendor, tmp_path: Path) -> None:
    # In a network of its own, as in a container: nobody else's exporter is there.
    config = configure(tmp_path, vendor, tmp_path / "state.db")
    name = " ".join(COMMAND)
    script = (
        f"{name} health; echo without $?; "
        f"{name} serve --web.listen-address=:9042 --config.file={config} & "
        f"for _ in $(seq 600); do {name} health && break; done; echo with $?; "
        f"{name} health --web.listen-address=:9042; echo named $?; "
        f"{name} health --web.listen-address=:10042; echo other $?; kill $!; wait $!"
    )
    with running([program("unshare"), "--net", "sh", "-c", script], tmp_path) as container:
        assert container.wait(120) == 0, container.output()
        said = container.stdout.read_text().splitlines()
        assert [line for line in said if not line.startswith("not ")] == [
            "without 1",
            *("healthy", "with 0"),
            *("healthy", "named 0"),
            "other 1",
        ]
