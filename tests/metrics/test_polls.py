from exporter.clock import Moment
from exporter.families import MetricType, Value
from exporter.metrics.polls import POLL_FAMILIES
from exporter.polling import first_snapshot
from exporter.snapshot import PollStatus
from support.fakes import make_operation

FIRST = first_snapshot(make_operation()).polls


def read(status: PollStatus) -> dict[str, Value | None]:
    return {family.name: value(status) for family, value in POLL_FAMILIES}


def test_before_the_first_poll_nothing_is_claimed_and_every_counter_is_zero() -> None:
    figures = read(FIRST["campaigns"])
    gauges = {f.name for f, _ in POLL_FAMILIES if f.metric_type is MetricType.GAUGE} - {
        "wolkvox_poll_interval_seconds"
    }
    assert {name for name, value in figures.items() if value is None} == gauges
    assert figures["wolkvox_poll_interval_seconds"] == 300
    assert figures["wolkvox_requests_total"] == 0
    assert figures["wolkvox_request_failures_total"] == {
        (cause,): 0
        for cause in (
            "auth", "quota", "concurrency", "forbidden", "timeout", "connection",
            "tls", "http_status", "redirect", "too_large", "decode", "shape",
        )
    }  # fmt: skip
    assert figures["wolkvox_polls_skipped_total"] == {("quota",): 0, ("overlap",): 0, ("lease",): 0}
    assert figures["wolkvox_rows_discarded_total"] == {("duplicate",): 0, ("shape",): 0, ("limit",): 0}


def test_every_api_starts_the_counters_of_its_fields() -> None:
    fields = {
        api: {own[0] for own in figures}
        for api, status in FIRST.items()
        if isinstance(figures := read(status)["wolkvox_field_errors_total"], dict)
    }
    assert {"status", "busy/congestion/failed", "hits", "campaign"} <= fields["campaigns"]
    assert {"status", "last_use", "dial_mode", "turbo_dial"} <= fields["campaign_settings"]
    assert fields["token_info"] == {"token_limit", "all_token_today"}
    assert {"no_answer", "failed", "total_machine_recognitions"} <= fields["machine_codes"]


def test_what_is_known_of_the_last_poll() -> None:
    status = PollStatus(
        interval=300,
        up=False,
        last_attempt=Moment(2000, 20),
        last_success=Moment(1000, 10),
        duration=0.5,
        rows=3,
        bytes=99,
        requests=7,
    )
    figures = read(status)
    assert {name: value for name, value in figures.items() if isinstance(value, float | int)} == {
        "wolkvox_up": 0,
        "wolkvox_last_success_timestamp_seconds": 1000,
        "wolkvox_last_attempt_timestamp_seconds": 2000,
        "wolkvox_poll_interval_seconds": 300,
        "wolkvox_poll_duration_seconds": 0.5,
        "wolkvox_response_rows": 3,
        "wolkvox_response_bytes": 99,
        "wolkvox_requests_total": 7,
    }
