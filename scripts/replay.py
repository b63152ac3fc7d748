"""Replays what wolkvox answered, or might answer, and says what each scrape of the exporter would have seen.

    python scripts/replay.py --config.file FILE --answers FILE.jsonl [--scrape-interval 60s] [--until T]

`--answers` also takes what `doctor --capture` writes, which holds a configuration of its own.

The real exporter runs in virtual time, as fast as the processor allows: its client reads the answers, its
timetable and budget say when it asks, its store outlives restarts, and its exposition is what is scraped.
Only the network is not there, and no secret is read: operations with the same source of their token share
its queue and its budget. docs/replay.md tells how to try rules with the result.

Each line of `--answers` is a JSON object with `at` (Unix seconds), in the order of time:

- `{"at", "operation", "api", "campaign", "status", "seconds", "body"}`: what a call of that API is answered
  from then on, until the next line of the same operation, API and campaign. `campaign` is an id where an API
  is asked by campaign, or "all" for the operation, where that is asked for, too; null answers for all that
  have no line of their own. `status` is 200 and `seconds` 0.6 unless given. A `body` that is a string is the
  text of the body, everything else its JSON; with a status alone the body is empty.
- The same with `"fault": "timeout"`, `"connection"` or `"tls"` instead of status and body. A call is given
  up after 60 s; an answer that takes longer is a timeout too.
- `{"at", "process": "stop" | "kill" | "start"}`: as SIGTERM, SIGKILL and a start do; what changes nothing has
  no effect. The process runs from the first line on, unless the first word about it is that it starts.
- `{"at", "scrape": "fails" | "works"}`: for Prometheus, from then on. While no process runs, scrapes fail.

Before the first answer of an API of an operation, its calls cannot be connected: nothing is known of what
wolkvox would say, and an empty list would be a statement. stderr names the APIs that no line answers.

The first scrape is at the time of the first line, the last at `--until` at the latest: Unix seconds or ISO
8601 (UTC without a zone); the time of the last line unless given. A line of JSON comes out for each scrape
that differs from the one before:

- `{"at", "set": {series: figure}, "gone": [series]}`, all series in the first, and in the first that works
  again after failures (then `gone` tells what has gone since the last that worked);
- `{"at", "failed": true}`, once for as long as scrapes fail.

Series are written as in the exposition: the families `wolkvox_*` and `wolkvox_exporter_*`, without those of
the machine (`process_*`, `python_*`). The same input gives the same output. The exit code is 0, or 1 where a
file cannot be used, with a line on stderr for each problem.
"""

import argparse
import contextlib
import functools
import io
import itertools
import logging
import os
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final, NamedTuple, cast

# The exporter of this checkout, whatever else is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import msgspec
import urllib3

from exporter.apis import APIS
from exporter.capture import CaptureError, read_capture_and_config
from exporter.commands.support.config_loading import read_config
from exporter.config import Config, Operation, Secret
from exporter.metrics import Format, Selection
from exporter.metrics.process import PROCESS_FAMILIES
from exporter.settings.durations import parse_duration
from exporter.snapshot.memories import MAX_TIME_SECONDS
from exporter.state import MemoryStore, WatchedStore
from exporter.wolkvox import Cause, Client, RequestFailed
from exporter.wolkvox.deadline import Deadline
from exporter.wolkvox.transport import ExchangeLimits, VendorResponse
from scripts.recorded_answers import AnswersError, Line, RecordedAnswers
from scripts.virtual_process import Dead, VirtualProcess
from scripts.virtual_time import FIRST, OwnClock, VirtualTime

SECONDS_OF_A_CALL = 0.6
_POLLS_END_SECONDS = 5.0
"""How long polls under way have to end when the process is stopped, as `serve` gives them."""

_API_NAMES = {(api.path, api.vendor_name): api.name for api in APIS}
_PROCESS = Selection(names=frozenset(family.name for family in PROCESS_FAMILIES))

_NO_ANSWER: Final = Line(at=0.0, fault="connection")
_FAULTS = {"connection": Cause.CONNECTION, "tls": Cause.TLS}


