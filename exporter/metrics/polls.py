"""The table of the families about polling, and their lines; to add one, add an entry here."""

from collections.abc import Callable, Sequence

from exporter.clock import Moment
from exporter.families import Family, MetricType, Scope, Value
from exporter.metrics.text import labels, lines
from exporter.snapshot import OperationSnapshot, PollStatus, Tally

ReadPoll = Callable[[PollStatus], Value | None]
"""Takes the polling status of one API; None is "no sample"."""


def _number(value: float | None) -> Value | None:
    return None if value is None else float(value)


def _wall(moment: Moment | None) -> Value | None:
    return None if moment is None else moment.wall


def _by_label(tally: Tally) -> Value:
    return {(key,): float(count) for key, count in tally.items()}


def _family(name: str, text: str, unit: str = "") -> Family:
    return Family(name, text, Scope.API, unit=unit)


def _counter(name: str, text: str, *labels: str) -> Family:
    return Family(name, text, Scope.API, MetricType.COUNTER, labels)


POLL_FAMILIES: tuple[tuple[Family, ReadPoll], ...] = (
    (
        _family(
            "wolkvox_up",
            "1 when the last poll of the API worked, 0 when it failed; absent before the first poll.",
        ),
        lambda status: None if status.up is None else float(status.up),
    ),
    (
        _family(
            "wolkvox_last_success_timestamp_seconds",
            "When the figures of the API came from wolkvox, in Unix time; of several reports, the newest.",
            "seconds",
        ),
        lambda status: _wall(status.last_success),
    ),
    (
        _family(
            "wolkvox_last_attempt_timestamp_seconds",
            "When the API was last asked, in Unix time.",
            "seconds",
        ),
        lambda status: _wall(status.last_attempt),
    ),
    (
        _family("wolkvox_poll_interval_seconds", "Seconds from one poll of the API to the next.", "seconds"),
        lambda status: status.interval,
    ),
    (
        _family(
            "wolkvox_poll_duration_seconds",
            "Duration of the API's last poll; wolkvox ends a call after 60 s.",
            "seconds",
        ),
        lambda status: _number(status.duration),
    ),
    (
        _family("wolkvox_response_rows", "Rows in the API's last good answer."),
        lambda status: _number(status.rows),
    ),
    (
        _family("wolkvox_response_bytes", "Size of the API's last good answer, unpacked.", "bytes"),
        lambda status: _number(status.bytes),
    ),
    (
        _counter("wolkvox_requests_total", "Calls made to the API; each costs one of the day's quota."),
        lambda status: float(status.requests),
    ),
    (
        _counter("wolkvox_request_failures_total", "Calls that brought no usable answer, by cause.", "cause"),
        lambda status: _by_label(status.failures),
    ),
    (
        _counter("wolkvox_polls_skipped_total", "Polls that were left out, by reason.", "reason"),
        lambda status: _by_label(status.skipped),
    ),
    (
        _counter(
            "wolkvox_field_errors_total",
            "Values that were present but could not be read, by the field of wolkvox; they have no sample.",
            "field",
        ),
        lambda status: _by_label(status.field_errors),
    ),
    (
        _counter("wolkvox_rows_discarded_total", "Rows of answers that were not used, by reason.", "reason"),
        lambda status: _by_label(status.discarded),
    ),
)
"""Every family whose samples are about the polling of an API, and how it is read."""


def poll_lines(snapshot: OperationSnapshot) -> Sequence[bytes]:
    """Return the lines of each family, in the order of POLL_FAMILIES."""
    names = ("operation", "api")
    polls = [(labels(names, (snapshot.operation, api)), status) for api, status in snapshot.polls.items()]
    return [
        lines(family, [(prefix, read(status)) for prefix, status in polls]) for family, read in POLL_FAMILIES
    ]
