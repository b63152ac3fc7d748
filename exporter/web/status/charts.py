"""Small charts as SVG paths: an unknown value is a gap, never a line to 0. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from exporter.history import MAX_ANSWERS

WIDTH_UNITS, HEIGHT_UNITS = 120.0, 28.0
"""The size of the drawing in units of its own; the page stretches it."""

_MIN_POLLS = 12
_GAP_INTERVALS = 2.5
"""For so long an answer must be missing to make a gap."""

_TOP_MARGIN_UNITS = 2.0


@dataclass(frozen=True, slots=True)
class Chart:
    """One line over time.

    `line` and `area` are SVG paths, `dots` are points with a gap on both sides. `on` and `off` are the spans
    (start, width) in which the campaign was started and stopped. `low` and `high` are values that are drawn,
    None without any; `span` is the time from left to right in seconds. What is so now it does not tell: the
    last value may be too old.
    """

    line: str
    area: str
    dots: tuple[tuple[float, float], ...]
    on: tuple[tuple[float, float], ...]
    off: tuple[tuple[float, float], ...]
    low: float | None
    high: float | None
    span: float


def chart(
    at: Sequence[float],
    values: Sequence[float | None],
    running: Sequence[bool | None],
    *,
    now: float,
    interval: float,
) -> Chart:
    """Return the chart of values at Unix times, polled every `interval` seconds, up to `now`.

    `running` may be empty.
    """
    span = min(max(now - at[0] if at else 0.0, _MIN_POLLS * interval), MAX_ANSWERS * interval)
    begin = now - span

    def x(time: float) -> float:
        return round(max(time - begin, 0.0) / span * WIDTH_UNITS, 1)

    drawn = [(time, value) for time, value in zip(at, values, strict=True) if time >= begin]
    known = [value for _, value in drawn if value is not None]
    high = max(known, default=None)

    def y(value: float) -> float:
        return round(HEIGHT_UNITS - (HEIGHT_UNITS - _TOP_MARGIN_UNITS) * (value / high if high else 0.0), 1)

    gap = _GAP_INTERVALS * interval
    pieces = [[(x(time), y(value)) for time, value in piece] for piece in _pieces(drawn, gap)]
    lines = [piece for piece in pieces if len(piece) > 1]
    states = [(time, state) for time, state in zip(at, running, strict=False) if time >= begin]
    spans = list(_spans(states, interval, now))
    return Chart(
        line="".join(_path(piece) for piece in lines),
        area="".join(f"{_path(piece)}V{HEIGHT_UNITS:g}H{piece[0][0]:g}Z" for piece in lines),
        dots=tuple(piece[0] for piece in pieces if len(piece) == 1),
        on=tuple((x(start), round(x(end) - x(start), 1)) for start, end, state in spans if state),
        off=tuple((x(start), round(x(end) - x(start), 1)) for start, end, state in spans if not state),
        low=min(known, default=None),
        high=high,
        span=span,
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    (x, y), *rest = points
    return f"M{x:g} {y:g}" + "".join(f"L{x:g} {y:g}" for x, y in rest)


def _pieces(
    drawn: Sequence[tuple[float, float | None]], longest: float
) -> Iterator[list[tuple[float, float]]]:
    """Yield the pieces of a line, which is cut at unknown values and where answers are missing."""
    piece: list[tuple[float, float]] = []
    for time, value in drawn:
        if piece and (value is None or time - piece[-1][0] > longest):
            yield piece
            piece = []
        if value is not None:
            piece.append((time, value))
    if piece:
        yield piece


def _spans(
    states: Sequence[tuple[float, bool | None]], interval: float, now: float
) -> Iterator[tuple[float, float, bool]]:
    """Yield spans (start, end, state) of known states: until the next answer, but no longer than a gap."""
    current: tuple[float, float, bool] | None = None
    for (time, state), (following, _) in pairwise([*states, (now, None)]):
        end = min(following, time + _GAP_INTERVALS * interval)
        if state is None:
            continue
        if current and current[2] is state and time <= current[1]:
            current = (current[0], end, state)
            continue
        if current:
            yield current
        current = (time, end, state)
    if current:
        yield current
