"""A month of random answers and troubles, in which every exposition says what CONTRACT section 4 says."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.month import KINDS, Step, live

STEPS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 2**16)), min_size=25, max_size=25)
"""As many each time, and the first kind is the simplest: shrinking turns what does not matter into it."""


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**16), STEPS)
def test_every_exposition_of_a_month(seed: int, steps: Sequence[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        live(Path(folder), seed, steps)


def lively(folder: Path) -> None:
    """Live through months in which everything happens, and nothing that is broken stays unseen for long."""
    for seed in range(8, 28):
        live(folder, seed, [(kind, seed + number) for number, kind in enumerate((*KINDS, *KINDS))])


# What the comparison is worth: it notices when the exporter goes wrong.


@pytest.mark.parametrize(
    ("broken", "by"),
    [
        ("exporter.snapshot.model.Listing.fresh", lambda _self, _now, _max_age: True),
        ("exporter.apis.rows.CampaignReader._key", lambda _self, labels: (labels[1],)),
        ("exporter.judgement.view.campaign_settings.names", lambda _listing: {}),
        ("exporter.polling.poller.updates.with_attempt", lambda snapshot, _api, _at: snapshot),
        ("exporter.polling.archive.Archive.last_attempt", lambda _self, _api: None),
        ("exporter.parsing.figures._POINTED", re.compile("(?!)")),
        ("exporter.apis.campaign_results.is_total", lambda _text: False),
    ],
    ids=["ages", "who is who", "names", "counters", "intervals", "decimals", "totals"],
)
def test_the_comparison_notices(tmp_path: Path, broken: str, by: object) -> None:
    with mock.patch(broken, by), pytest.raises(AssertionError, match="at Now"):
        lively(tmp_path)
