from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.schedules import MINUTES_PER_WEEK, Week, WindowError, moment_text, overlap, parse_window
from exporter.schedules.windows import DAYS

MONDAY = datetime(2026, 11, 23)  # noqa: DTZ001 - a wall clock


def opens(text: str, when: str) -> bool:
    """Ask for a moment such as `Fri 08:00`, on ordinary days."""
    day, clock = when.split()
    hour, minute = clock.split(":")
    week = Week.of([parse_window(text)])
    return week.opens(DAYS.index(day), int(hour) * 60 + int(minute), today=True, yesterday=True)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (
            "Mon-Fri 08:00-12:00",
            ["Mon 08:00", "Fri 11:59"],
            ["Mon 07:59", "Fri 12:00", "Sat 09:00", "Sun 09:00"],
        ),
        ("Sat 8:00-15:00", ["Sat 08:00", "Sat 14:59"], ["Sat 15:00", "Fri 09:00"]),
        ("Mon,Wed,Fri 08:00-09:00", ["Wed 08:30"], ["Tue 08:30", "Thu 08:30"]),
        ("Mon-Wed,Sat 08:00-09:00", ["Tue 08:30", "Sat 08:30"], ["Thu 08:30"]),
        ("Sat-Mon 08:00-09:00", ["Sat 08:30", "Sun 08:30", "Mon 08:30"], ["Tue 08:30", "Fri 08:30"]),
        ("Fri 22:00-06:00", ["Fri 22:00", "Fri 23:59", "Sat 00:00", "Sat 05:59"], ["Fri 05:00", "Sat 06:00"]),
        ("Sun 22:00-06:00", ["Sun 23:00", "Mon 05:59"], ["Mon 06:00", "Sun 05:00"]),
        ("Mon 20:00-24:00", ["Mon 23:59"], ["Tue 00:00"]),
        ("Mon-Sun 00:00-24:00", ["Mon 00:00", "Sun 23:59"], []),
        ("mon-FRI 08:00 - 12:00", ["Wed 10:00"], ["Sat 10:00"]),
        ("Mon-Fri 08:00–12:00", ["Wed 10:00"], ["Wed 12:00"]),  # noqa: RUF001 - a dash, as people paste it
    ],
)
def test_a_window_is_open_from_its_start_up_to_its_end(
    text: str, inside: list[str], outside: list[str]
) -> None:
    assert [when for when in inside if not opens(text, when)] == []
    assert [when for when in outside if opens(text, when)] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not a window"),
        ("08:00-12:00", "is not a window"),
        ("Mon-Fri", "is not a window"),
        ("Mon-Fri 08:00", "is not a window"),
        ("Mon-Fry 08:00-12:00", "unknown day 'Fry': use Mon, Tue"),
        ("Lun 08:00-12:00", "unknown day 'Lun': use Mon"),
        ("Lun-Vie 08:00-12:00", "unknown day 'Lun': use Mon"),
        ("Mon-Miércoles 08:00-12:00", "unknown day 'Miércoles': use Wed"),
        ("SAB 08:00-12:00", "unknown day 'SAB': use Sat"),
        ("Friday 08:00-12:00", "unknown day 'Friday': use Fri"),
        ("Mon- 08:00-12:00", "unknown day ''"),
        ("Mon,Mon 08:00-12:00", "lists a day twice"),
        ("Mon-Wed,Tue 08:00-12:00", "lists a day twice"),
        ("Mon 8-12", "is not a time of day"),
        ("Mon 08:60-12:00", "is not a time of day"),
        ("Mon 24:01-12:00", "is not a time of day"),
        ("Mon 08:00-25:00", "is not a time of day"),
        ("Mon 24:00-06:00", "starts at 24:00"),
        ("Mon 08:00-08:00", "ends when it starts"),
        ("Mon-Fri 18:00-08:00", "did you mean 08:00-18:00?"),
    ],
)
def test_what_is_no_window_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(WindowError) as refused:
        parse_window(text)
    assert message in str(refused.value)


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        window = parse_window(text)
    except WindowError:
        return
    assert window.minutes()


clocks = st.tuples(st.integers(0, 23), st.sampled_from([0, 1, 30, 59]))


@given(st.sets(st.integers(0, 6), min_size=1), clocks, st.integers(1, 12 * 60))
def test_the_bits_say_what_the_clock_says(days: set[int], start: tuple[int, int], length: int) -> None:
    begin = start[0] * 60 + start[1]
    end = (begin + length) % 1440
    # 00:00 as an end would be before the start; the day's end is written 24:00.
    until = "24:00" if end == 0 else f"{end // 60:02}:{end % 60:02}"
    text = f"{','.join(DAYS[day] for day in sorted(days))} {start[0]:02}:{start[1]:02}-{until}"
    week = Week.of([parse_window(text)])
    for ahead in range(-1, length + 1):
        for day in days:
            at = MONDAY + timedelta(days=day, minutes=begin + ahead)
            is_open = week.opens(at.weekday(), at.hour * 60 + at.minute, today=True, yesterday=True)
            if 0 <= ahead < length:
                assert is_open, (text, at)
            elif len(days) == 1:
                assert not is_open, (text, at)


def test_nothing_is_open_on_a_day_that_does_not_count() -> None:
    week = Week.of([parse_window("Fri 22:00-06:00")])
    assert not week.opens(4, 23 * 60, today=False, yesterday=True)
    assert not week.opens(5, 60, today=False, yesterday=True), "after midnight it is the holiday"
    assert not week.opens(5, 60, today=True, yesterday=False), "the shift never began"


def test_windows_overlap_over_midnight_and_over_the_end_of_the_week() -> None:
    windows = [parse_window(text) for text in ("Sun 22:00-02:00", "Sat 08:00-12:00", "Mon 01:00-03:00")]
    assert overlap(windows) == (2, 0)
    assert overlap(windows[:2]) is None
    touching = [parse_window(text) for text in ("Mon-Fri 08:00-12:00", "Mon-Fri 12:00-13:00")]
    assert overlap(touching) is None


@given(st.integers(0, MINUTES_PER_WEEK - 1))
def test_a_minute_of_the_week_reads_as_people_write_it(minute: int) -> None:
    at = MONDAY + timedelta(minutes=minute)
    assert moment_text(1 << minute) == f"{DAYS[at.weekday()]} {at:%H:%M}"


@given(
    st.lists(st.tuples(st.sets(st.integers(0, 6), min_size=1), clocks, st.integers(1, 12 * 60)), max_size=4)
)
def test_a_week_is_written_as_windows_that_make_the_same_week(
    drawn: list[tuple[set[int], tuple[int, int], int]],
) -> None:
    windows = []
    for days, (hour, minute), length in drawn:
        hours, minutes = divmod((hour * 60 + minute + length) % (24 * 60), 60)
        names = ",".join(DAYS[day] for day in days)
        windows.append(parse_window(f"{names} {hour:02}:{minute:02}-{hours:02}:{minutes:02}"))
    if overlap(windows) is None:
        texts = Week.of(windows).texts()
        assert Week.of(map(parse_window, texts)) == Week.of(windows)
        assert overlap(list(map(parse_window, texts))) is None


def test_windows_of_the_same_hours_are_written_as_one() -> None:
    week = Week.of(map(parse_window, ("Sat 22:00-06:00", "Mon-Wed 08:00-12:00", "Wed 12:00-24:00")))
    assert week.texts() == ("Mon,Tue 08:00-12:00", "Wed 08:00-24:00", "Sat 22:00-06:00")