@dataclass(frozen=True, slots=True)
class Scrape:
    """A scrape that differs from the one before, at a Unix time: the series as the exposition writes them.

    `series` maps those that are new or have another figure, `gone` are those that are no longer there; of a
    scrape that `failed` there are none.
    """

    at: float
    series: Mapping[str, float] = field(default_factory=dict)
    gone: Sequence[str] = ()
    failed: bool = False

    def as_json(self) -> bytes:
        """Return the line of the result, in UTF-8."""
        at = int(self.at) if self.at.is_integer() else self.at
        if self.failed:
            return msgspec.json.encode({"at": at, "failed": True})
        return msgspec.json.encode({"at": at, "set": self.series, "gone": self.gone})


def replay(
    config: Config, answers: RecordedAnswers, *, interval: float = 60.0, until: float | None = None
) -> Iterator[Scrape]:
    """Yield the scrapes that differ from the one before; `interval` in seconds, `until` in Unix time.

    Raises AnswersError where the file has changed meanwhile, and RuntimeError where the exporter has a bug.
    """
    state = random.getstate()
    random.seed(0)
    try:
        with _no_bug_unseen():
            yield from _Replay(config, answers).scrapes(interval, answers.last if until is None else until)
    finally:
        random.setstate(state)


class _Replay:
    """One exporter, and what happens to it."""

    def __init__(self, config: Config, answers: RecordedAnswers) -> None:
        self._epoch = answers.first
        self._time = VirtualTime()
        self._clock = OwnClock(self._time, self._epoch, skew=0.0, boot=1000.0)
        self._store = MemoryStore(self._monotonic)
        self._process = VirtualProcess(
            _without_secrets(config), self._time, self._clock, store=self._opened_store, client=self._client
        )
        self._operations = [operation.name for operation in config.operations]
        self._answers: dict[tuple[str, str, str], Line] = {}
        self._lines = answers.lines()
        self._scrapes_work = True
        self._published = _Published()
        self._own_text = b""
        # Before the first line, which may end it at once; it polls when all lines of that time are read.
        if answers.begins != "start":
            self._time.at(0.0, self._start, FIRST)
        self._next_line()

    def scrapes(self, interval: float, until: float) -> Iterator[Scrape]:
        """Yield the scrapes that differ from the one before."""
        for number in itertools.count():
            if self._epoch + number * interval > until:
                return
            self._time.run(number * interval)
            if scrape := self._scrape(self._epoch + number * interval):
                yield scrape

    def _scrape(self, at: float) -> Scrape | None:
        process = self._process
        if not process.alive or process.stopping or not self._scrapes_work:
            return self._published.failed(at)
        render = process.service.render
        texts = [render(Format.TEXT, Selection(operation=name)) for name in self._operations]
        return self._published.seen(at, [*texts, self._own_text])

    def _next_line(self) -> None:
        line = next(self._lines, None)
        if line is not None:
            self._time.at(line.at - self._epoch, lambda: self._take(line), FIRST)

    def _take(self, line: Line) -> None:
        if line.scrape is not None:
            self._scrapes_work = line.scrape == "works"
        elif line.process is not None:
            {"start": self._start, "stop": self._stop, "kill": self._kill}[line.process]()
        else:
            self._answers[line.operation or "", line.api or "", line.campaign_id] = line
        self._next_line()

    def _start(self) -> None:
        process = self._process
        if process.alive and not process.stopping:
            return
        self._kill()
        process.start()
        for poller in process.service.pollers:
            poller.cell.subscribe(None)  # a scrape writes what has changed, and not each step of a poll
        # It changes with a reload and a lost store, and there is neither here.
        self._own_text = process.service.render(Format.TEXT, _PROCESS)

    def _stop(self) -> None:
        if self._process.alive and not self._process.stopping:
            self._process.stop(_POLLS_END_SECONDS)

    def _kill(self) -> None:
        if self._process.alive:
            self._process.kill()

    def _opened_store(self) -> WatchedStore:
        return cast("WatchedStore", _StoreOfProcess(self._store, self._process))

    def _client(self, operation: Operation) -> Client:
        exchange = functools.partial(self._exchange, operation.name)
        return Client(operation.base_url, monotonic=self._monotonic, exchange=exchange)

    def _monotonic(self) -> float:
        return self._clock.now().monotonic

    @contextlib.contextmanager
    def _exchange(
        self,
        operation: str,
        _method: str,
        url: str,
        query: Mapping[str, str],
        _token: str,
        limits: ExchangeLimits,
        *,
        monotonic: Callable[[], float],
    ) -> Iterator[VendorResponse]:
        """Answer a call as `transport.exchange` does, from the lines."""
        api = _API_NAMES[url.rpartition("/")[2], query["api"]]
        known = ((operation, api, campaign) for campaign in (query.get("campaign_id", ""), ""))
        line = next((self._answers[key] for key in known if key in self._answers), _NO_ANSWER)
        seconds = SECONDS_OF_A_CALL if line.seconds is None else line.seconds
        if line.fault == "timeout" or seconds >= limits.timeout:
            self._process.sleep(limits.timeout)
            raise RequestFailed(Cause.TIMEOUT, "no complete answer", sent=True)
        self._process.sleep(seconds)
        if line.fault is not None:
            raise RequestFailed(_FAULTS[line.fault], "as the answers say")
        raw = urllib3.HTTPResponse(
            io.BytesIO(line.body_bytes), status=line.status or HTTPStatus.OK, preload_content=False
        )
        yield VendorResponse(raw, Deadline(limits.timeout, monotonic), limits.max_bytes)


