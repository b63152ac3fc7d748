"""The machine's clock is set forward and back, also during a call: polling goes on as if it were not."""

import itertools
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.state import ResilientStore
from exporter.state.sqlite import SqliteStore
from exporter.wolkvox import Call
from polling.floor import Floor
from support.fakes import FakeClock, campaigns_row

INTERVAL = 300.0
POLLS = 8
DAY = 86400.0
JUMPS = st.sampled_from([0.0, 40.0, 200.0, 1000.0, DAY, 10 * 365 * DAY]).flatmap(
    lambda seconds: st.sampled_from([seconds, -seconds])
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(between=st.lists(JUMPS, max_size=POLLS), during=st.lists(JUMPS, max_size=POLLS))
def test_no_api_is_asked_too_soon_or_forgotten(
    tmp_path: Path, between: Sequence[float], during: Sequence[float]
) -> None:
    clock = FakeClock()
    for file in tmp_path.iterdir():
        file.unlink()
    store = ResilientStore(lambda: SqliteStore(tmp_path / "state.db", lambda: clock.wall), clock, watch=False)
    floor = Floor(clock=clock, store=store)
    mid_call = iter(during)

    def answer(_call: Call) -> Sequence[object]:
        clock.wall += next(mid_call, 0.0)
        return [campaigns_row()]

    floor.vendor.answers["campaigns"] = answer
    due, jumps = clock.monotonic, iter(between)
    for _ in range(POLLS):
        clock.advance(max(due - clock.monotonic, 0.0))
        clock.wall += next(jumps, 0.0)
        due = floor.poller.poll("campaigns", 0)
        assert due <= clock.monotonic + INTERVAL
    made = floor.vendor.made("campaigns")
    assert all(gap >= INTERVAL for gap in (b - a for a, b in itertools.pairwise(made)))
    # A jump can cost an answer, whose lease it ends, and the wait for the end of that lease.
    assert clock.monotonic - made[-1] <= 2 * INTERVAL
    assert len(made) >= POLLS // 2, made
    store.close()
