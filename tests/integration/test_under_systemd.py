"""The exporter under a service manager: a real notify socket, and sockets that systemd hands over."""

import contextlib
import json
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from exporter.simulator import Simulator, SimulatorSettings
from support.exporter import COMMAND, exporter
from support.ports import free_port
from support.processes import Running, running
from support.programs import program
from support.waiting import until

pytestmark = pytest.mark.integration

Start = Callable[..., contextlib.AbstractContextManager[Running]]


class Manager:
    """What the process told it, in the order of arrival."""

    def __init__(self, place: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(place))
        self._socket.settimeout(60)

    def next(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self._socket.recv(10_000).decode().splitlines())

    def until(self, key: str) -> dict[str, str]:
        """Return the next message with a key."""
        while key not in (message := self.next()):
            pass
        return message

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    with contextlib.closing(Manager(tmp_path / "notify")) as manager:
        yield manager


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    with Simulator(SimulatorSettings(latency=0, operations=1, campaigns=2)) as simulator:
        (operation,) = simulator.operations
        file = tmp_path / "config.yaml"
        entry = {"name": operation.name, "base_url": simulator.url, "token": operation.token}
        state = {"url": f"sqlite://{tmp_path}/state.db"}
        file.write_text(json.dumps({"operations": [entry], "state": state}))
        yield file


def get(port: int, path: str = "/-/healthy") -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"http://127.0.0.1:{port}{path}", timeout=60)


def test_the_manager_hears_of_start_reload_life_and_end(
    config: Path, manager: Manager, tmp_path: Path
) -> None:
    environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
    with exporter("serve", tmp_path, f"--config.file={config}", env=environment) as served:
        assert manager.until("READY") == {"READY": "1", "STATUS": "serving"}
        assert served.get("/-/healthy").status_code == requests.codes.ok  # it answers by then
        manager.until("WATCHDOG")

        served.process.process.send_signal(signal.SIGHUP)
        assert int(manager.until("RELOADING")["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
        assert manager.until("READY")["STATUS"] == "serving"

        good = config.read_text()
        config.write_text("operations: []")
        served.process.process.send_signal(signal.SIGHUP)
        manager.until("RELOADING")
        assert "failed" in manager.until("READY")["STATUS"]

        config.write_text(good)
        served.process.process.send_signal(signal.SIGHUP)
        assert manager.until("READY")["STATUS"] == "serving"
        served.process.process.send_signal(signal.SIGTERM)
        manager.until("STOPPING")
        assert served.process.wait() == 0


def test_a_bad_start_never_looks_ready(manager: Manager, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("operations: []")
    command = [*COMMAND, "serve", f"--config.file={config}"]
    with running(command, tmp_path, env={"NOTIFY_SOCKET": str(tmp_path / "notify")}) as process:
        assert process.wait(60) == 1
    manager._socket.settimeout(0)
    with pytest.raises(BlockingIOError):
        manager.next()


@pytest.fixture
def activated(config: Path, tmp_path: Path) -> Start:
    """Start the exporter by systemd's own tool, which listens and hands the sockets over."""

    def start(*listen: str, flags: tuple[str, ...] = ()) -> contextlib.AbstractContextManager[Running]:
        wanted = [f"--listen={place}" for place in listen]
        command = [*COMMAND, "serve", f"--config.file={config}", *flags]
        return running([program("systemd-socket-activate"), *wanted, *command], tmp_path)

    return start


def test_inherited_sockets_are_served_and_no_others(activated: Start, tmp_path: Path) -> None:
    ports = free_port(), free_port()
    place = tmp_path / "web.socket"
    with activated(*(f"127.0.0.1:{port}" for port in ports), str(place)) as process:
        # The first request starts it.
        for port in ports:
            answer = until(lambda port=port: get(port), 60, "an answer", report=process.output)  # type: ignore[misc]
            assert answer.text == "healthy\n"
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(60)
            client.connect(str(place))
            client.sendall(b"GET /-/healthy HTTP/1.0\r\n\r\n")
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
        log = process.output()
        assert log.count("msg=listening") == 2
        assert "10042" not in log  # the default address is not taken as well
        assert process.stop() == 0


def test_an_address_of_the_flag_is_served_as_well(
    activated: Start,
) -> None:
    inherited, own = free_port(), free_port()
    with activated(f"127.0.0.1:{inherited}", flags=(f"--web.listen-address=127.0.0.1:{own}",)) as process:
        for port in (inherited, own):
            answer = until(lambda port=port: get(port), 60, "an answer", report=process.output)  # type: ignore[misc]
            assert answer.text == "healthy\n"


def test_what_does_not_listen_is_refused(config: Path, tmp_path: Path) -> None:
    datagrams = f"--listen=127.0.0.1:{free_port()}"
    command = [program("systemd-socket-activate"), "--datagram", datagrams, *COMMAND, "serve"]
    with running([*command, f"--config.file={config}"], tmp_path) as process:
        port = int(datagrams.rpartition(":")[2])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:

            def ended() -> bool:
                sender.sendto(b"x", ("127.0.0.1", port))
                return not process.alive

            until(ended, 60, "its end", report=process.output)
        assert process.wait() == 1
        assert "descriptor 3 is not a listening stream socket" in process.output()
