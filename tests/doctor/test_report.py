"""What the doctor says, for people and for programs."""

import json

from exporter.doctor import Check, Examination, Grade
from exporter.doctor.report import as_json, as_text

EXAMINATIONS = [
    Examination(
        "ventas",
        [
            Check(Grade.GOOD, "token", "wolkvox accepts it"),
            Check(Grade.ODD, "schedules", "1 of 1 campaigns have no schedule: \x1b[31mX", "add them"),
        ],
        {"campaigns": {"speed": {f"N{'%' * number}": number for number in range(1, 8)}}},
    ),
    Examination("cobro", [Check(Grade.WRONG, "address", "not found", "check it")], {}),
]


def test_text_has_a_line_for_each_check_and_the_summary_last() -> None:
    assert list(as_text(EXAMINATIONS)) == [
        "ventas",
        "  how campaigns writes its values (N: digits, a: letters; in how many rows)",
        "    speed  `N%%%%%%%` 7, `N%%%%%%` 6, `N%%%%%` 5, `N%%%%` 4, `N%%%` 3, and 2 more",
        "  good   token      wolkvox accepts it",
        "  odd    schedules  1 of 1 campaigns have no schedule: \ufffd[31mX",
        "                    -> add them",
        "",
        "cobro",
        "  wrong  address  not found",
        "                  -> check it",
        "",
        "1 good, 1 odd, 1 wrong",
    ]


def test_json_says_the_same() -> None:
    document = json.loads(as_json(EXAMINATIONS))
    assert document["summary"] == {"good": 1, "odd": 1, "wrong": 1}
    assert [one["name"] for one in document["operations"]] == ["ventas", "cobro"]
    assert document["operations"][1]["checks"] == [
        {"grade": "wrong", "subject": "address", "text": "not found", "advice": "check it"}
    ]
    assert document["operations"][0]["forms"]["campaigns"]["speed"]["N%"] == 1
