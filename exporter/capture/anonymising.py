"""Makes a capture one that does not tell whom it is about. Pure but for the key.

What is replaced: every text that is not certainly a figure, a time or one of the API's own words; fields that
nobody knows, and keys that do not look like the API's own; names, ids, patterns and addresses of the
configuration. Shapes, lengths, types, the order of rows and keys, and most figures stay, and so do the
numbers of the configuration, which the figures are compared with. So hours, volumes, the number of campaigns
and agents, and the time zone are still told, and a sentence of wolkvox's that names somebody whom nothing
else in the capture names: a person should read a capture before sending it. Where times are moved to other
years, public holidays are not those of the year that was captured.
"""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from exporter.apis import BY_NAME, PollContext, campaign_settings, campaigns
from exporter.capture.captured_config import config_of, operation_entry
from exporter.capture.model import Capture, Exchange
from exporter.capture.replacements import Originals, Replacements, year_of
from exporter.capture.treating import Treating, Treatment
from exporter.config import Operation
from exporter.loopback import is_loopback
from exporter.wolkvox import RequestFailed
from exporter.wolkvox.row_splitter import RowSplitter

_KEY_BYTES: Final = 32
_VENDORS_HOST: Final = ".wolkvox.com"
_COMMON_LABELS: Final = frozenset({"www", "com", "net", "org"})
"""Of hosts: they say nothing, and stand in many words."""
_ANYTHING: Final = ".*"
_NOTHING: Final = "none-1"

Names = Mapping[str, frozenset[str]]
"""The names of campaigns by their ids; of one without an id, by its name."""


def anonymised(capture: Capture, hidden: Iterable[str] = (), key: bytes | None = None) -> Capture:
    """Return a capture that does not tell whom it is about.

    `hidden` are secrets such as tokens, which are starred out. `key` is what the choice of replacements
    follows from, one that nobody keeps unless it is given. Raises ConfigError when the capture's
    configuration is none.
    """
    operations, hidden = config_of(capture).operations, list(hidden)
    originals = Originals()
    for secret in hidden:
        originals.text(secret)
    for operation in operations:
        _note(operation, originals)
    noting = Treating(originals, hidden)
    for one in capture.exchanges:
        noting.exchange(one)
        originals.years.update(year_of(at) for at in (one.at, one.date) if at is not None)
    for said in capture.facts.values():
        noting.facts(said)
    replacements = Replacements(originals, key or secrets.token_bytes(_KEY_BYTES))
    replacing = Treating(replacements, hidden)
    names = {operation.name: f"operation-{number}" for number, operation in enumerate(operations, 1)}
    exchanges = [
        replace(
            replacing.exchange(one),
            operation=names[one.operation],
            at=replacements.moment(one.at),
            seconds=round(one.seconds, 3),
            date=None if one.date is None else replacements.moment(one.date),
        )
        for one in capture.exchanges
    ]
    entries = [
        _entry(operation, names[operation.name], capture.exchanges, replacements) for operation in operations
    ]
    facts = {names[name]: replacing.facts(said) for name, said in capture.facts.items()}
    return replace(
        capture,
        config={"operations": entries},
        facts=facts,
        exchanges=tuple(exchanges),
        changed_figures=len(replacements.changed_figures),
    )


def _note(operation: Operation, originals: Treatment) -> None:
    """Note what the configuration says that may not be told, and its dates."""
    originals.text(operation.name)
    url = urlsplit(operation.base_url)
    if not is_loopback(url.hostname):
        labels = set((url.hostname or "").removesuffix(_VENDORS_HOST).split("."))
        originals.text(" ".join((*sorted(labels - _COMMON_LABELS), url.path)))
    lists = [operation.campaigns.include, operation.campaigns.exclude]
    for schedule in operation.schedules:
        lists.append(schedule.campaigns)
        for day in schedule.except_dates:
            originals.time(day.isoformat())
    for patterns in lists:
        for pattern in patterns:
            originals.text(pattern.pattern)


def _entry(
    operation: Operation, name: str, exchanges: Iterable[Exchange], replacements: Replacements
) -> Mapping[str, object]:
    """Return the configuration of an operation so that it says the same of the anonymous answers."""
    known = _names(operation, [one for one in exchanges if one.operation == operation.name])

    def listed(patterns: Sequence[re.Pattern[str]]) -> list[str]:
        return _listed(patterns, known, replacements)

    entry = operation_entry(operation)
    loopback = is_loopback(urlsplit(operation.base_url).hostname)
    entry["name"] = name
    entry["base_url"] = "http://127.0.0.1" if loopback else f"https://{name}.invalid"
    entry["campaigns"]["include"] = listed(operation.campaigns.include)
    entry["campaigns"]["exclude"] = listed(operation.campaigns.exclude)
    for said, schedule in zip(entry.get("schedules", ()), operation.schedules, strict=True):
        said["campaigns"] = listed(schedule.campaigns)
        said |= {key: list(map(replacements.time, said[key])) for key in ("except_dates",) if key in said}
    return entry


def _listed(patterns: Sequence[re.Pattern[str]], campaigns: Names, replacements: Replacements) -> list[str]:
    """Return for each pattern one that matches the same campaigns by their anonymous ids."""
    return [_pattern(pattern, campaigns, replacements) for pattern in patterns]


def _pattern(pattern: re.Pattern[str], campaigns: Names, replacements: Replacements) -> str:
    found = [
        campaign
        for campaign, names in campaigns.items()
        if any(pattern.fullmatch(text) for text in {campaign, *names})
    ]
    if pattern.pattern == _ANYTHING or (found and len(found) == len(campaigns)):
        return _ANYTHING
    return "|".join(sorted(re.escape(replacements.text(campaign)) for campaign in found)) or _NOTHING


def _names(operation: Operation, exchanges: Iterable[Exchange]) -> Names:
    """Return the campaigns that the answers list, with the names that the exporter knows them by.

    These are those of the settings where they tell any, else those of the list in real time.
    """
    found: dict[str, dict[str, set[str]]] = {}
    for one in exchanges:
        api = BY_NAME[one.api]
        if not api.lists_campaigns or one.status is None:
            continue
        reader = api.reader(PollContext(datetime.fromtimestamp(one.at, operation.timezone)))
        splitter = RowSplitter(reader.add, decode=api.decode)
        try:
            splitter.feed(one.body)
            splitter.finish()
        except RequestFailed:
            continue
        for row in reader.rows():
            campaign_id, name, _ = row.labels
            found.setdefault(campaign_id or name, {}).setdefault(api.name, set()).update({name} - {""})
    return {
        campaign: frozenset(names.get(campaign_settings.NAME) or names.get(campaigns.NAME) or ())
        for campaign, names in found.items()
    }
