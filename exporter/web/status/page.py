"""The status as HTML: what the template needs beyond the status itself, in one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import urlencode

import jinja2

from exporter.apis import BY_NAME, agents
from exporter.clock import MAX_CLOCK_SKEW_SECONDS
from exporter.glossary import LANGUAGES, term, terms
from exporter.judgement import CampaignState
from exporter.status import OperationCondition, Query, SortKey, Status
from exporter.status.attention import TROUBLED, URGENCY
from exporter.status.model import (
    ApiStatus,
    AttentionEntry,
    AttentionGroup,
    CampaignHistory,
    OperationHistory,
    OperationStatus,
    Quota,
)
from exporter.status.query import Refused
from exporter.web.status import assets
from exporter.web.status.charts import HEIGHT_UNITS, WIDTH_UNITS, Chart, chart
from exporter.web.status.language import Language

REFRESH_SECONDS = 15
"""How often the page asks again; much less than a polling interval, and it costs no call to wolkvox."""

REFRESH_WITHOUT_SCRIPT_SECONDS = 60

_MAX_REFUSED_FIELDS = 5
"""Of more fields that are not applied the first are named."""

THEMES = ("", "light", "dark")

STATES = tuple(sorted(CampaignState, key=lambda state: state.rank))

TROUBLE = frozenset(URGENCY) & frozenset(OperationCondition)

COLUMNS = (
    ("state", "state", SortKey.ATTENTION),
    ("name", "campaign", SortKey.NAME),
    ("why", "reason", None),
    ("type", "", SortKey.TYPE),
    ("skill", "skill", SortKey.SKILL),
    ("left", "records_left", SortKey.LEFT),
    ("penetration", "penetration", SortKey.PENETRATION),
    ("contact", "contact_rate", SortKey.CONTACT),
    ("hit", "hit_rate", SortKey.HIT),
    ("abandonment", "abandonment", SortKey.ABANDONMENT),
    ("calls", "calls_per_minute", SortKey.CALLS),
)
"""The columns of the campaign table: their names, the words of the glossary at their heads ("" for a text of
the page), and the keys that sort by them."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a visitor has chosen; "" leaves it to the browser."""

    language: str = ""
    theme: str = ""


class _Words:
    """What the page takes from the glossary, and sentences that are put together, in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._code = language.code

    def term(self, name: str) -> str:
        """Return a word of the trade."""
        return term("term", name).words[self._code]

    def means(self, name: str) -> str:
        """Return what a word of the trade means, "" for one that has no such name."""
        found = terms()["term"].get(name)
        return found.means.get(self._code, "") if found else ""

    def api(self, name: str) -> str:
        """Return what people call an API."""
        return BY_NAME[name].title[self._code]

    def agent_status(self, name: str) -> str:
        """Return what people call a status of agents, unchanged when nobody has a word for it."""
        known = terms()["agent_status"].get(name.lower())
        return known.words[self._code] if known else name

    def by_cause(self, entry: AttentionEntry) -> Mapping[str, str]:
        """Return the titles of an operation's APIs in trouble, by their cause."""
        found: dict[str, list[str]] = {}
        for api, cause in entry.apis.items():
            found.setdefault(cause, []).append(self.api(api))
        return {cause: ", ".join(titles) for cause, titles in found.items()}

    def charted(self, drawn: Chart, figure: float | None) -> str:
        """Return what a chart shows in words; `figure` stands beside it, None when it is not known."""
        if drawn.low is None or drawn.high is None:
            return self._language.text("campaigns.chart_empty")
        number = self._language.number
        values = {
            "span": self._language.duration(drawn.span),
            "low": number(drawn.low, 1),
            "high": number(drawn.high, 1),
        }
        if figure is None:
            return self._language.text("campaigns.chart", **values)
        return self._language.text("campaigns.chart_now", **values, now=number(figure, 1))

    def quota_spent(self, quota: Quota) -> str:
        """Return who stopped the polling, and at how many calls."""
        number = self._language.number
        if quota.refused or quota.budget is None:
            return self._language.text("quota.refused", own=number(quota.own))
        return self._language.text("quota.spent", used=number(quota.used), budget=number(quota.budget))


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


