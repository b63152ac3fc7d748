import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

import pytest

from exporter.apis import APIS
from exporter.glossary import LANGUAGES, terms
from exporter.judgement import CampaignState, Finding, Reason
from exporter.status import OperationCondition, PollCondition, SortKey
from exporter.status.attention import URGENCY
from exporter.web.negotiation import language
from exporter.web.status.language import language_of
from exporter.web.status.page import COLUMNS
from exporter.wolkvox import Cause

EN, ES = language_of("en"), language_of("es")
NO_BREAK = "\N{NO-BREAK SPACE}"
ZONE = "America/Bogota"
DOCS = Path(__file__).resolve().parents[3] / "docs"
NOON = 1_786_554_000.0


def texts(code: str) -> dict[str, str]:
    file = resources.files("exporter.web.status").joinpath("texts", f"{code}.toml")

    def walk(prefix: str, value: object) -> Iterator[tuple[str, str]]:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                yield from walk(f"{prefix}.{key}", inner)
        else:
            yield prefix, str(value)

    return dict(walk("", tomllib.loads(file.read_text(encoding="utf-8"))))


def test_both_languages_say_the_same_things_with_the_same_blanks() -> None:
    english, spanish = texts("en"), texts("es")
    assert english.keys() == spanish.keys()
    for key, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", spanish[key])), key
        assert spanish[key].strip(), key


@pytest.mark.parametrize("code", LANGUAGES)
def test_whatever_can_happen_has_a_text(code: str) -> None:
    spoken = language_of(code)
    wanted = [
        *(f"poll_condition.{one.value}" for one in PollCondition),
        *(f"cause.{one.value}" for one in Cause),
        *(f"cause.{one.value}" for one in (PollCondition.LATE, PollCondition.UNREADABLE)),
    ]
    assert {key for _, _, key in COLUMNS if key} == {*SortKey}
    assert all(spoken.text(key) for key in wanted)
    folder = DOCS if code == "en" else DOCS / code
    assert all((folder / "runbooks" / f"{one.term.runbook}.md").is_file() for one in URGENCY)
    assert (folder / "glossary.md").is_file()
    assert all(api.title[code] for api in APIS)
    assert all(one.words[code] for one in (*OperationCondition, *CampaignState, *Reason, *Finding))
    assert all(one.term.do[code] and one.term.runbook for one in Finding)
    assert all(one.term.do[code] and one.term.runbook for one in CampaignState if one.needs_attention)


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_the_glossary_says_is_not_said_again(code: str) -> None:
    told = {
        text.lower()
        for entries in terms().values()
        for term in entries.values()
        for text in (term.words[code], term.means.get(code, ""), term.do.get(code, ""))
    }
    assert [key for key, text in texts(code).items() if text.lower() in told] == []


def test_spanish_speaks_to_usted() -> None:
    said = " ".join(texts("es").values()).lower()
    assert not re.search(r"\b(tu|tus|tú|vos|puedes|debes|vuestr\w+|fichero|ordenador)\b", said)


def test_a_text_that_is_not_there_is_a_defect() -> None:
    for key in ("nothing", "page.nothing", "page.title.more"):
        with pytest.raises(KeyError):
            EN.text(key)


@pytest.mark.parametrize(
    ("value", "digits", "english", "spanish"),
    [
        (0, 0, "0", "0"),
        (12480, 0, "12,480", "12.480"),
        (1234567, 1, "1,234,567", "1.234.567"),
        (38.25, 1, "38.2", "38,2"),
        (38.0, 1, "38", "38"),
        (123.4, 1, "123", "123"),
        (0.04, 1, "0", "0"),
        (1e12, 0, "1,000,000,000,000", "1.000.000.000.000"),
    ],
)
def test_numbers_are_written_as_people_there_do(
    value: float, digits: int, english: str, spanish: str
) -> None:
    assert (EN.number(value, digits), ES.number(value, digits)) == (english, spanish)


