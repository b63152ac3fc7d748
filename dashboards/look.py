"""What figures look like: units, colours, thresholds, words for states.

The colours are told apart by people with any of the usual kinds of colour blindness (blue, vermilion, amber,
grey), and no colour is the only carrier of a meaning: a word or a name stands beside it. Those of a campaign's
state, with its words, are the exporter's own.
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

from dashboards.language import Language
from dashboards.queries import NUMBERS
from exporter.glossary import term, terms
from exporter.judgement import CampaignState, Finding, Reason

BLUE = "#3B8FD0"
GREY = "#8E8E8E"
NONE = "transparent"
AMBER = "#E69F00"
RED = "#D55E00"
SKY = "#56B4E9"
CELL = CampaignState.LIST_USED_UP.color
"""The amber of a cell of a table, dark enough for its white figures."""

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

UP: Words = ((0, "Failing", RED), (1, "Working", BLUE))
YES_NO: Words = ((0, "No", GREY), (1, "Yes", BLUE))
STORE: Words = ((0, "From memory", AMBER), (1, "Good", BLUE))
RELOAD: Words = ((0, "Failed", RED), (1, "Good", BLUE))


def mapping(words: Words, say: Language) -> ValueMapping:
    """Return the words for values as Grafana has them."""
    return ValueMap(
        {
            str(value): ValueMappingResult(say(text), color, index=index)
            for index, (value, text, color) in enumerate(words)
        }
    )


def mappings(words: Words, say: Language) -> list[ValueMapping]:
    """Return the words for values, and for their absence, as Grafana has them."""
    unknown = ValueMappingResult(say(CampaignState.UNKNOWN.words["en"]), NONE, index=len(words))
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
