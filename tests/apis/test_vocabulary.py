"""The words of the API itself: all that it writes of its own, and nothing that could be somebody's."""

import pytest

from exporter import parsing
from exporter.apis import API_WORDS, APIS
from exporter.apis.agents import STATUSES
from exporter.apis.vocabulary import words_in


@pytest.mark.parametrize(
    "text",
    [
        "busy/congestion/failed",
        "Estrategia (100%)",
        "Teléfono1 - phone2 - tel3",
        "PHONE1 – ring: 60(seg)",  # noqa: RUF001 - the dash of the vendor's page
        "1 records were found",
        "Validate dates entered",
        "EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)",
        "Predictive: stop campaign 11111",
        "do-not-call",
        "TOTAL",
        *STATUSES,
        *parsing.STATUS_WORDS,
        *parsing.SWITCH_WORDS,
    ],
)
def test_what_wolkvox_writes_of_its_own_is_known(text: str) -> None:
    assert set(words_in(text)) <= API_WORDS


def test_every_name_of_a_field_is_known() -> None:
    for api in APIS:
        for field in api.vendor_fields:
            assert set(words_in(field.name)) <= API_WORDS


@pytest.mark.parametrize("text", ["VENTAS", "my", "ficticia", "BI", "Lista ficticia", "Bogotá", "María"])
def test_what_an_operation_has_named_is_not(text: str) -> None:
    assert not set(words_in(text)) & API_WORDS
