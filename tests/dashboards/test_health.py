"""What the tables call the causes of failures, and why rows are discarded."""

from dashboards.health import CAUSES, DISCARDED
from exporter.polling.updates import DISCARD_REASONS
from exporter.wolkvox import Cause


def test_every_cause_and_reason_has_words() -> None:
    assert {cause for cause, _, _ in CAUSES} == set(Cause)
    assert {reason for reason, _, _ in DISCARDED} == set(DISCARD_REASONS)
    assert len({words for _, words, _ in CAUSES}) == len(CAUSES)
