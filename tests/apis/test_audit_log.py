"""Which campaigns somebody has stopped by hand."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.apis import PollContext, audit_log
from exporter.clock import Moment
from exporter.snapshot import Listing
from exporter.wolkvox import MAX_ROWS

BOGOTA = ZoneInfo("America/Bogota")
SANTIAGO = ZoneInfo("America/Santiago")
NOW = datetime(2026, 8, 12, 10, 30, tzinfo=BOGOTA)
STOP, START = "Predictive: stop campaign 11111", "Predictive: start campaign 11111"


def line(at: str = "10:04:08", action: object = STOP, **more: object) -> dict[str, object]:
    """Return a line of the log, on the day unless it has one."""
    date = at if "-" in at else f"2026-08-12 {at}"
    person = {"ip": "192.0.2.7", "user": "zutana.ficticia", "workstation": "PC-FICTICIO"}
    return {"date": date, "action": action, **person, **more}


def unix(at: str, day: str = "2026-08-12") -> float:
    return datetime.fromisoformat(f"{day} {at}").replace(tzinfo=BOGOTA).timestamp()


class Log:
    """A log that is asked again and again; `listing` is the last answer."""

    def __init__(self, *, show_users: bool = False, zone: ZoneInfo = BOGOTA) -> None:
        self.listing: Listing | None = None
        self.show_users = show_users
        self.zone = zone
        self.reader: audit_log.AuditReader

    def context(self, now: datetime) -> PollContext:
        options = {"show_users": self.show_users}
        return PollContext(now.astimezone(self.zone), options=options, before=self.listing)

    def answer(self, *rows: object, now: datetime = NOW) -> Mapping[str, tuple[float, str]]:
        """Let an answer come, and return who was last stopped when."""
        self.reader = audit_log.AuditReader(self.context(now))
        self.reader.add(rows)
        at = Moment(now.timestamp(), now.timestamp())
        self.listing = Listing(at, self.reader.rows(), notes=self.reader.notes)
        return audit_log.stops(self.listing)

    def range(self, now: datetime) -> tuple[str, str]:
        query = audit_log.API.call(self.context(now)).query
        return query["date_ini"], query["date_end"]

    @property
    def told(self) -> list[Mapping[str, object]]:
        assert all(event.text == "somebody stopped a campaign by hand" for event in self.reader.events)
        return [event.values for event in self.reader.events]


def stops(*rows: object) -> Mapping[str, tuple[float, str]]:
    return Log().answer(*rows)


@pytest.mark.parametrize(
    "action",
    [
        "Predictive: stop campaign 11111",
        "predictive: STOP CAMPAIGN 11111",
        "Preview: stopped campaign 11111",
        " Predictive:  stop  campaign  11111 ",
        "stop campaign 11111.",
    ],
)
def test_a_stop_is_read_however_it_is_written(action: str) -> None:
    assert stops(line(action=action)) == {"11111": (unix("10:04:08"), "")}


@pytest.mark.parametrize(
    "action",
    [
        "API Campaign add_record",
        "API Campaign stop campaign 11111",
        "API information audit_log has been consumed",
        "Predictive: stop campaign 11111 has been consumed",
        "logged in to the system",
        "logged off",
        "delete campaign 11111",
        "Predictive: stop campaign",
        "Predictive: stop campaign ABC",
        "Predictive: nonstop campaign 11111",
        "Predictive: stop campaigns 11111",
        "stop campaign 11111x",
        "stop campaign " + "1" * 21,
        None,
        "",
        7,
        [],
    ],
)
def test_other_lines_say_nothing_about_a_campaign_and_are_no_error(action: object) -> None:
    log = Log()
    assert log.answer(line(action=action)) == {}
    assert (log.reader.unreadable, log.reader.discarded, log.told) == ((), {}, [])


def test_a_line_by_a_program_undoes_nothing() -> None:
    assert stops(line(), line("10:05:00", "API: start campaign 11111 has been consumed")) != {}


@pytest.mark.parametrize("order", [1, -1])
def test_who_was_started_after_the_stop_is_not_stopped(order: int) -> None:
    lines = [line("10:04:08"), line("10:09:00", START)]
    assert stops(*lines[::order]) == {}
    lines = [line("10:03:00", START), line("10:04:08")]
    assert stops(*lines[::order]) == {"11111": (unix("10:04:08"), "")}


def test_a_later_start_takes_back_what_an_earlier_answer_told() -> None:
    log = Log()
    assert log.answer(line()) != {}
    assert log.answer(line("10:20:00", START)) == {}
    assert log.answer(line("10:25:00")) == {"11111": (unix("10:25:00"), "")}


def test_campaigns_are_stopped_each_by_itself() -> None:
    found = stops(line(), line("10:05:00", "Predictive: stop campaign 22222"), line("10:06:00", START))
    assert found == {"22222": (unix("10:05:00"), "")}


@pytest.mark.parametrize("date", ["yesterday", "2026-13-01", 7, [], {}, True, "2026-08-12T10:00:00Z"])
def test_a_time_that_cannot_be_read_is_counted_without_an_example(date: object) -> None:
    log = Log()
    assert log.answer(line() | {"date": date}, line(action="logged off") | {"date": date}) == {}
    assert [(one.field, one.count, one.example) for one in log.reader.unreadable] == [("date", 1, "")]


@pytest.mark.parametrize("date", [None, "", "-", "0000-00-00 00:00:00"])
def test_a_time_that_is_not_there_is_no_error(date: object) -> None:
    log = Log()
    assert log.answer(line() | {"date": date}) == {}
    assert log.reader.unreadable == ()


@pytest.mark.parametrize("row", [None, "x", 7, [], {}, {"date": "2026-08-12 10:04:08", "user": "ficticio"}])
def test_a_line_of_another_shape_is_told(row: object) -> None:
    log = Log()
    assert log.answer(row, line()) == {"11111": (unix("10:04:08"), "")}
    assert log.reader.discarded == {"shape": 1}


def test_a_stop_in_the_future_is_none_but_clocks_differ_a_little() -> None:
    assert stops(line("10:36:00")) == {}
    log = Log()
    assert log.answer(line("10:34:00")) == {"11111": (unix("10:34:00"), "")}
    assert log.answer(now=NOW + timedelta(minutes=1)) == {"11111": (unix("10:34:00"), "")}


def test_a_stop_is_kept_for_seven_days() -> None:
    log = Log()
    log.answer(line())
    stopped = datetime.fromtimestamp(unix("10:04:08"), BOGOTA)
    assert log.answer(now=stopped + timedelta(days=7, seconds=-1)) != {}
    assert log.answer(now=stopped + timedelta(days=7)) == {}


def test_who_did_it_is_told_only_where_that_is_wanted() -> None:
    log = Log()
    assert log.answer(line()) == {"11111": (unix("10:04:08"), "")}
    assert log.listing is not None
    assert (log.listing.notes, log.told) == (
        {},
        [{"campaign_id": "11111", "at": "2026-08-12T10:04:08-05:00"}],
    )
    log = Log(show_users=True)
    assert log.answer(line(user=" zutana.ficticia\n")) == {"11111": (unix("10:04:08"), "zutana.ficticia")}
    assert [values.get("user") for values in log.told] == ["zutana.ficticia"]
    assert log.answer(now=NOW + timedelta(minutes=5)) == {"11111": (unix("10:04:08"), "zutana.ficticia")}
    log.show_users = False
    assert log.answer(now=NOW + timedelta(minutes=10)) == {"11111": (unix("10:04:08"), "")}
    for user, told in ((None, ""), ("", ""), ([], ""), ("x" * 300, "x" * 100)):
        assert Log(show_users=True).answer(line(user=user))["11111"][1] == told


def test_no_row_has_a_name() -> None:
    log = Log(show_users=True)
    log.answer(line())
    assert log.listing is not None
    assert "zutana" not in repr(log.listing.rows)


def test_a_stop_is_told_once_although_ranges_overlap() -> None:
    log = Log()
    log.answer(line())
    assert len(log.told) == 1
    log.answer(line(), now=NOW + timedelta(minutes=5))
    assert log.told == []
    log.answer(line(), line("10:40:00"), now=NOW + timedelta(minutes=10))
    assert [values["at"] for values in log.told] == ["2026-08-12T10:40:00-05:00"]
    log.answer(line("10:40:00"), line("10:41:00", START), now=NOW + timedelta(minutes=15))
    assert log.told == []


def test_the_first_time_an_hour_is_asked_for() -> None:
    assert Log().range(NOW) == ("20260812093000", "20260812103000")


@pytest.mark.parametrize(
    ("minutes", "begins"),
    [
        (5, "20260812102900"),
        (60, "20260812102900"),
        (0, "20260812102900"),
        (23 * 60, "20260812102900"),
        (24 * 60, "20260812103500"),
        (100 * 60, "20260815143500"),
    ],
)
def test_the_time_since_the_last_answer_is_asked_for_and_a_day_at_most(minutes: int, begins: str) -> None:
    log, later = Log(), NOW + timedelta(minutes=minutes + 5)
    log.answer(now=NOW + timedelta(minutes=5))
    assert log.range(later) == (begins, later.strftime("%Y%m%d%H%M%S"))


def test_after_the_clock_was_put_back_an_hour_is_asked_for() -> None:
    log = Log()
    log.answer()
    assert log.range(NOW - timedelta(hours=3)) == ("20260812063000", "20260812073000")


def shown(zone: ZoneInfo, begins: datetime, ends: datetime) -> set[str]:
    """Return what the wall clock shows between two times, by the minute."""
    first, last = begins.timestamp(), ends.timestamp()
    times = [datetime.fromtimestamp(at, zone) for at in range(int(first), int(last) + 1, 60)]
    return {one.strftime("%Y%m%d%H%M%S") for one in times}


@pytest.mark.parametrize("night", ["2026-04-05", "2026-09-06"])
@pytest.mark.parametrize("minutes", [5, 45, 90])
def test_no_time_is_left_out_in_the_night_in_which_the_clock_is_changed(night: str, minutes: int) -> None:
    log = Log(zone=SANTIAGO)
    midnight = datetime.fromisoformat(f"{night}T00:00:00").replace(tzinfo=SANTIAGO).timestamp()
    for start in range(int(midnight) - 10_800, int(midnight) + 10_800, 300):
        before = datetime.fromtimestamp(start, SANTIAGO)
        later = datetime.fromtimestamp(start + 60 * minutes, SANTIAGO)
        log.answer(now=before)
        begins, ends = log.range(later)
        missing = {at for at in shown(SANTIAGO, before, later) if not begins <= at <= ends}
        assert missing == set(), (before, later)


def test_a_line_is_found_with_a_clock_that_is_as_far_behind_as_clocks_may_be() -> None:
    log = Log()
    log.answer()
    # Written a second after the last answer, by a clock that is five minutes behind.
    written = NOW + timedelta(seconds=1) - timedelta(minutes=5)
    begins, ends = log.range(NOW + timedelta(minutes=5))
    assert begins <= written.strftime("%Y%m%d%H%M%S") <= ends


def test_as_many_campaigns_are_kept_as_wolkvox_returns_rows() -> None:
    log = Log()
    found = log.answer(*(line(action=f"stop campaign {number}") for number in range(MAX_ROWS + 10)))
    assert (len(found), log.reader.discarded) == (MAX_ROWS, {"limit": 10})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda more: st.lists(more, max_size=3) | st.dictionaries(st.text(max_size=5), more, max_size=3),
    max_leaves=4,
)
MINUTES = st.integers(0, 29).map(lambda minute: f"10:{minute:02}:00")
LINES = st.lists(
    st.builds(line, MINUTES, st.sampled_from([STOP, START, STOP.replace("1", "2"), "logged off"]))
    | st.fixed_dictionaries({"action": ANYTHING, "date": ANYTHING, "user": ANYTHING})
    | ANYTHING
)


@given(LINES)
def test_no_lines_break_it_and_no_stop_is_made_up(rows: list[object]) -> None:
    log = Log(show_users=True)
    found = log.answer(*rows)
    for campaign, (at, _) in found.items():
        stamp = datetime.fromtimestamp(at, BOGOTA).strftime("%Y-%m-%d %H:%M:%S")
        assert any(
            isinstance(row, dict) and row.get("date") == stamp and campaign in str(row.get("action"))
            for row in rows
        )
    assert len(log.told) == len(found)


@given(st.lists(st.tuples(MINUTES, st.booleans()), unique_by=lambda one: one[0]), st.data())
def test_the_last_line_of_a_campaign_counts_in_whatever_order_and_answers_lines_come(
    switched: list[tuple[str, bool]], data: st.DataObject
) -> None:
    lines = [line(at, STOP if stopped else START) for at, stopped in switched]
    once = stops(*data.draw(st.permutations(lines)))
    last = max(switched, default=None)
    assert once == ({"11111": (unix(last[0]), "")} if last and last[1] else {})
    # Answers overlap: each has the lines since a while before the last one.
    log, ordered = (
        Log(),
        [row for _, row in sorted(zip(switched, lines, strict=True), key=lambda one: one[0])],
    )
    cut = data.draw(st.integers(0, len(ordered)))
    log.answer(*ordered[:cut])
    assert log.answer(*ordered[data.draw(st.integers(0, cut)) :]) == once