class _StoreOfProcess:
    """The store as one process uses it: what is killed writes and releases nothing any more."""

    def __init__(self, store: MemoryStore, process: VirtualProcess) -> None:
        self._store = store
        self._process = process
        self._started = process.started

    def __getattr__(self, name: str) -> object:
        if not self._process.alive or self._process.started != self._started:
            raise Dead
        return getattr(self._store, name)


class _Published:
    """What the last scrape that worked has seen, and how the next one differs from it."""

    def __init__(self) -> None:
        self._texts: Sequence[bytes] | None = None
        self._families: Mapping[tuple[int, bytes], _Samples] = {}
        self._failed = False

    def failed(self, at: float) -> Scrape | None:
        """Return a scrape that fails; None when the one before failed too."""
        if self._failed:
            return None
        self._failed = True
        return Scrape(at, failed=True)

    def seen(self, at: float, texts: Sequence[bytes]) -> Scrape | None:
        """Return a scrape that sees these expositions; None when it differs in nothing."""
        whole = self._failed or self._texts is None
        if texts == self._texts and not whole:
            return None
        before, families = self._families, dict(_families(texts, self._families))
        self._texts, self._families, self._failed = texts, families, False
        series: dict[str, float] = {}
        gone: list[str] = []
        for key, family in {**before, **families}.items():
            old = before.get(key, _NO_SAMPLES)
            new = family if key in families else _NO_SAMPLES
            if old is new and not whole:
                continue
            known = {} if whole else old.figures
            series |= {n.decode(): _figure(text) for n, text in new.figures.items() if known.get(n) != text}
            gone += [name.decode() for name in old.figures if name not in new.figures]
        return Scrape(at, series, gone) if whole or series or gone else None


class _Samples(NamedTuple):
    """The samples of one family of one exposition: as text, and figures (as text) by series."""

    text: bytes
    figures: Mapping[bytes, bytes]


_NO_SAMPLES = _Samples(b"", {})


def _families(
    texts: Sequence[bytes], before: Mapping[tuple[int, bytes], _Samples]
) -> Iterator[tuple[tuple[int, bytes], _Samples]]:
    """Yield the families of each exposition; those that are as before are the same objects."""
    for number, text in enumerate(texts):
        for family in (b"\n" + text).split(b"\n# HELP ")[1:]:
            head, _, samples = family.partition(b"\n# TYPE ")
            key = number, head.partition(b" ")[0]
            known = before.get(key)
            if known is None or known.text != samples:
                lines = samples.rstrip(b"\n").split(b"\n")[1:]
                known = _Samples(samples, dict(line.rpartition(b" ")[::2] for line in lines))
            yield key, known