@pytest.mark.parametrize(
    ("ratio", "english", "spanish"),
    [
        (0.3464, "34.6%", "34,6 %"),
        (1.0, "100%", "100 %"),
        (152.3333, "15,233%", "15.233 %"),
        (0.0, "0%", "0 %"),
        (0.00016, "0.02%", "0,02 %"),
    ],
)
def test_percent(ratio: float, english: str, spanish: str) -> None:
    assert EN.percent(ratio) == english
    assert ES.percent(ratio) == spanish.replace(" ", NO_BREAK)


@pytest.mark.parametrize(
    ("seconds", "english", "spanish"),
    [
        (0, "just now", "ahora mismo"),
        (4.9, "just now", "ahora mismo"),
        (42, "42 s ago", "hace 42 s"),
        (59.6, "1 min ago", "hace 1 min"),
        (150, "2 min ago", "hace 2 min"),
        (3600, "1 h ago", "hace 1 h"),
        (7500, "2 h 5 min ago", "hace 2 h 5 min"),
        (86400, "1 day ago", "hace 1 día"),
        (9e6, "104 days ago", "hace 104 días"),
    ],
)
def test_ages_in_words(seconds: float, english: str, spanish: str) -> None:
    assert EN.ago(seconds).replace(NO_BREAK, " ") == english
    assert ES.ago(seconds).replace(NO_BREAK, " ") == spanish


def test_the_vendors_words_are_translated_where_they_are_known() -> None:
    assert [ES.word("type", name) for name in ("predictive", "Preview", "blaster", "{x}")] == [
        "predictiva",
        "preview",
        "blaster",
        "{x}",
    ]


def test_counts_have_their_forms() -> None:
    assert [EN.counted("operations.campaigns", n) for n in (0, 1, 2)] == [
        "0 campaigns",
        "1 campaign",
        "2 campaigns",
    ]
    assert [ES.counted("operations.campaigns", n) for n in (0, 1, 1200)] == [
        "0 campañas",
        "1 campaña",
        "1.200 campañas",
    ]


def test_times_are_those_of_the_zone_with_the_date_of_another_day() -> None:
    assert EN.time(NOON, ZONE, NOON) == "12:00:00"
    assert EN.time(NOON, "America/Mexico_City", NOON, seconds=False) == "11:00"
    yesterday = NOON - 86400
    assert EN.time(yesterday, ZONE, NOON).replace(NO_BREAK, " ") == "11 Aug 12:00:00"
    assert ES.time(yesterday, ZONE, NOON).replace(NO_BREAK, " ") == "11 ago. 12:00:00"
    # It is still yesterday in Bogota.
    assert EN.time(NOON + 11.5 * 3600, ZONE, NOON + 11.9 * 3600) == "23:30:00"


@pytest.mark.parametrize(
    ("ago", "english", "spanish"),
    [(0, "at 12:00", "a las 12:00"), (86400, "on 11 Aug 12:00", "el 11 ago. 12:00")],
)
def test_a_moment_ends_a_sentence(ago: float, english: str, spanish: str) -> None:
    assert EN.moment(NOON - ago, ZONE, NOON).replace(NO_BREAK, " ") == english
    assert ES.moment(NOON - ago, ZONE, NOON).replace(NO_BREAK, " ") == spanish


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (None, "en"),
        ("", "en"),
        ("es", "es"),
        ("es-CO,es;q=0.9,en;q=0.8", "es"),
        ("ES-mx", "es"),
        ("en-US,es;q=0.9", "en"),
        ("pt-BR,pt;q=0.9,es;q=0.5,en;q=0.4", "es"),
        ("fr", "en"),
        ("*", "en"),
        ("en;q=0, *;q=0.5", "es"),
        ("es;q=x", "en"),
        ("\x00,;;=,es", "es"),
    ],
)
def test_the_language_is_that_of_the_browser(header: str | None, found: str) -> None:
    assert language(header, LANGUAGES) == found
