"""What all campaigns of an operation have in common."""

from math import inf

import pytest

from exporter.judgement import Judged, View, after_answer, judge, results
from exporter.snapshot.memories import NOTHING
from judgement.floor import FIGURES, HOUR, MONDAY, POLL_SECONDS, campaign, schedules

BOOK = schedules()
NAMES = ("4877", "4878", "4879")


class Operation:
    """Three campaigns, each with dials of its own number and shares."""

    def __init__(self) -> None:
        self.at = MONDAY + 9 * HOUR
        self.memory = NOTHING
        self.figures = {name: dict(FIGURES) for name in NAMES}
        self.dial()

    def dial(self, polls: int = 1, **failed: float) -> Judged:
        """Let polls pass in which each makes 60 calls, of which 40 % are answered unless a share fails."""
        for _ in range(polls):
            self.at += POLL_SECONDS
            for name, figures in self.figures.items():
                share = failed.get(f"c{name}", failed.get("all", 0.1))
                figures["dialed_records"] += 60
                figures["clean_records"] -= 60
                figures["busy_congestion_failed"] += round(60 * share)
                figures["answer"] += round(60 * (0.4 if share <= 0.1 else 0.0))
            found = tuple(campaign(dict(one), name) for name, one in self.figures.items())
            view = View(found, inf, inf, self.at)
            self.memory = after_answer(self.memory, "campaigns", view, BOOK, self.at)
        return judge(view, self.memory, BOOK, self.at)


def test_the_shares_of_an_operation_are_those_of_the_last_two_answers() -> None:
    floor = Operation()
    usual = floor.dial(20).shares["answer"]
    assert usual.recent == pytest.approx(0.4)
    assert usual.usual == pytest.approx(0.4)
    assert usual.chance == pytest.approx(1.0)
    lost = floor.dial(2, all=0.9).shares
    assert lost["answer"].recent == 0.0
    assert lost["answer"].usual == pytest.approx(0.4)
    assert (lost["answer"].chance or 1) < 1e-9
    assert lost["busy_congestion_failed"].recent == pytest.approx(0.9)


def test_few_dials_of_an_operation_say_nothing() -> None:
    floor = Operation()
    floor.dial(20)
    floor.figures = {name: floor.figures[name] for name in NAMES[:1]}
    shares = floor.dial(1).shares["answer"]
    assert shares.recent == pytest.approx(0.4), "120 dials of one campaign"
    floor.figures[NAMES[0]]["dialed_records"] -= 55
    assert floor.dial(1).shares["answer"].recent is None


def test_a_list_is_not_to_blame_where_most_dials_of_the_operation_fail() -> None:
    floor = Operation()
    floor.dial(6)
    before = results.list_failed(floor.memory.campaigns["4877"])
    floor.dial(4, all=0.9)
    assert results.list_failed(floor.memory.campaigns["4877"]) == before
    floor.dial(4, c4877=0.9)
    after = results.list_failed(floor.memory.campaigns["4877"])["present"]
    assert after > before["present"] + 0.1
