"""Captures of every kind of answer, read as the exporter reads them; README.md says how to add one."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from corpus.replaying import FOLDER, captures, expected_of, made_of, samples
from exporter.apis import BY_NAME
from exporter.capture import read_capture


@pytest.mark.parametrize("file", captures(), ids=lambda file: file.stem)
def test_a_capture_is_read_as_it_was(file: Path) -> None:
    assert read_capture(file).origin, (
        f"{file.name}: its first line must say where the answers come from: origin"
    )
    assert expected_of(file).is_file(), "run `make generate`, and look at what it has written"
    assert made_of(file) == expected_of(file).read_text(), "run `make generate`, and look at what it changes"


@pytest.mark.parametrize("file", captures(), ids=lambda file: file.stem)
def test_what_is_published_of_a_capture_is_valid(file: Path) -> None:
    for sample in samples(file):
        (family,) = text_string_to_metric_families(sample + "\n")
        assert len(family.samples) == 1


def test_every_api_is_in_the_corpus_and_nothing_is_expected_of_a_capture_that_is_gone() -> None:
    assert {one.api for file in captures() for one in read_capture(file).exchanges} == set(BY_NAME)
    assert set(FOLDER.glob("*.txt")) == {expected_of(file) for file in captures()}
