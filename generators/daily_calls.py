"""Makes the table of calls per day in docs/operations.md, as exporter/apis/ has the intervals."""

from pathlib import Path

from exporter.apis import APIS, Api
from exporter.config import calls_per_day
from exporter.settings.durations import format_duration
from generators.page_tables import with_rows

PAGE = Path(__file__).resolve().parents[1] / "docs" / "operations.md"
HEAD = "| API | interval | calls per day |\n|---|---|---|\n"


def row(api: Api) -> str:
    """Return the row of an API, with the interval that holds unless the configuration says otherwise."""
    name = f"`{api.name}`" if api.enabled else f"`{api.name}` (off by default)"
    fixed, with_one = (calls_per_day({api.name: api.interval}, campaigns) for campaigns in (0, 1))
    costs = [f"{fixed:.0f}"] if fixed else []
    if with_one > fixed:
        costs.append(f"{with_one - fixed:.0f} for each campaign that dials")
    return f"| {name} | {format_duration(api.interval)} | {', and '.join(costs)} |\n"


def render() -> str:
    """Return the page. Raises ValueError when it has no such table."""
    return with_rows(PAGE.read_text(encoding="utf-8"), PAGE, HEAD, map(row, APIS))
