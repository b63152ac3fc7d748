"""Usual hours are found in spite of what happens on a floor, and what cannot be told is not told."""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from exporter.usual_hours import FloorHistory, find_usual_hours
from exporter.usual_hours.schedules_text import windows_of
from usual_hours.floor import BOGOTA, MONDAY, Plan, history, instant, on_weekdays

LUNCH = on_weekdays("08:00-12:00", "13:00-18:00", saturday=("09:00-13:00",))
SHIFT = on_weekdays("08:00-18:00")


def found(
    made: FloorHistory, zone: ZoneInfo = BOGOTA, holidays: tuple[date, ...] = ()
) -> Mapping[tuple[str, ...], list[str]]:
    hours = find_usual_hours(made, zone, holidays)
    return {group.patterns: windows_of(group.week) for group in hours.groups}


def reasons(made: FloorHistory) -> list[tuple[str, str]]:
    return [(one.campaign, one.reason) for one in find_usual_hours(made, BOGOTA).undecided]


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def but(plan: Plan, other: Mapping[int, tuple[str, ...]]) -> Plan:
    """Return a plan that is different on some days, by their numbers."""
    return lambda on: other.get((on - MONDAY).days, plan(on))


def test_hours_with_lunch() -> None:
    assert found(history({"1": LUNCH})) == {
        ("C 1",): ["Mon-Fri 08:00-12:00", "Mon-Fri 13:00-18:00", "Sat 09:00-13:00"]
    }


@pytest.mark.parametrize("late", [1, 45, 299, 420, 590])
def test_what_is_seen_late_is_dated_back(late: float) -> None:
    # The exporter asks every five minutes, and Prometheus may ask the exporter as seldom.
    (windows,) = found(history({"1": SHIFT}, late=late)).values()
    assert windows == (["Mon-Fri 08:00-18:00"] if late < 300 else ["Mon-Fri 08:05-18:05"])


def test_campaigns_with_the_same_hours_are_together_and_the_most_first() -> None:
    plans = {"1": LUNCH, "2": SHIFT, "3": on_weekdays("08:05-17:55"), "4": on_weekdays("08:00-16:00")}
    assert found(history(plans)) == {
        ("C 2", "C 3"): ["Mon-Fri 08:05-17:55"],
        ("C 1",): ["Mon-Fri 08:00-12:00", "Mon-Fri 13:00-18:00", "Sat 09:00-13:00"],
        ("C 4",): ["Mon-Fri 08:00-16:00"],
    }


def test_people_are_not_exact() -> None:
    chance = random.Random(7)
    days: dict[date, tuple[str, ...]] = {}

    def plan(on: date) -> tuple[str, ...]:
        if on.weekday() > 4:
            return ()
        begins, leaves, returns, ends = (chance.randint(-12, 12) for _ in range(4))
        clock = [8 * 60 + begins, 12 * 60 + leaves, 14 * 60 + returns, 18 * 60 + ends]
        texts = [f"{one // 60:02}:{one % 60:02}" for one in clock]
        return days.setdefault(on, (f"{texts[0]}-{texts[1]}", f"{texts[2]}-{texts[3]}"))

    (windows,) = found(history({"1": plan})).values()
    assert [window.partition(" ")[0] for window in windows] == ["Mon-Fri", "Mon-Fri"]
    for window, wanted in zip(windows, [(480, 720), (840, 1080)], strict=True):
        text = window.partition(" ")[2]
        for got, want in zip(text.split("-"), wanted, strict=True):
            assert abs(60 * int(got[:2]) + int(got[3:]) - want) <= 10, windows


def test_overtime_an_incident_and_a_late_start_change_nothing() -> None:
    odd = {2: ("08:00-21:30",), 8: ("08:00-10:00", "11:30-18:00"), 10: ("09:40-18:00",), 15: ()}
    assert found(history({"1": but(SHIFT, odd), "2": SHIFT})) == {("C 1", "C 2"): ["Mon-Fri 08:00-18:00"]}


def test_work_on_one_sunday_or_every_second_saturday_is_not_usual() -> None:
    plan = but(SHIFT, {5: ("08:00-12:00",), 13: ("08:00-12:00",), 19: ("08:00-12:00",)})
    assert found(history({"1": plan})) == {("C 1",): ["Mon-Fri 08:00-18:00"]}


