import time
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.operators import lookups
from exporter.operators.lookups import (
    MAX_AGE_SECONDS,
    LookupResult,
    Subject,
    cache_path,
    look_up,
    open_cache,
    remove_cache,
    remove_stale_caches,
    removing_stale_caches,
)
from exporter.wolkvox import Cause, RequestFailed
from operators.conftest import Bench
from support.fakes import FakeClock
from support.mischief import Fault
from support.waiting import until

MakeBench = Callable[..., Bench]
MEN = [Subject(customer=f"FAKE-00000{number:06d}") for number in range(5)]
NOBODY = Subject(phone="5559999999")


def run(bench: Bench, clock: FakeClock, subjects: list[Subject]) -> list[LookupResult]:
    path = cache_path(*bench.place)
    with open_cache(path, lambda: clock.wall) as book:
        return list(look_up(bench.client, book, "4875", subjects))


def test_answers_are_kept_and_not_asked_for_again(bench: MakeBench) -> None:
    b, clock = bench(), FakeClock()
    found = run(b, clock, [*MEN, NOBODY])
    assert [len(one.records) for one in found] == [1, 1, 1, 1, 1, 0]
    assert found[0].records[0].customer_id == MEN[0].customer
    assert run(b, clock, [*MEN, NOBODY]) == found
    assert len(b.simulator.requests) == 6
    path = cache_path(*b.place)
    assert path.stat().st_mode & 0o777 == 0o600
    clock.advance(MAX_AGE_SECONDS)
    assert run(b, clock, MEN[:1]) == found[:1]
    assert len(b.simulator.requests) == 7
    assert remove_cache(path)
    assert not remove_cache(path)


def test_a_telephone_and_a_customer_of_the_same_digits_are_two(bench: MakeBench) -> None:
    b = bench()
    run(b, FakeClock(), [Subject(phone="5"), Subject(customer="5")])
    assert len(b.simulator.requests) == 2


def test_one_failure_is_told_and_the_list_goes_on(bench: MakeBench) -> None:
    b, clock = bench(), FakeClock()
    b.simulator.faults.set(Fault("http_status", times=1, status=500), api="find_record")
    found = run(b, clock, MEN)
    assert [bool(one.failure) for one in found] == [True, False, False, False, False]
    assert MEN[0].customer not in found[0].failure
    assert run(b, clock, MEN)[0].records
    assert len(b.simulator.requests) == len(MEN) + 1


@pytest.mark.parametrize(
    ("fault", "cause", "asked"),
    [(Fault("http_status", status=500), Cause.HTTP_STATUS, 3), (Fault("bad_token"), Cause.AUTH, 1)],
)
def test_failures_that_go_on_end_the_list(bench: MakeBench, fault: Fault, cause: Cause, asked: int) -> None:
    b, clock = bench(), FakeClock()
    run(b, clock, MEN[:1])
    b.simulator.faults.set(fault, api="find_record")
    with pytest.raises(RequestFailed) as caught:
        run(b, clock, MEN)
    assert caught.value.cause is cause
    assert len(b.simulator.requests) == 1 + asked


def test_damaged_lines_are_as_good_as_none(bench: MakeBench, tmp_path: Path) -> None:
    b, clock = bench(), FakeClock()
    path = cache_path(*b.place)
    path.parent.mkdir(parents=True)
    path.write_text('{"at": "x", "asked": "customer FAKE-00000000000", "rows": []}\n{"at": 1}\n')
    (found,) = run(b, clock, MEN[:1])
    assert len(found.records) == 1
    assert "FAKE" not in repr(found)
    assert tmp_path in path.parents


def test_what_nobody_has_come_back_to_is_removed(bench: MakeBench) -> None:
    b, clock = bench(), FakeClock(wall=time.time())
    run(b, clock, MEN[:1])
    path = cache_path(*b.place)
    remove_stale_caches(b.folder, clock.wall)
    assert path.exists()
    with open_cache(path, lambda: clock.wall):
        remove_stale_caches(b.folder, clock.wall + MAX_AGE_SECONDS + 60)
        assert path.exists()
    remove_stale_caches(b.folder, clock.wall + MAX_AGE_SECONDS + 60)
    assert not path.exists()
    remove_stale_caches(b.folder / "none", clock.wall)


def test_the_exporter_removes_them_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "_REMOVAL_INTERVAL_SECONDS", 0.01)
    clock = FakeClock(wall=time.time())
    path = tmp_path / "lookups-a.jsonl"
    path.write_text("{}\n")
    with removing_stale_caches(tmp_path, lambda: clock.wall):
        # What a clock that was far ahead has dated goes too.
        for wall in (clock.wall + MAX_AGE_SECONDS + 60, clock.wall - MAX_AGE_SECONDS - 60):
            path.write_text("{}\n")
            clock.wall = wall
            until(lambda: not path.exists(), 30, "the removal")
            clock.wall = time.time()
    path.write_text("{}\n")
    clock.wall += MAX_AGE_SECONDS + 60
    assert path.exists()
