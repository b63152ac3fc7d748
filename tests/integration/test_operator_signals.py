"""Operator's commands that are ended from outside: by signals, and by the loss of their terminal."""

import contextlib
import fcntl
import os
import signal
import subprocess
import termios
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from integration.test_operators import MEN, Floor
from support.exporter import COMMAND, LOGGING_SIMULATOR, Exporter, exporter
from support.processes import running
from support.waiting import until

pytestmark = pytest.mark.integration

CALL_SECONDS = 0.1
SOME = MEN[:60]


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    flags = ("--operations=1", "--log.level=error")
    with exporter("simulate", tmp_path / "simulator", *flags, program=LOGGING_SIMULATOR) as process:
        yield _floor(process, tmp_path)


def _floor(simulator: Exporter, folder: Path) -> Floor:
    floor = Floor(simulator, folder)
    floor.ask("POST", "faults", {"kind": "slow", "seconds": CALL_SECONDS})
    floor.sheet(SOME)
    return floor


def codify(floor: Floor, *more: str) -> list[str]:
    flags = [f"--config.file={floor.config}", "--campaign=4875", "--type=predictive", "--yes", *more]
    return [*COMMAND, "codify", *flags, f"--from-csv={floor.folder / 'customers.csv'}"]


def finishes(floor: Floor) -> None:
    """Check that the next command goes on at once, and that everybody is coded once."""
    before = len(floor.coded())
    assert 0 < before < len(SOME)
    # A lease that was not released would hold it up for 90 s.
    floor.ask("DELETE", "faults")
    done = subprocess.run(codify(floor), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == f"coded {len(SOME) - before}, {before} before\nrefused 0\nunknown 0\nleft 0\n"
    assert floor.coded() == Counter(SOME)
    assert floor.at_once() == 1


@pytest.mark.parametrize("signals", [[signal.SIGHUP], [signal.SIGHUP] * 3, [signal.SIGTERM, signal.SIGHUP]])
def test_a_hang_up_ends_a_batch_after_its_call(
    floor: Floor, tmp_path: Path, signals: list[signal.Signals]
) -> None:
    with running(codify(floor), tmp_path / "batch") as batch:
        until(lambda: floor.reached(3, batch), 60, "dispositions", report=batch.output)
        for number in signals:
            batch.process.send_signal(number)
        assert batch.wait(60) == 130, batch.output()
        coded = len(floor.coded())
        assert f"coded {coded}\nrefused 0\nunknown 0\nleft {len(SOME) - coded}\n" in batch.output()
        assert "result=interrupted" in batch.output()
    finishes(floor)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_a_hang_up_ends_once_with_the_token_released(
    floor: Floor, tmp_path: Path, number: signal.Signals
) -> None:
    once = [*COMMAND, "once", f"--config.file={floor.config}"]
    floor.ask("POST", "faults", {"kind": "slow", "seconds": 30})
    with running(once, tmp_path / "once") as process:
        until(lambda: floor.at_once() or not process.alive, 60, "the call", report=process.output)
        assert process.stop(number) == 130, process.output()
    floor.ask("DELETE", "faults")
    done = subprocess.run(once, capture_output=True, text=True, check=False, timeout=60)
    assert 'wolkvox_up{operation="ventas-bogota",api="campaigns"} 1' in done.stdout, done.stderr


def test_under_nohup_a_batch_outlives_the_connection(floor: Floor, tmp_path: Path) -> None:
    with running(["nohup", *codify(floor)], tmp_path / "batch") as batch:
        until(lambda: floor.reached(3, batch), 60, "dispositions", report=batch.output)
        batch.process.send_signal(signal.SIGHUP)
        floor.ask("DELETE", "faults")
        assert batch.wait(120) == 0, batch.output()
    assert floor.coded() == Counter(SOME)


@contextlib.contextmanager
def on_a_terminal(
    command: Sequence[str | Path],
) -> Iterator[tuple[subprocess.Popen[bytes], Callable[[], None]]]:
    """Run a command as the leader of a terminal's session; the function that comes with it hangs up."""
    ours, terminal = os.openpty()
    held = [ours]  # nobody reads it: what is shown is less than it holds

    def hang_up() -> None:
        while held:
            os.close(held.pop())

    process = subprocess.Popen(
        command,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - there are no threads here
    )
    os.close(terminal)
    try:
        yield process, hang_up
    finally:
        hang_up()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_terminal_that_goes_away_ends_a_batch_after_its_call(floor: Floor) -> None:
    with on_a_terminal(codify(floor)) as (process, hang_up):
        until(lambda: len(floor.coded()) >= 3 or process.poll() is not None, 60, "dispositions")
        hang_up()
        process.wait(60)
    assert process.returncode == 1  # what became of it could not be told
    finishes(floor)


@pytest.mark.parametrize("nohup", [False, True])
def test_progress_that_nobody_sees_is_no_failure(floor: Floor, nohup: bool) -> None:
    # The program `nohup` redirects what is for a terminal; here it fails.
    script = f"""{'trap "" HUP; ' if nohup else ""}exec "$@" > "$0" """
    report = floor.folder / "report.txt"
    with on_a_terminal(["sh", "-c", script, report, *codify(floor)]) as (process, hang_up):
        until(lambda: len(floor.coded()) >= 3 or process.poll() is not None, 60, "dispositions")
        hang_up()
        process.wait(120)
    coded = len(floor.coded())
    assert report.read_text() == f"coded {coded}\nrefused 0\nunknown 0\nleft {len(SOME) - coded}\n"
    assert (process.returncode, coded == len(SOME)) == ((0, True) if nohup else (130, False))


@pytest.mark.parametrize("target", ["earlier.csv", "new.csv"])
@pytest.mark.parametrize(
    "signals",
    [[signal.SIGKILL], [signal.SIGQUIT], [signal.SIGTERM, signal.SIGTERM], [signal.SIGINT, signal.SIGINT]],
)
def test_a_report_that_is_ended_leaves_nothing_behind(
    floor: Floor, tmp_path: Path, signals: list[signal.Signals], target: str
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "earlier.csv").write_text("old")
    floor.ask("POST", "faults", {"kind": "slow", "seconds": 30})
    flags = [f"--config.file={floor.config}", "--campaign=4875", f"--output-file={folder / target}"]
    with running([*COMMAND, "machine-codes", *flags], tmp_path / "run") as report:
        until(lambda: floor.at_once() or not report.alive, 60, "the call", report=report.output)
        first, *more = signals
        report.process.send_signal(first)
        for number in more:
            until(
                lambda: "stopping" in report.stderr.read_text(), 60, "the first signal", report=report.output
            )
            report.process.send_signal(number)
        assert report.wait(30) != 0
    assert [(file.name, file.read_text()) for file in folder.iterdir()] == [("earlier.csv", "old")]
