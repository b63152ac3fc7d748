import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.settings.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("5m", 300),
        ("1h30m", 5400),
        ("1d", 86400),
        ("2w", 1209600),
        ("1y", 31536000),
        ("1500ms", 1.5),
        ("1h0m5s", 3605),
        ("0s", 0),
    ],
)
def test_prometheus_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "5", "m", "5 m", "-5m", "5m1h", "1h1h", "1.5h", "\u0665m", "5m\n", "five"]
)
def test_anything_else_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration such as 90s, 5m or 1h30m"):
        parse_duration(text)


def test_a_duration_beyond_every_figure_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        parse_duration("9" * 5000 + "y")


@given(st.integers(0, 10**12))
def test_what_is_written_is_read_as_the_same(milliseconds: int) -> None:
    assert round(parse_duration(format_duration(milliseconds / 1000)) * 1000) == milliseconds


@given(st.text(max_size=20))
def test_no_text_breaks_it(text: str) -> None:
    try:
        assert parse_duration(text) >= 0
    except ValueError as error:
        assert str(error)  # noqa: PT017 - a message for people