def _figure(text: bytes) -> float:
    return int(text) if text.isdigit() else float(text)


def _without_secrets(config: Config) -> Config:
    """Return the configuration with made-up tokens, the same where the source is the same."""
    sources = list(dict.fromkeys(operation.token for operation in config.operations))
    return replace(
        config,
        operations=tuple(
            replace(operation, token=Secret(text=f"replayed-{sources.index(operation.token)}"))
            for operation in config.operations
        ),
    )


@contextlib.contextmanager
def _no_bug_unseen() -> Iterator[None]:
    """Raise RuntimeError for what the exporter logs as an error: it goes on, but has a bug."""
    logger, handler = logging.getLogger("exporter"), _Bugs(logging.ERROR)
    level, propagate = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.ERROR)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate


class _Bugs(logging.Handler):
    """Raises what is logged."""

    def emit(self, record: logging.LogRecord) -> None:
        """Raise RuntimeError, from the exception of the record if it has one."""
        raise RuntimeError(record.getMessage()) from (record.exc_info[1] if record.exc_info else None)


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--config.file", dest="config", type=Path, metavar="FILE", help="default: that of the capture"
    )
    parser.add_argument(
        "--answers", type=Path, required=True, metavar="FILE.jsonl", help="what wolkvox answers, and when"
    )
    parser.add_argument(
        "--scrape-interval", type=_interval, default=60.0, metavar="60s", help="a Prometheus duration"
    )
    parser.add_argument(
        "--until", type=_time, metavar="T", help="Unix seconds or ISO 8601; default: the last line"
    )
    arguments = parser.parse_args()
    try:
        config = _config(arguments.config, arguments.answers)
        if config is None:
            return 1
        _write(config, RecordedAnswers(arguments.answers, config.operations), arguments)
    except (AnswersError, CaptureError) as error:
        sys.stderr.write(f"replay: {error}\n")
        return 1
    except BrokenPipeError:
        # Whoever reads has had enough; nothing more is to be flushed at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _config(file: Path | None, answers: Path) -> Config | None:
    """Return the configuration of a file, else that of a capture; None with the problems on stderr.

    Raises CaptureError.
    """
    return read_capture_and_config(answers)[1] if file is None else read_config(file, secrets=False)


def _write(config: Config, answers: RecordedAnswers, arguments: argparse.Namespace) -> None:
    """Write the result to stdout, and to stderr what no line answers; raises AnswersError."""
    until = answers.last if arguments.until is None else arguments.until
    if until < answers.first:
        raise AnswersError(f"{arguments.answers}: --until is before its first line")
    for operation, api in _unanswered(config, answers):
        sys.stderr.write(f"replay: no line answers {api} of operation {operation}: its calls will fail\n")
    for scrape in replay(config, answers, interval=arguments.scrape_interval, until=until):
        sys.stdout.buffer.write(scrape.as_json() + b"\n")
    sys.stdout.buffer.flush()


def _unanswered(config: Config, answers: RecordedAnswers) -> Iterator[tuple[str, str]]:
    """Yield the APIs that are polled and that no line answers, with their operation."""
    for operation in config.operations:
        for api in operation.enabled():
            if (operation.name, api) not in answers.answered:
                yield operation.name, api


def _interval(text: str) -> float:
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if seconds <= 0:
        raise argparse.ArgumentTypeError("must be over 0")
    return seconds


def _time(text: str) -> float:
    with contextlib.suppress(ValueError):
        seconds = float(text)
        if 0 <= seconds < MAX_TIME_SECONDS:
            return seconds
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither Unix seconds nor a time of ISO 8601") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


if __name__ == "__main__":
    sys.exit(main())
