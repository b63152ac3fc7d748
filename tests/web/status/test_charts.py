import re

from hypothesis import given
from hypothesis import strategies as st

from exporter.web.status.charts import HEIGHT_UNITS, WIDTH_UNITS, chart

NOW = 1_000_000.0


def at(*minutes: float) -> list[float]:
    return [NOW - 60 * m for m in minutes]


def drawn(times: list[float], values: list[float | None], running: list[bool | None] | None = None) -> object:
    return chart(times, values, running or [], now=NOW, interval=300)


def test_nothing_known_is_nothing_drawn() -> None:
    for times, values in (([], []), (at(10, 5, 0), [None, None, None])):
        found = chart(times, values, [], now=NOW, interval=300)
        assert (found.line, found.area, found.dots, found.on, found.off) == ("", "", (), (), ())
        assert (found.low, found.high) == (None, None)


def test_a_line_from_left_to_right_up_to_the_highest() -> None:
    found = chart(at(60, 30, 0), [0.0, 5.0, 10.0], [], now=NOW, interval=1800)
    # Twelve intervals are shown at the least.
    assert found.span == 12 * 1800
    found = chart(at(60, 55, 50), [0.0, 5.0, 10.0], [], now=NOW, interval=300)
    assert found.line == "M0 28L10 15L20 2"
    assert found.area == "M0 28L10 15L20 2V28H0Z"
    assert (found.low, found.high, found.span) == (0, 10, 3600)


def test_what_is_not_known_is_a_gap() -> None:
    found = chart(at(25, 20, 15, 10, 5), [4.0, 4.0, None, 4.0, 4.0], [], now=NOW, interval=300)
    assert found.line.count("M") == found.area.count("Z") == 2


def test_where_answers_are_missing_is_a_gap() -> None:
    found = chart(at(40, 35, 20, 15), [4.0, 4.0, 4.0, 4.0], [], now=NOW, interval=300)
    assert found.line.count("M") == 2
    # One missed poll is not: the next one tells much the same.
    assert chart(at(40, 30, 20), [4.0, 4.0, 4.0], [], now=NOW, interval=300).line.count("M") == 1


def test_an_answer_between_gaps_is_a_dot() -> None:
    found = chart(at(30, 15, 5), [None, 4.0, None], [], now=NOW, interval=300)
    assert (found.line, found.dots) == ("", ((90.0, 2.0),))


def test_all_zero_lies_on_the_ground() -> None:
    found = chart(at(5, 0), [0.0, 0.0], [], now=NOW, interval=300)
    assert set(re.findall(r" ([\d.]+)", found.line)) == {f"{HEIGHT_UNITS:g}"}
    assert (found.low, found.high) == (0, 0)


def test_started_and_stopped_are_told_apart_and_unknown_is_neither() -> None:
    found = chart(
        at(60, 55, 50, 45, 40, 35), [None] * 6, [True, True, False, None, True, True], now=NOW, interval=300
    )
    # The last answer holds for a gap's length, not up to now.
    assert found.on == ((0.0, 20.0), (80 / 2, 35.0))
    assert found.off == ((20.0, 10.0),)


def test_the_oldest_are_left_out() -> None:
    found = chart([NOW - 86400 * 3, NOW - 300, NOW], [1000.0, 1.0, 2.0], [True] * 3, now=NOW, interval=300)
    assert found.span == 96 * 300
    assert found.high == 2
    assert len(found.on) == 1


@given(
    st.lists(
        st.tuples(st.floats(0, 1e5), st.none() | st.floats(0, 1e9), st.none() | st.booleans()), max_size=60
    ),
    st.floats(1, 4000),
)
def test_every_drawing_stays_in_its_frame(
    points: list[tuple[float, float | None, bool | None]], interval: float
) -> None:
    points.sort(key=lambda point: -point[0])
    found = chart(
        [NOW - age for age, _, _ in points],
        [value for _, value, _ in points],
        [state for _, _, state in points],
        now=NOW,
        interval=interval,
    )
    numbers = re.findall(r"[ML](\S+) ([^MLVH]+)", found.line)
    for x, y in [*((float(x), float(y)) for x, y in numbers), *found.dots]:
        assert 0 <= x <= WIDTH_UNITS
        assert 0 <= y <= HEIGHT_UNITS
    for x, width in (*found.on, *found.off):
        assert x >= 0
        assert width >= 0
        assert x + width <= WIDTH_UNITS + 0.2
    assert "nan" not in f"{found}"
