import errno
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from support import ports
from support.ports import free_port
from support.processes import running
from support.programs import program
from support.waiting import until


def test_a_program_that_is_there_is_found() -> None:
    assert Path(program("sh")).name == "sh"


def test_a_missing_program_leaves_the_test_out_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUIRE_SERVERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-program is not installed: test left out"):
        program("no-such-program")


def test_a_missing_program_fails_where_nothing_may_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_SERVERS", "1")
    with pytest.raises(pytest.fail.Exception, match="no-such-program is not installed"):
        program("no-such-program")


def test_ports_are_given_once() -> None:
    assert len({free_port() for _ in range(50)}) == 50


def test_a_port_that_somebody_has_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(ports, "_kept_back", lambda: range(port, port + 20))
        monkeypatch.setattr(ports, "_given", set())
        assert {free_port() for _ in range(5)} < set(range(port + 1, port + 20))


def test_waiting_ends_with_the_first_true_answer() -> None:
    answers = iter([0, None, "", "there", "later"])
    assert until(lambda: next(answers)) == "there"


def test_waiting_in_vain_says_for_what_and_why() -> None:
    def refuse() -> bool:
        raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")

    with pytest.raises(
        pytest.fail.Exception, match=r"in vain for the server\n.*ECONNREFUSED|refused\noutput"
    ):
        until(refuse, timeout=0, what="the server", report=lambda: "output")


def exists(pid: int) -> bool:
    """Tell whether a process runs; one that ended and that nobody has waited for counts as gone."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.integration
def test_a_child_dies_with_its_own_children(tmp_path: Path) -> None:
    # One writer: what two processes write to one file at the same time can overwrite each other.
    script = """
import os, time
pid = os.fork()
if pid:
    print(os.getpid(), pid, flush=True)
time.sleep(600)
"""
    with running([sys.executable, "-c", script], tmp_path) as child:
        pids = until(
            lambda: (text := child.stdout.read_text()).endswith("\n") and text.split(),
            60,
            "both process ids",
            report=child.output,
        )
        assert pids
        assert child.alive
    until(lambda: not any(exists(int(pid)) for pid in pids), what="the end of the group")


@pytest.mark.integration
def test_a_child_can_be_stopped_and_tells_its_status_and_output(tmp_path: Path) -> None:
    script = "import os, signal; print(os.environ['GREETING'], flush=True); signal.pause()"
    with running([sys.executable, "-c", script], tmp_path, env={"GREETING": "hello"}) as child:
        until(lambda: "hello" in child.stdout.read_text(), report=child.output)
        assert "still running" in child.output()
        assert child.stop(signal.SIGTERM) == -signal.SIGTERM
        assert f"status -{signal.SIGTERM:d}" in child.output()
    assert os.environ.get("GREETING") is None
