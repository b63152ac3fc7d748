"""Schedules in config.yaml: what is understood, and what is refused with its path."""

from datetime import date
from pathlib import Path

import pytest

from exporter.config import ConfigError, load_config
from exporter.schedules import LEY_2300, PRESETS, Calendar, Schedule, Week, parse_window

HEAD = """
operations:
  - server: "0042"
    token: fake-token
    schedules:
"""


def schedules(folder: Path, text: str) -> tuple[Schedule, ...]:
    file = folder / "config.yaml"
    file.write_text(HEAD + text)
    return load_config(file).operations[0].schedules


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        schedules(folder, text)
    return [str(problem).removeprefix("operations[0].schedules") for problem in refused.value.problems]


def test_a_whole_schedule_is_understood(tmp_path: Path) -> None:
    (schedule,) = schedules(
        tmp_path,
        """
      - campaigns: ["VENTAS.*", "4875"]
        expected: ["Mon-Fri 08:00-12:00", "Mon-Fri 13:00-18:00"]
        permitted: ["Mon-Fri 07:00-19:00"]
        holidays: CO
        except_dates: ["2026-12-24", 2026-12-31]
""",
    )
    assert schedule.matches("1", "VENTAS NORTE")
    assert schedule.expected == Week.of(
        [parse_window("Mon-Fri 08:00-12:00"), parse_window("Mon-Fri 13:00-18:00")]
    )
    assert schedule.permitted == Week.of([parse_window("Mon-Fri 07:00-19:00")])
    assert schedule.holidays == Calendar("CO")
    assert schedule.except_dates == {date(2026, 12, 24), date(2026, 12, 31)}


def test_the_preset_brings_its_holidays(tmp_path: Path) -> None:
    (schedule,) = schedules(tmp_path, '      - {campaigns: [".*"], permitted: ley-2300}')
    assert schedule.permitted == Week.of(LEY_2300.windows)
    assert schedule.holidays == Calendar("CO")
    assert schedule.expected is None


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_may_stand_alone(tmp_path: Path, name: str) -> None:
    (schedule,) = schedules(tmp_path, f'      - {{campaigns: [".*"], permitted: {name}}}')
    assert schedule.permitted == Week.of(PRESETS[name].windows)
    assert schedule.holidays == PRESETS[name].calendar
    assert schedule.preset == name


@pytest.mark.parametrize(
    ("preset", "holidays"),
    [
        ("ley-2300", "CO"),
        ("es-comercial", "ES-MD"),
        ("br-sp-cobranza", "BR-SP"),
        ("mx-cobranza", "MX"),  # has none of its own
        ("us-tcpa", "US-FL"),
    ],
)
def test_beside_a_preset_its_country_or_a_region_of_it_may_stand(
    tmp_path: Path, preset: str, holidays: str
) -> None:
    (schedule,) = schedules(
        tmp_path, f'      - {{campaigns: [".*"], permitted: {preset}, holidays: {holidays}}}'
    )
    assert schedule.holidays == Calendar(holidays)
    assert schedule.preset == preset


def test_without_schedules_there_are_none(tmp_path: Path) -> None:
    assert schedules(tmp_path, "      []") == ()


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ('expected: ["Mon-Fri 18:00-08:00"]', "[0].expected[0]: 'Mon-Fri 18:00-08:00' ends before it starts"),
        ('expected: ["Fry 08:00-12:00"]', "[0].expected[0]: unknown day 'Fry'"),
        ("expected: [5]", "[0].expected[0]: a window such as 'Mon-Fri 08:00-12:00' is expected"),
        ('expected: "Mon 08:00-12:00"', "[0].expected: a list is expected"),
        (
            'expected: ["Mon-Fri 08:00-12:00", "Fri 11:00-13:00"]',
            "[0].expected: 'Fri 11:00-13:00' overlaps 'Mon-Fri 08:00-12:00'",
        ),
        (
            'permitted: ["Fri 22:00-02:00", "Sat 01:00-03:00"]',
            "[0].permitted: 'Sat 01:00-03:00' overlaps 'Fri 22:00-02:00'",
        ),
        (
            'permitted: [ley-2300, "Sun 08:00-12:00"]',
            "[0].permitted[0]: the preset ley-2300 stands alone",
        ),
        ("expected: [ley-2300]", "[0].expected[0]: the preset ley-2300 stands alone"),
        ("permitted: ley-9999", "[0].permitted: unknown preset 'ley-9999'"),
        ("permitted: ley-2300\n        holidays: MX", "[0].holidays: ley-2300 brings the holidays of CO"),
        (
            "permitted: br-sp-cobranza\n        holidays: BR",
            "[0].holidays: br-sp-cobranza brings the holidays of BR-SP: beside it only BR-SP or a region",
        ),
        (
            "permitted: br-sp-cobranza\n        holidays: CO",
            "[0].holidays: br-sp-cobranza brings the holidays of BR-SP: beside it only BR-SP or a region",
        ),
        (
            "permitted: us-tcpa\n        holidays: CO",
            "[0].holidays: us-tcpa is for US: beside it only US or a region of it may stand",
        ),
        ("permitted: es-comercial\n        holidays: ES-ZZ", "[0].holidays: unknown country 'ES-ZZ'"),
        ("permitted: [pe-cobranza]", "[0].permitted[0]: the preset pe-cobranza stands alone"),
        (
            "permitted: PE-Cobranza",
            "[0].permitted: unknown preset 'PE-Cobranza': use a list of windows, or one of ley-",
        ),
        (
            'permitted: cl-cobranza\n        expected: ["Sun 09:00-10:00"]',
            "[0].expected: 'Sun 09:00-10:00' is expected but not permitted from Sun 09:00 on",
        ),
        (
            'permitted: ley-2300\n        expected: ["Sat 09:00-16:00"]',
            "[0].expected: 'Sat 09:00-16:00' is expected but not permitted from Sat 15:00 on",
        ),
        ("holidays: XX", "[0].holidays: unknown country 'XX'"),
        ("holidays: NO", "[0].holidays: a country code in quotes"),  # YAML takes Norway for a boolean
        ('except_dates: ["2026-02-30"]', "[0].except_dates[0]: a date such as 2026-12-24 is expected"),
        ("except_dates: [2026-12-24 10:00:00]", "[0].except_dates[0]: a date such as"),
        ("expectd: []", "[0].expectd: unknown key (did you mean expected?)"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_path(tmp_path: Path, entry: str, expected: str) -> None:
    (problem,) = problems(tmp_path, f'      - campaigns: [".*"]\n        {entry}\n')
    assert problem.startswith(expected)


def test_a_schedule_names_campaigns_and_all_problems_are_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, '      - {campaigns: ["("], holidays: XX}\n      - {expected: ["Mon"]}\n')
    assert [problem.partition(":")[0] for problem in found] == [
        "[0].campaigns[0]",
        "[0].holidays",
        "[1].campaigns",
        "[1].expected[0]",
    ]
