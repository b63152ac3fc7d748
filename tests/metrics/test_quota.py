from exporter.metrics.quota import QUOTA_FAMILIES
from exporter.snapshot import Usage


def read(usage: Usage, wall: float) -> dict[str, float | None]:
    return {family.name: value(usage, wall) for family, value in QUOTA_FAMILIES}


def test_limit_budget_and_use_of_today() -> None:
    usage = Usage("2026-08-12", ends=5000, own_count=7, others_count=113.0, limit=25000, budget=12500)
    assert read(usage, 4999) == {
        "wolkvox_quota_limit_requests": 25000,
        "wolkvox_quota_budget_requests": 12500,
        "wolkvox_quota_used_requests": 120,
    }


def test_an_unknown_limit_is_no_sample() -> None:
    usage = Usage("2026-08-12", ends=5000, own_count=7)
    assert read(usage, 1) == {
        "wolkvox_quota_limit_requests": None,
        "wolkvox_quota_budget_requests": None,
        "wolkvox_quota_used_requests": 7,
    }


def test_after_midnight_nothing_was_used_yet() -> None:
    usage = Usage("2026-08-12", ends=5000, own_count=7, others_count=113.0, limit=25000)
    assert read(usage, 5000)["wolkvox_quota_used_requests"] == 0
