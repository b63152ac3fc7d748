"""When is whose turn: one at a time per token, by importance, without drift and without bursts."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from exporter.apis import BY_NAME, RANK
from exporter.polling import Slot, Timetable, first_poll_delay
from exporter.polling.timetable import Turn

REAL_TIME = Slot("a", "campaigns")
INFORMATION = Slot("a", "campaign_settings")
CODES = Slot("a", "machine_codes")
OTHER = Slot("b", "campaigns")


def timetable(*slots: tuple[Slot, str, float]) -> Timetable:
    table = Timetable()
    for slot, lane, due in slots:
        table.add(slot, lane=lane, interval=300, due=due)
    return table


def taken(table: Timetable, now: float) -> Slot | None:
    turn = table.take(now)
    return turn.slot if turn else None


def took(table: Timetable, now: float) -> Turn:
    turn = table.take(now)
    assert turn is not None
    return turn


def test_nothing_is_taken_before_its_time() -> None:
    table = timetable((REAL_TIME, "t", 10))
    assert taken(table, 9.9) is None
    assert table.next_due() == 10
    assert taken(table, 10) == REAL_TIME


def test_one_turn_at_a_time_for_each_token() -> None:
    table = timetable((REAL_TIME, "t", 0), (INFORMATION, "t", 0), (OTHER, "u", 0))
    turns = [took(table, 0), took(table, 0)]
    assert {turn.slot for turn in turns} == {REAL_TIME, OTHER}
    assert taken(table, 0) is None
    assert table.next_due() is None
    table.give_back(turns[0], 300)
    assert taken(table, 0) == INFORMATION


def test_the_most_important_api_comes_first() -> None:
    table = timetable((CODES, "t", 0), (INFORMATION, "t", 1), (REAL_TIME, "t", 2))
    order = []
    for _ in range(3):
        turn = took(table, 5)
        order.append(turn.slot)
        table.give_back(turn, 1000)
    assert order == [REAL_TIME, INFORMATION, CODES]


def test_operations_that_share_a_token_take_turns_by_importance_then_time() -> None:
    table = timetable((REAL_TIME, "t", 2), (OTHER, "t", 1))
    assert taken(table, 5) == OTHER


@pytest.mark.parametrize(("late", "missed"), [(0, 0), (299, 0), (300, 1), (1000, 3)])
def test_turns_that_were_lost_are_told(late: float, missed: int) -> None:
    turn = timetable((REAL_TIME, "t", 10)).take(10 + late)
    assert turn is not None
    assert turn.missed == missed


def test_a_late_poll_is_not_made_up_for_by_a_burst() -> None:
    table = timetable((REAL_TIME, "t", 0))
    now = 5000.0
    table.give_back(took(table, now), now + 300)
    assert taken(table, now + 299) is None
    assert taken(table, now + 300) == REAL_TIME


def test_a_slot_stands_on_it_once() -> None:
    table = timetable((REAL_TIME, "t", 0))
    with pytest.raises(ValueError, match="on the timetable already"):
        table.add(REAL_TIME, lane="t", interval=300, due=0)


def test_a_slot_can_be_taken_off_and_put_on_again_while_its_turn_is_out() -> None:
    table = timetable((REAL_TIME, "t", 0), (INFORMATION, "t", 5))
    turn = took(table, 0)
    table.remove([REAL_TIME])
    table.add(REAL_TIME, lane="t", interval=300, due=0)
    assert taken(table, 10) is None  # the token is still in use
    table.give_back(turn, 999)
    assert table.turns() == {INFORMATION: 5, REAL_TIME: 0}
    assert taken(table, 10) == REAL_TIME


def test_what_was_taken_off_has_no_turn() -> None:
    table = timetable((REAL_TIME, "t", 0), (OTHER, "u", 0), (INFORMATION, "t", 0))
    turn = took(table, 0)
    table.remove([REAL_TIME, INFORMATION])
    table.give_back(turn, 0)
    assert taken(table, 1000) == OTHER
    assert taken(table, 1000) is None
    with pytest.raises(KeyError):
        table.remove([REAL_TIME])


def test_an_empty_timetable_waits_for_nothing() -> None:
    assert Timetable().take(0) is None
    assert Timetable().next_due() is None


@pytest.mark.parametrize(
    ("total", "interval", "gap"),
    [(1, 300, 2), (3, 300, 2), (1000, 300, 0.3), (10_000, 300, 0.03), (0, 300, 2)],
)
def test_first_polls_are_spread(total: int, interval: float, gap: float) -> None:
    assert first_poll_delay(0, total, interval) == 0
    assert first_poll_delay(7, total, interval) == pytest.approx(7 * gap)
    assert first_poll_delay(max(total - 1, 0), total, interval) < interval


class Turns(RuleBasedStateMachine):
    """Any order of taking, giving back, taking off and putting on again."""

    slots = st.sampled_from([Slot(name, api) for name in "abc" for api in BY_NAME])

    def __init__(self) -> None:
        super().__init__()
        self.table = Timetable()
        self.now = 0.0
        self.due: dict[Slot, float] = {}
        self.out: dict[Slot, Turn] = {}
        self.left: list[Turn] = []
        """Turns that were out when their slot was taken off."""

    @property
    def running(self) -> set[Slot]:
        return set(self.out)

    @initialize(data=st.data())
    def fill(self, data: st.DataObject) -> None:
        for slot in data.draw(st.sets(self.slots, max_size=8)):
            self.due[slot] = data.draw(st.floats(0, 50))
            self.table.add(slot, lane=self.lane(slot), interval=10, due=self.due[slot])

    @staticmethod
    def lane(slot: Slot) -> str:
        return {"a": "t", "b": "t", "c": "u"}[slot.operation]

    @rule(seconds=st.floats(0, 20))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def take(self) -> None:
        turn = self.table.take(self.now)
        busy = {turn.lane for turn in (*self.out.values(), *self.left)}
        ready = {s for s, due in self.due.items() if due <= self.now and s not in self.running}
        free = {s for s in ready if self.lane(s) not in busy}
        if turn is None:
            assert not free
            return
        assert turn.slot in free
        rivals = [s for s in free if self.lane(s) == self.lane(turn.slot)]
        assert RANK[turn.slot.api] == min(RANK[s.api] for s in rivals)
        assert turn.missed == (self.now - self.due[turn.slot]) // 10
        self.out[turn.slot] = turn

    @rule(data=st.data(), interval=st.floats(0.1, 30))
    def give_back(self, data: st.DataObject, interval: float) -> None:
        if self.out:
            slot = data.draw(st.sampled_from(sorted(self.out, key=str)))
            self.due[slot] = self.now + interval
            self.table.give_back(self.out.pop(slot), self.due[slot])

    @rule(data=st.data())
    def take_off(self, data: st.DataObject) -> None:
        slots = data.draw(st.sets(st.sampled_from(sorted(self.due, key=str)))) if self.due else set()
        self.table.remove(slots)
        for slot in slots:
            del self.due[slot]
            if slot in self.out:
                self.left.append(self.out.pop(slot))

    @rule(slot=slots, wait=st.floats(0, 20))
    def put_on(self, slot: Slot, wait: float) -> None:
        if slot not in self.due:
            self.due[slot] = self.now + wait
            self.table.add(slot, lane=self.lane(slot), interval=10, due=self.due[slot])

    @rule(data=st.data())
    def give_back_in_vain(self, data: st.DataObject) -> None:
        if self.left:
            turn = data.draw(st.sampled_from(self.left))
            self.left.remove(turn)
            self.table.give_back(turn, self.now)

    @invariant()
    def turns_are_told(self) -> None:
        assert self.table.turns() == self.due


TestTurns = Turns.TestCase
