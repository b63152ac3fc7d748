from dataclasses import replace

import pytest

from exporter.clock import Moment
from exporter.snapshot import Listing, PollStatus, Row, Usage
from exporter.snapshot.model import add_tallies, campaign_key


@pytest.mark.parametrize(("age", "fresh"), [(0, True), (899.9, True), (900, False), (1e9, False)])
def test_an_answer_is_fresh_until_it_is_of_age(age: float, fresh: bool) -> None:
    assert Listing(Moment(0, 100), ()).fresh(Moment(0, 100 + age), 900) is fresh


def test_the_wall_clock_does_not_age_an_answer() -> None:
    assert Listing(Moment(0, 100), ()).fresh(Moment(1e9, 101), 900)


def test_figures_since_midnight_end_at_midnight() -> None:
    listing = Listing(Moment(0, 100), (), valid_until=5000)
    assert listing.fresh(Moment(4999, 101), 900)
    assert not listing.fresh(Moment(5000, 101), 900)


def test_a_campaign_without_an_id_is_known_by_its_name() -> None:
    assert campaign_key(Row(("", "VENTAS", ""), ())) == "VENTAS"
    assert campaign_key(Row(("7", "VENTAS", ""), ())) == "7"


def test_used_are_our_own_calls_and_those_of_others() -> None:
    assert Usage("2026-08-12", 0, own_count=5).used == 5
    assert Usage("2026-08-12", 0, own_count=5, others_count=0.0).used == 5
    assert Usage("2026-08-12", 0, own_count=5, others_count=6.0).used == 11


def test_tallies_are_added_up_and_never_changed() -> None:
    before = {"a": 1, "b": 0}
    assert add_tallies(before, {"a": 2, "c": 3}) == {"a": 3, "b": 0, "c": 3}
    status = PollStatus(300, failures=before).with_counts(failures={"b": 1})
    assert (status.failures, before) == ({"a": 1, "b": 1}, {"a": 1, "b": 0})


def test_the_quota_is_spent_until_the_day_ends() -> None:
    usage = Usage("2026-08-12", 2000, 500, limit=1000, budget=500)
    assert not replace(usage, budget=None).spent(1000)
    assert not replace(usage, budget=501).spent(1000)
    assert usage.spent(1000)
    assert not usage.spent(2000)
    assert replace(usage, budget=None, refused_at=900.0).spent(1000)
