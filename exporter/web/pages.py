"""The pages: pure functions from what is known to HTML."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import escape

from exporter import __version__
from exporter.clock import Moment
from exporter.snapshot import OperationSnapshot, PollStatus

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>wolkvox-exporter</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8884 }}
td.number {{ font-variant-numeric: tabular-nums }}
</style>
<h1>wolkvox-exporter</h1>
<p>Version {version}. <a href="{metrics}">Metrics</a>, <a href="/-/healthy">healthy</a>,
<a href="/-/ready">ready</a>.</p>
<table>
<tr><th>operation<th>endpoint<th>state<th>last answer<th>campaigns or rows<th>last failure</tr>
{rows}
</table>
</html>
"""


def index(snapshots: Mapping[str, OperationSnapshot], telemetry_path: str, now: Moment) -> str:
    """Return the start page: each operation's endpoints with state and age, and links."""
    rows = "\n".join(
        _row(snapshot.operation, endpoint.value, status, now)
        for snapshot in snapshots.values()
        for endpoint, status in snapshot.polls.items()
    )
    return _PAGE.format(version=escape(__version__), metrics=escape(telemetry_path), rows=rows)


def _row(operation: str, endpoint: str, status: PollStatus, now: Moment) -> str:
    cells = "".join(f"<td>{escape(cell)}" for cell in (operation, endpoint, *_cells(status, now)))
    return f"<tr>{cells}</tr>"


def _cells(status: PollStatus, now: Moment) -> Iterator[str]:
    yield {None: "not polled yet", True: "works", False: "fails"}[status.up]
    if status.last_success is None:
        yield "none"
    else:
        age = round(now.monotonic - status.last_success.monotonic)
        at = datetime.fromtimestamp(status.last_success.wall, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        yield f"{age} s ago ({at})"
    yield "" if status.rows is None else str(status.rows)
    yield f"{status.last_failure}: {status.last_failure_detail}" if status.last_failure else ""