def render(
    status: Status,
    language: Language,
    preferences: Preferences,
    telemetry_path: str,
    refused: Sequence[Refused] = (),
) -> str:
    """Return the page as HTML; `refused` is what the address asks for in vain."""

    def drawn(history: OperationHistory | CampaignHistory) -> Chart:
        running = history.running if isinstance(history, CampaignHistory) else ()
        return chart(history.at, history.calls_per_minute, running, now=status.at, interval=history.interval)

    def with_zone(text: str, wall: float, zone: str) -> str:
        """Return a time of a zone; beside another zone's clock it says whose time it is."""
        same = language.time(wall, zone, status.at) == language.time(wall, status.zone, status.at)
        return text if same else f"{text} {language.text('page.zone', zone=zone)}"

    def clock(wall: float, zone: str = status.zone, *, seconds: bool = True) -> str:
        return with_zone(language.time(wall, zone, status.at, seconds=seconds), wall, zone)

    def since(wall: float, zone: str) -> str:
        """Return since when, "" for a time to come: the clock was set back, so nobody knows."""
        if wall > status.at + MAX_CLOCK_SKEW_SECONDS:
            return ""
        return language.text("campaigns.since", time=clock(wall, zone, seconds=False))

    def moment(wall: float, zone: str) -> str:
        return with_zone(language.moment(wall, zone, status.at), wall, zone)

    code, words = language.code, _Words(language)
    operations = status.summary.operation_conditions
    # Without a limit nobody counts them: then a column of dashes would say nothing.
    abandonment = any(campaign.abandonment_limit is not None for campaign in status.campaigns)
    return (
        environment()
        .get_template("status.html")
        .render(
            s=status,
            refused=refused[:_MAX_REFUSED_FIELDS],
            t=language.text,
            n=language.counted,
            lang=language,
            clock=clock,
            since=since,
            moment=moment,
            word=words.term,
            unknown=words.term("not_known"),
            footnote=words.means("not_known"),
            heads={
                name: words.term(head) if head else language.text(f"campaigns.{name}")
                for name, head, _ in COLUMNS
            },
            helps={name: words.means(head) for name, head, _ in COLUMNS},
            no_poll=OperationCondition.WAITING.term.means[code],
            by_cause=words.by_cause,
            advised=_advised,
            quota_spent=words.quota_spent,
            runbook=lambda name: f"{_docs(code)}runbooks/{name}.md",
            docs=_docs(code),
            link=_Links(status.query, preferences),
            preferences=preferences,
            languages=LANGUAGES,
            themes=THEMES,
            columns=[(name, key) for name, _, key in COLUMNS if abandonment or name != "abandonment"],
            abandonment=abandonment,
            sort_keys=tuple(SortKey),
            states=STATES,
            trouble=TROUBLE,
            troubled=TROUBLED,
            answering_count=operations.get(OperationCondition.WORKING, 0),
            drawn=drawn,
            charted=words.charted,
            polled=_polled,
            agent_statuses=_agent_statuses,
            agent_word=words.agent_status,
            failing=_failing,
            api_title=words.api,
            published=lambda name: bool(BY_NAME[name].families),
            chart_size=(WIDTH_UNITS, HEIGHT_UNITS),
            asset=assets.path,
            metrics=_relative(telemetry_path),
            refresh=REFRESH_SECONDS,
            refresh_without_script=REFRESH_WITHOUT_SCRIPT_SECONDS,
        )
    )


def _docs(code: str) -> str:
    """Return the link to the folder of the docs in a language."""
    return "docs/" if code == LANGUAGES[0] else f"docs/{code}/"


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


def _advised(group: AttentionGroup) -> bool:
    """Return whether the reason of each entry says what to do, so that the state need not."""
    reasons = [one.why for one in group.entries if one.why and one.why.value != group.what.value]
    return len(reasons) == group.total and all(reason.term.do for reason in reasons)


def _failing(api: ApiStatus) -> int:
    return sum(not poll.worked for poll in api.polls)