def test_a_day_on_which_the_floor_does_not_work_is_left_out() -> None:
    hours = find_usual_hours(
        history({"1": but(SHIFT, {7: (), 9: ("08:00-08:40",)}), "2": but(SHIFT, {7: ()})}), BOGOTA
    )
    assert [(one.date, one.reason) for one in hours.left_out] == [(day(7), "the floor did not work")]
    assert len(hours.counted) == 27


def test_three_mondays_of_four_may_be_public_holidays() -> None:
    # In June 2026 in Colombia, three of five are.
    rested = {7: (), 14: (), 21: ()}
    holidays = (day(7), day(14), day(21))
    hours = find_usual_hours(history({"1": but(SHIFT, rested)}), BOGOTA, holidays)
    assert [windows_of(group.week) for group in hours.groups] == [["Mon-Fri 08:00-18:00"]]
    assert {one.reason for one in hours.left_out} == {"a public holiday on which the floor did not work"}
    assert hours.rests_on_holidays


def test_a_floor_that_works_on_a_public_holiday_does_not_rest_on_them() -> None:
    hours = find_usual_hours(history({"1": but(SHIFT, {7: ()})}), BOGOTA, (day(7), day(14)))
    assert not hours.rests_on_holidays
    assert day(14) in hours.counted


def test_days_with_an_outage_in_the_hours_of_the_floor_are_left_out() -> None:
    outages = [
        (day(1), "08:00-09:00"),
        (day(3), "02:00-05:00"),
        (day(9), "13:00-13:15"),
        (day(16), "00:00-24:00"),
    ]
    hours = find_usual_hours(history({"1": SHIFT}, outages=outages), BOGOTA)
    assert [(one.date, one.reason) for one in hours.left_out] == [
        (day(1), "no samples for 1 h"),
        (day(16), "no samples at all"),
    ]
    assert [windows_of(group.week) for group in hours.groups] == [["Mon-Fri 08:00-18:00"]]


def test_a_campaign_whose_days_are_all_left_out_was_not_never_started() -> None:
    outages = [(day(number), "15:00-16:00") for number in range(28)]
    made = history({"1": SHIFT, "2": lambda _on: ()}, outages=outages)
    assert [reason for _, reason in reasons(made)] == [
        "started only on days that are left out",
        "never started",
    ]


def test_while_polls_fail_nothing_is_known() -> None:
    made = history({"1": SHIFT})
    failing = instant(day(2), 10 * 60, BOGOTA)
    made.add_failures([(failing + 300 * number, "0") for number in range(1, 13)])
    assert [(one.date, one.reason) for one in find_usual_hours(made, BOGOTA).left_out] == [
        (day(2), "no samples for 1 h")
    ]


def test_a_campaign_that_stays_started_works_when_it_makes_calls() -> None:
    always: Plan = lambda _: ("00:00-24:00",)  # noqa: E731
    assert found(history({"1": LUNCH}, started={"1": always})) == {
        ("C 1",): ["Mon-Fri 08:00-12:00", "Mon-Fri 13:00-18:00", "Sat 09:00-13:00"]
    }


def test_calls_that_end_with_the_list_leave_the_hours_in_which_it_is_started() -> None:
    chance = random.Random(3)
    ends = {number: chance.randint(9, 17) for number in range(-1, 28)}
    plan: Plan = lambda on: (f"08:00-{ends[(on - MONDAY).days]:02}:10",) if on.weekday() < 5 else ()  # noqa: E731
    hours = find_usual_hours(history({"1": plan}, started={"1": SHIFT}), BOGOTA)
    (group,) = hours.groups
    assert (windows_of(group.week), group.when_started) == (["Mon-Fri 08:00-18:00"], 1)


def test_a_list_that_ends_before_the_day_does_leaves_a_campaign_with_the_others() -> None:
    short = on_weekdays("08:00-17:35")
    plans = {"1": SHIFT, "2": SHIFT, "3": short, "4": short, "5": on_weekdays("08:00-17:20"), "6": SHIFT}
    assert found(history(plans, started={"3": SHIFT, "5": SHIFT})) == {
        ("C 1", "C 2", "C 6", "C 3"): ["Mon-Fri 08:00-18:00"],
        ("C 4",): ["Mon-Fri 08:00-17:35"],
        ("C 5",): ["Mon-Fri 08:00-17:20"],
    }


