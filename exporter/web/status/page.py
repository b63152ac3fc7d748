"""The status as HTML: what the template needs beyond the status itself, in one language."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import urlencode

import jinja2

from exporter.apis import BY_NAME, agents
from exporter.glossary import LANGUAGES
from exporter.judgement import CampaignState, Finding
from exporter.status import OperationCondition, Query, SortKey, Status
from exporter.status.model import ApiStatus, CampaignHistory, OperationHistory, OperationStatus
from exporter.web.status import assets
from exporter.web.status.charts import HEIGHT_UNITS, WIDTH_UNITS, Chart, chart
from exporter.web.status.language import Language

REFRESH_SECONDS = 15
"""How often the page asks again; much less than a polling interval, and it costs no call to wolkvox."""

REFRESH_WITHOUT_SCRIPT_SECONDS = 60

THEMES = ("", "light", "dark")

STATES = tuple(sorted(CampaignState, key=lambda state: state.rank))

ATTENTION = tuple(state for state in STATES if state.needs_attention)
"""The states that are reported at the top, after the operations in trouble."""

TROUBLE = (OperationCondition.FAILING, OperationCondition.OUT_OF_QUOTA, OperationCondition.PARTLY)

COLUMNS = (
    ("state", SortKey.ATTENTION),
    ("name", SortKey.NAME),
    ("why", None),
    ("type", SortKey.TYPE),
    ("skill", SortKey.SKILL),
    ("left", SortKey.LEFT),
    ("penetration", SortKey.PENETRATION),
    ("contact", SortKey.CONTACT),
    ("hit", SortKey.HIT),
    ("abandonment", SortKey.ABANDONMENT),
    ("calls", SortKey.CALLS),
)
"""The columns of the campaign table: the name of their text, and the key that sorts by them."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a visitor has chosen; "" leaves it to the browser."""

    language: str = ""
    theme: str = ""


class _Links:
    """URLs of the page with something changed; relative, so that they work behind a reverse proxy."""

    def __init__(self, query: Query, preferences: Preferences) -> None:
        self._query = query
        self._preferences = preferences

    def query(self, *, lang: str | None = None, theme: str | None = None, **changes: object) -> str:
        """Return the query of a URL, including its question mark."""
        # A change of what is listed leads back to the first page.
        pages = {} if "page" in changes or "operations_page" in changes else {"page": 1, "operations_page": 1}
        kept = pages if changes else {}
        return "?" + urlencode(self._fields(replace(self._query, **{**kept, **changes}), lang, theme))  # type: ignore[arg-type]

    def _fields(self, query: Query, lang: str | None, theme: str | None) -> Mapping[str, str | int]:
        order = "-" if query.descending else ""
        fields = {
            "operation": query.operation,
            "q": query.text,
            "state": query.state.value if query.state else "",
            "sort": f"{order}{query.sort.value}",
            "page": query.page,
            "per_page": query.per_page,
            "operations_page": query.operations_page,
            "lang": self._preferences.language if lang is None else lang,
            "theme": self._preferences.theme if theme is None else theme,
        }
        default = Query()
        defaults = {
            "sort": default.sort.value,
            "page": 1,
            "per_page": default.per_page,
            "operations_page": 1,
        }
        return {name: value for name, value in fields.items() if value not in {defaults.get(name, ""), ""}}

    def sort(self, key: SortKey) -> str:
        """Return the link of a column's head: its usual order first, then the opposite one."""
        descending = not key.text
        chosen = self._query.sort is key
        return self.query(sort=key, descending=not self._query.descending if chosen else descending)


@cache
def environment() -> jinja2.Environment:
    """Return what makes pages of the templates."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("exporter.web.status"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        # Templates of a new version must not mix with the code of a running process.
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(status: Status, language: Language, preferences: Preferences, telemetry_path: str) -> str:
    """Return the page as HTML."""

    def drawn(history: OperationHistory | CampaignHistory) -> Chart:
        running = history.running if isinstance(history, CampaignHistory) else ()
        return chart(history.at, history.calls_per_minute, running, now=status.at, interval=history.interval)

    def clock(wall: float, zone: str = status.zone, *, seconds: bool = True) -> str:
        return language.time(wall, zone, status.at, seconds=seconds)

    states, operations = status.summary.states, status.summary.operation_conditions
    findings = status.summary.findings
    # Without a limit nobody counts them: then a column of dashes would say nothing.
    abandonment = any(campaign.abandonment_limit is not None for campaign in status.campaigns)
    return (
        environment()
        .get_template("status.html")
        .render(
            s=status,
            t=language.text,
            n=language.counted,
            lang=language,
            clock=clock,
            moment=lambda wall, zone: language.moment(wall, zone, status.at),
            link=_Links(status.query, preferences),
            preferences=preferences,
            languages=LANGUAGES,
            themes=THEMES,
            columns=[column for column in COLUMNS if abandonment or column[0] != "abandonment"],
            abandonment=abandonment,
            sort_keys=tuple(SortKey),
            states=STATES,
            attention=[state for state in ATTENTION if states.get(state)],
            trouble=[state for state in TROUBLE if operations.get(state)],
            findings=[finding for finding in Finding if findings.get(finding)],
            attention_count=sum(states.get(state, 0) for state in ATTENTION)
            + sum(operations.get(state, 0) for state in TROUBLE)
            + sum(findings.values()),
            answering_count=operations.get(OperationCondition.WORKING, 0),
            drawn=drawn,
            polled=_polled,
            agent_statuses=_agent_statuses,
            failing=_failing,
            api_title=lambda name: BY_NAME[name].title[language.code],
            published=lambda name: bool(BY_NAME[name].families),
            chart_size=(WIDTH_UNITS, HEIGHT_UNITS),
            asset=assets.path,
            metrics=_relative(telemetry_path),
            refresh=REFRESH_SECONDS,
            refresh_without_script=REFRESH_WITHOUT_SCRIPT_SECONDS,
        )
    )


def _relative(path: str) -> str:
    """Return the link from `/` to a path that works below any other, too (RFC 3986, section 4.2)."""
    rest = path.removeprefix("/")
    # What has a colon would be read as a scheme, what begins with a slash as a host.
    return f"./{rest}" if ":" in rest or rest.startswith("/") else rest


def _polled(operation: OperationStatus, api: str) -> bool:
    return any(one.api == api for one in operation.apis)


def _agent_statuses(counts: Mapping[str, float]) -> Mapping[str, float | None]:
    """Return how many have each status, the usual ones first; None where that is not known."""
    return {**dict.fromkeys(agents.STATUSES), **dict(sorted(counts.items()))}


def _failing(api: ApiStatus) -> int:
    return sum(not poll.worked for poll in api.polls)
