"""What figures look like: units, colours, thresholds, words for values.

Words and colours of states, severities, APIs and the like are the glossary's and the exporter's own. No colour
is the only carrier of a meaning: a word or a name stands beside it.
"""

from collections.abc import Mapping

from grafana_foundation_sdk.models.dashboard import (
    DashboardSpecialValueMapOptions,
    FieldColor,
    FieldColorModeId,
    SpecialValueMap,
    SpecialValueMatch,
    Threshold,
    ThresholdsConfig,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

from dashboards.alert_summaries import summaries
from dashboards.language import Language
from dashboards.queries import NUMBERS
from exporter.apis import APIS
from exporter.glossary import term, terms
from exporter.judgement import Finding, Reason

NONE = "transparent"
BLUE = "#3B8FD0"
GREY = "#8E8E8E"
AMBER = "#C48209"
RED = "#BE3A37"
PURPLE = "#A02BE8"
LINES = (BLUE, GREY, AMBER, RED, PURPLE)
"""The colours of lines: seen on the dark and the light theme, and told apart with any colour blindness."""

GOOD = term("monitoring", "live").color
WARNING = term("severity", "warning").color
CRITICAL = term("severity", "critical").color
"""The colours of tiles and cells, on which Grafana writes in white."""
CELL = WARNING

COUNT = "none"
LOCAL = "locale"
"""A count with the thousands marked as the reader's browser does."""
SHARE = "percentunit"
SECONDS = "s"
BYTES = "bytes"
# Grafana writes out "minutes" and "hours" in English; these read the same in every language.
PER_MINUTE = "suffix:/min"
PER_HOUR = "suffix:/h"
MINUTES = "suffix: min"
HOURS = "suffix: h"
IN_SECONDS = "suffix: s"
CLOCK = "time:DD/MM HH:mm"
"""Day and time of a Unix time in milliseconds."""

Words = tuple[tuple[int | str, str, str], ...]
"""What a value means: value, English text, colour."""

STATES: Words = tuple((number, state.words["en"], state.color or NONE) for state, number in NUMBERS.items())
"""The states of a campaign by their numbers in queries."""

REASONS: Words = tuple((reason.value, reason.words["en"], NONE) for reason in Reason)
"""Why a campaign makes no calls or is stopped in its hours, by the values of the label `reason`."""

FINDINGS: Words = tuple((finding.value, finding.words["en"], NONE) for finding in Finding)
"""What is odd about an operation, by the values of the label `finding`."""

RESULTS: Mapping[str, str] = {name: result.words["en"] for name, result in terms()["result"].items()}
"""The results of attempts and the machine codes, by the values of the labels `result` and `code`.

Others are shown as they are.
"""

POLLING: Words = tuple(
    (number, found.words["en"], found.color)
    for number, found in enumerate(
        (term("monitoring", name) for name in ("live", "polls_failing", "old", "silent", "partly_silent")), 1
    )
)
"""How far the figures can be trusted."""

WAITING = (6, term("condition", "waiting").words["en"], term("state", "stopped_as_planned").color)
"""The same before there are any."""

SEVERITIES: Words = tuple(
    (rank, found.words["en"], found.color)
    for rank, found in enumerate(reversed([*terms()["severity"].values()]), 1)
)
"""How urgent an alert is, as a number: the more urgent, the higher."""

ALERTS: Words = tuple((name, summary["en"], NONE) for name, summary in summaries().items())
"""What alerts are about, by the values of the label `alertname`."""

API_TITLES: Words = tuple((api.name, api.title["en"], NONE) for api in APIS)
"""What APIs are called, by the values of the label `api`."""

UP: Words = ((0, "Failing", CRITICAL), (1, "Working", GOOD))
YES_NO: Words = ((0, "No", NONE), (1, "Yes", GOOD))
STORE: Words = ((0, "From memory", WARNING), (1, "Good", GOOD))
RELOAD: Words = ((0, "Failed", CRITICAL), (1, "Good", GOOD))


def mapping(words: Words, say: Language) -> ValueMapping:
    """Return the words for values as Grafana has them."""
    return ValueMap(
        {
            str(value): ValueMappingResult(say(text), color, index=index)
            for index, (value, text, color) in enumerate(words)
        }
    )


def mappings(words: Words, say: Language) -> list[ValueMapping]:
    """Return the words for values, and none for their absence: a word for it would stand in the legend."""
    unknown = ValueMappingResult("", NONE, index=len(words))
    return [
        mapping(words, say),
        SpecialValueMap(DashboardSpecialValueMapOptions(SpecialValueMatch.NULL, unknown)),
    ]


def thresholds(base: str, *steps: tuple[float, str]) -> ThresholdsConfig:
    """Return the colours by value: that of all values, then (from which value, colour)."""
    return ThresholdsConfig(
        ThresholdsMode.ABSOLUTE, [Threshold(None, base), *(Threshold(at, color) for at, color in steps)]
    )


def fixed(color: str) -> FieldColor:
    """Return one colour for everything."""
    return FieldColor(FieldColorModeId.FIXED, color)
