"""What is printed can be pasted: it says the hours that were found, whatever campaigns are called."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from exporter.__main__ import main
from exporter.config import Config, load_config
from exporter.usual_hours import FloorHistory, Heading, find_usual_hours, schedules_text
from exporter.usual_hours.schedules_text import _scalar, days_text, exact_pattern, windows_of
from exporter.usual_hours.slot_sets import WEEK_SLOTS
from usual_hours.floor import BOGOTA, MONDAY, history, minutes_of, on_weekdays, week

OPERATION = "operations:\n  - name: ventas\n    server: '0042'\n    token: invented-token\n"
LUNCH = on_weekdays("08:00-12:00", "13:00-18:00", saturday=("09:00-13:00",))
HEADING = Heading("ventas", "America/Bogota", MONDAY, date(2026, 8, 30), country="CO")
HOSTILE = (
    "it's",
    '"quoted"',
    "# no comment",
    "key: value",
    "two\nlines\r\nand\ttabs",
    "[a-z]+(x|y)*{3}.?$^\\d\\",
    "📞 emoji 👩‍👩‍👧",
    "- item",
    "{}",
    "~",
    "null",
    "4875",
    "*alias &anchor !tag",
    "%percent @at `tick`",
    " blanks around ",
    "x" * 1000,
    "control \x00\x07\x1b[31m\x7f\x85\xa0\u2028\ufeff",
    "ÑANDÚ ñandú",
    "e\u0301",
    "---",
)


def text_of(made: FloorHistory, heading: Heading = HEADING) -> str:
    return schedules_text(heading, find_usual_hours(made, BOGOTA))


def pasted(folder: Path, text: str) -> Config:
    """Return the configuration with the text under its operation; the real check-config has accepted it."""
    file = folder / "config.yaml"
    file.write_text(OPERATION + text, encoding="utf-8")
    assert main(["check-config", f"--config.file={file}"]) == 0
    return load_config(file)


def test_a_whole_entry() -> None:
    made = history({"1": LUNCH, "2": LUNCH, "3": on_weekdays()})
    assert text_of(made).splitlines() == [
        "# operation ventas, by its own clock (America/Bogota)",
        "# 28 days of 2026-08-03 to 2026-08-30 count, 0 left out",
        "# paste this under the operation in config.yaml, then run check-config; see docs/schedules.md",
        "# `permitted` is a matter of law, not of habit: see the presets in docs/laws.md",
        "    schedules:",
        "      # 2 campaigns",
        "      #   Mon-Fri: 20 days; first calls 08:00 to 08:00, last 18:00 to 18:00",
        "      #   Sat: 4 days; first calls 09:00 to 09:00, last 13:00 to 13:00",
        "      #      00    03    06    09    12    15    18    21    # usual  - at times  . not",
        "      # Mon  ................########..##########............",
        "      # Tue  ................########..##########............",
        "      # Wed  ................########..##########............",
        "      # Thu  ................########..##########............",
        "      # Fri  ................########..##########............",
        "      # Sat  ..................########......................",
        "      # Sun  ................................................",
        "      - campaigns:",
        "          - 'C 1'",
        "          - 'C 2'",
        "        expected:",
        '          - "Mon-Fri 08:00-12:00"',
        '          - "Mon-Fri 13:00-18:00"',
        '          - "Sat 09:00-13:00"',
        '        # holidays: "CO" # if the floor rests on public holidays',
        "# could not decide:",
        "#   3 C 3: never started",
    ]


def test_check_config_accepts_what_is_pasted_whatever_campaigns_are_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = history({str(number): LUNCH for number, _ in enumerate(HOSTILE, start=9001)}, days=15)
    for one, name in zip(made.campaigns, HOSTILE, strict=True):
        one.name = name
    (schedule,) = pasted(tmp_path, text_of(made)).operations[0].schedules
    assert schedule.expected is not None
    assert schedule.expected.minutes() == week(
        "Mon-Fri 08:00-12:00", "Mon-Fri 13:00-18:00", "Sat 09:00-13:00"
    )
    assert [name for name in HOSTILE if not schedule.matches("", name)] == []
    assert [
        name for name in HOSTILE if schedule.matches("", f"{name}x") or schedule.matches("", f"x{name}")
    ] == []
    capsys.readouterr()


def test_hostile_names_of_undecided_campaigns_and_operations_stay_in_their_comments() -> None:
    made = history({str(number): on_weekdays() for number, _ in enumerate(HOSTILE)}, days=15)
    for one, name in zip(made.campaigns, HOSTILE, strict=True):
        one.name = name
    text = text_of(made, Heading("an\nop: x # \x1b[31m", "America/Bogota", MONDAY, MONDAY))
    assert all(line.startswith("#") and line.isprintable() for line in text.splitlines())
    assert text.count("\n") == len(text.splitlines())
    assert "schedules:" not in text


def test_a_history_that_begins_late_is_told() -> None:
    made = history({"1": LUNCH}, outages=[(MONDAY, "00:00-24:00")])
    assert "#   the history begins on 2026-08-04" in text_of(made).splitlines()
    assert "history begins" not in text_of(history({"1": LUNCH}))


def test_many_undecided_campaigns_are_counted() -> None:
    made = history({str(number): on_weekdays() for number in range(60)}, days=15)
    assert text_of(made).endswith("#   and 40 more: never started\n")


def test_holidays_are_named_where_the_floor_rested_on_them(tmp_path: Path) -> None:
    holiday = date(2026, 8, 17)
    made = history({"1": lambda day: () if day == holiday else LUNCH(day)})
    text = schedules_text(HEADING, find_usual_hours(made, BOGOTA, [holiday]))
    assert "#   left out: 2026-08-17: a public holiday on which the floor did not work\n" in text
    (schedule,) = pasted(tmp_path, text).operations[0].schedules
    assert schedule.holidays is not None
    assert schedule.holidays.code == "CO"


def test_operations_that_have_schedules_are_told() -> None:
    heading = Heading("ventas", "America/Bogota", MONDAY, MONDAY, has_schedules=True)
    assert "the first that matches counts" in text_of(history({"1": LUNCH}, days=15), heading)


def test_nothing_says_what_is_permitted() -> None:
    entry = yaml.safe_load(text_of(history({"1": LUNCH}, days=15)))["schedules"][0]
    assert set(entry) == {"campaigns", "expected"}


@given(st.sets(st.tuples(st.integers(0, WEEK_SLOTS - 1), st.integers(1, 600)), max_size=12))
def test_windows_are_the_slots(stretches: set[tuple[int, int]]) -> None:
    slots = 0
    for first, length in stretches:
        for slot in range(first, first + length):
            slots |= 1 << slot % WEEK_SLOTS
    minutes = sum(31 << slot * 5 for slot in range(WEEK_SLOTS) if slots >> slot & 1)
    assert minutes_of(slots) == minutes


def test_nights_are_one_window_unless_they_are_too_long() -> None:
    def slots(*windows: str) -> int:
        minutes = week(*windows)
        return sum(1 << slot for slot in range(WEEK_SLOTS) if minutes >> slot * 5 & 1)

    assert windows_of(slots("Sun 22:00-06:00", "Fri 22:00-06:00")) == ["Fri,Sun 22:00-06:00"]
    assert windows_of(slots("Fri 20:00-24:00", "Sat 00:00-10:00")) == ["Fri 20:00-24:00", "Sat 00:00-10:00"]
    assert windows_of(slots("Mon-Sun 00:00-24:00")) == ["Mon-Sun 00:00-24:00"]
    assert windows_of(0) == []


def test_days_are_named_as_people_do() -> None:
    assert [days_text(days) for days in ([0], [5, 6], [0, 1, 2], [0, 2, 4], [0, 1, 2, 4, 5, 6])] == [
        "Mon",
        "Sat,Sun",
        "Mon-Wed",
        "Mon,Wed,Fri",
        "Mon-Wed,Fri-Sun",
    ]


@given(st.text(max_size=30))
def test_a_pattern_matches_its_text_alone(text: str) -> None:
    pattern = re.compile(exact_pattern(text), re.DOTALL)
    assert pattern.fullmatch(text)
    assert not pattern.fullmatch(text + "x")


@given(st.text())
def test_any_text_is_read_from_yaml_as_it_was(text: str) -> None:
    assert yaml.safe_load(f"- {_scalar(text)}\n") == [text]


def test_patterns_stay_readable() -> None:
    assert exact_pattern("VENTAS HOGAR - Región #1 & más") == "VENTAS HOGAR - Región #1 & más"
    assert exact_pattern("OFERTA (50%)") == r"OFERTA \(50%\)"