def test_short_pauses_are_no_breaks() -> None:
    # While it stays started, half an hour is a list that is loaded; while it is stopped, 20 minutes are.
    pauses = on_weekdays("08:00-10:00", "10:30-12:00", "12:20-18:00")
    shift = on_weekdays("08:00-12:00", "12:20-18:00")
    assert found(history({"1": pauses}, started={"1": shift})) == {("C 1",): ["Mon-Fri 08:00-18:00"]}


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("America/Santiago", date(2026, 8, 17)),  # at midnight of 6 September the clock is set ahead
        ("America/Santiago", date(2026, 3, 16)),  # on 5 April it is set back
        ("Europe/Madrid", date(2026, 10, 12)),
        ("Europe/Madrid", date(2026, 3, 9)),
        ("Asia/Tokyo", MONDAY),
        ("Pacific/Kiritimati", MONDAY),
        ("Asia/Kathmandu", MONDAY),
    ],
)
def test_hours_are_those_of_the_clock_on_the_wall(zone: str, first: date) -> None:
    there = ZoneInfo(zone)
    every: Plan = lambda _: ("08:00-12:00", "13:00-18:00")  # noqa: E731
    made = history({"1": LUNCH, "2": every}, zone=there, first=first)
    assert found(made, there) == {
        ("C 1",): ["Mon-Fri 08:00-12:00", "Mon-Fri 13:00-18:00", "Sat 09:00-13:00"],
        ("C 2",): ["Mon-Sun 08:00-12:00", "Mon-Sun 13:00-18:00"],
    }


@pytest.mark.parametrize("zone", ["America/Bogota", "America/Santiago", "Asia/Tokyo"])
def test_nights_belong_to_the_day_on_which_they_begin(zone: str) -> None:
    there = ZoneInfo(zone)
    made = history({"1": on_weekdays("22:00-06:00")}, zone=there, first=date(2026, 8, 17))
    assert found(made, there) == {("C 1",): ["Mon-Fri 22:00-06:00"]}


def test_a_night_of_a_holiday_is_left_out_whole() -> None:
    night = on_weekdays("22:00-06:00")
    hours = find_usual_hours(history({"1": but(night, {8: ()})}), BOGOTA)
    assert [one.date for one in hours.left_out if one.reason == "the floor did not work"] == [day(8)]
    assert [windows_of(group.week) for group in hours.groups] == [["Mon-Fri 22:00-06:00"]]


def test_day_and_night_shifts_stand_beside_each_other() -> None:
    night: Plan = lambda _: ("21:00-05:00",)  # noqa: E731
    assert found(history({"1": SHIFT, "2": night})) == {
        ("C 1",): ["Mon-Fri 08:00-18:00"],
        ("C 2",): ["Mon-Sun 21:00-05:00"],
    }


def test_around_the_clock() -> None:
    always: Plan = lambda _: ("00:00-24:00",)  # noqa: E731
    assert found(history({"1": always})) == {("C 1",): ["Mon-Sun 00:00-24:00"]}


def test_what_cannot_be_told_is_not_told() -> None:
    chance = random.Random(5)
    begins = {number: chance.sample(range(6, 21), 2) for number in range(-1, 28)}

    def anyhow(on: date) -> tuple[str, ...]:
        number = (on - MONDAY).days
        return tuple(f"{hour:02}:00-{hour + 1:02}:30" for hour in begins[number]) if number % 3 else ()

    plans = {"1": SHIFT, "2": lambda _: (), "3": anyhow, "4": SHIFT, "5": lambda _: ()}
    started = {"5": on_weekdays("08:00-18:00"), "3": lambda _: ("00:00-24:00",)}
    made = history(plans, started=started)
    made.add_preview("4", "C 4")
    assert reasons(made) == [
        ("2 C 2", "never started"),
        ("3 C 3", "irregular: it made calls on 18 of 26 days, at changing hours"),
        ("4 C 4", "a preview: agents dial when they are ready"),
        ("5 C 5", "made calls on 0 of the 20 days on which it was started"),
    ]


@pytest.mark.parametrize("days", [1, 3, 7])
def test_a_week_is_too_little(days: int) -> None:
    why = f"too little history (days that count: {days}), no weekday twice"
    assert reasons(history({"1": SHIFT}, days=days)) == [("1 C 1", why)]


def test_two_weeks_are_enough() -> None:
    assert found(history({"1": LUNCH}, days=14)) == {
        ("C 1",): ["Mon-Fri 08:00-12:00", "Mon-Fri 13:00-18:00", "Sat 09:00-13:00"]
    }


