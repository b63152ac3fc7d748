"""docs/status-page.md names every field and every word of /status.json."""

import dataclasses
import re
from enum import StrEnum
from pathlib import Path

import pytest

from exporter.judgement import CampaignState, Finding, Reason
from exporter.status import OperationCondition, PollCondition, Query, SortKey, model

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "status-page.md").read_text()
WORDS = set(re.findall(r"`([\w-]+)`", PAGE))
RECORDS = [Query, *(value for value in vars(model).values() if dataclasses.is_dataclass(value))]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_field_is_described(record: type) -> None:
    assert {field.name for field in dataclasses.fields(record)} - WORDS == set()


@pytest.mark.parametrize("kind", [CampaignState, Finding, Reason, OperationCondition, PollCondition, SortKey])
def test_every_word_is_described(kind: type[StrEnum]) -> None:
    assert {one.value for one in kind} - WORDS == set()


@pytest.mark.parametrize("name", ["status-light.png", "status-dark.png"])
def test_the_pictures_are_there_and_small(name: str) -> None:
    picture = Path(__file__).resolve().parents[2] / "docs" / "images" / name
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert 50_000 < picture.stat().st_size < 300_000