def test_a_campaign_without_any_day_is_no_trouble() -> None:
    assert reasons(history({"1": SHIFT}, days=0)) == [("1 C 1", "not listed on any day that counts")]
    assert find_usual_hours(FloorHistory(0, 0), BOGOTA).groups == ()


def test_a_new_campaign_is_judged_by_its_own_days_and_one_that_is_gone_is_told() -> None:
    made = history({"1": SHIFT})
    later = history({"2": SHIFT}, first=day(14), days=14)
    sooner = history({"3": SHIFT}, days=14)
    for other, campaign in ((later, "2"), (sooner, "3")):
        shift = round((other.first - made.first) / 300)
        (one,) = other.campaigns
        for flag, add in ((1, made.add_running), (4, made.add_calls)):
            samples = [
                (made.first + 300 * (shift + index + 1), "1" if byte & 2 else "0")
                for index, byte in enumerate(one.slots)
                if byte & flag
            ]
            add(campaign, f"C {campaign}", samples)
    assert found(made) == {("C 1", "C 2"): ["Mon-Fri 08:00-18:00"]}
    assert reasons(made) == [("3 C 3", "gone: last listed on 2026-08-16")]


def test_a_campaign_that_was_started_late_or_is_over() -> None:
    new: Plan = lambda on: SHIFT(on) if on >= day(13) else ()  # noqa: E731
    over: Plan = lambda on: SHIFT(on) if on < day(20) else ()  # noqa: E731
    made = history({"1": SHIFT, "2": new, "3": over}, started={"2": lambda _: ("00:00-24:00",)})
    assert found(made) == {("C 1", "C 2"): ["Mon-Fri 08:00-18:00"]}
    assert reasons(made) == [("3 C 3", "last started on 2026-08-21")]


def test_a_renamed_campaign_has_its_present_name() -> None:
    made = history({"1": SHIFT}, days=28)
    (one,) = made.campaigns
    again = FloorHistory(made.first, len(made.observed))
    half = len(one.slots) // 2
    for name, part in (("FORMER", range(half)), ("PRESENT", range(half - 2, len(one.slots)))):
        again.add_running(
            "1", name, [(made.first + 300 * (i + 1), "1" if one.slots[i] & 2 else "0") for i in part]
        )
        again.add_calls("1", name, [(made.first + 300 * (i + 1), "5") for i in part if one.slots[i] & 4])
    assert found(again) == {("PRESENT",): ["Mon-Fri 08:00-18:00"]}


def test_ids_stand_where_a_name_is_that_of_others_too() -> None:
    made = history({"1": SHIFT, "2": SHIFT, "3": LUNCH, "4": LUNCH, "5": SHIFT})
    for one, name in zip(made.campaigns, ("BOTH", "BOTH", "APART", "4", "APART"), strict=True):
        one.name = name
    hours = find_usual_hours(made, BOGOTA)
    # "BOTH" matches two with the same hours. "4" is the name of the one with that id.
    assert {group.patterns for group in hours.groups} == {("BOTH", "5"), ("3", "4")}


def test_where_name_and_id_are_ambiguous_nothing_is_told() -> None:
    made = history({"1": SHIFT, "2": LUNCH, "3": SHIFT})
    for one, name in zip(made.campaigns, ("2", "X", "X"), strict=True):
        one.name = name
    hours = find_usual_hours(made, BOGOTA)
    assert {group.patterns for group in hours.groups} == {("1", "3")}
    assert [(one.campaign, one.reason) for one in hours.undecided] == [
        ("2 X", "its name and its id are also those of others")
    ]


def test_a_campaign_without_an_id_goes_by_its_name() -> None:
    made = history({"": SHIFT})
    (one,) = made.campaigns
    one.name = "NAME ALONE"
    assert found(made) == {("NAME ALONE",): ["Mon-Fri 08:00-18:00"]}


def test_the_history_of_a_prometheus_that_keeps_two_weeks_begins_late() -> None:
    outages = [(day(number), "00:00-24:00") for number in range(12)] + [(day(12), "00:00-11:00")]
    outages += [(day(14), "00:00-11:00")]
    made = history({"1": LUNCH}, outages=outages)
    hours = find_usual_hours(made, BOGOTA)
    assert [windows_of(group.week) for group in hours.groups] == [
        ["Mon-Fri 08:00-12:00", "Mon-Fri 13:00-18:00", "Sat 09:00-13:00"]
    ]
    assert [(one.date, one.reason) for one in hours.left_out] == [
        (day(12), "the history begins on it"),
        (day(14), "no samples for 3 h 30 min"),
    ]
