"""What a newcomer reads in the terminal while an alert fires and resolves, and by which rules it does."""

import socket
import struct
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest
import requests
import yaml

from exporter.assets import Asset, rules
from exporter.commands.support.demo_stack import pager, simulated

LABELS = {"alertname": "Stopped", "operation": "ventas", "campaign_id": "1"}
SAID = {
    "campaign": "A",
    "since": "10:04",
    "reason": "no list",
    "description": "It is stopped.",
    "action": "Start it.",
}
WHICH = "Stopped, campaign A (1), ventas, since 10:04, no list"


def notify(*pages: list[tuple[str, Mapping[str, str], Mapping[str, str]]]) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    with pager(lambda *line: told.append(line), lambda: 0.0) as url, requests.Session() as session:
        session.trust_env = False
        for page in pages:
            alerts = [
                {"status": status, "labels": labels, "annotations": said, "fingerprint": str(labels)}
                for status, labels, said in page
            ]
            assert session.post(url, json={"alerts": alerts}, timeout=60).status_code == 204
    return told


@pytest.mark.parametrize(
    ("status", "line"), [("firing", f"{WHICH}: It is stopped. Start it."), ("resolved", WHICH)]
)
def test_a_page_is_a_line(status: str, line: str) -> None:
    assert notify([(status, LABELS, SAID)]) == [(status.upper(), line)]


def test_a_page_that_another_alert_joins_is_told_once() -> None:
    other = {**LABELS, "campaign_id": "2"}
    first, second = ("firing", LABELS, SAID), ("firing", other, SAID)
    told = notify([first], [first, second], [("resolved", LABELS, SAID), second], [first, second])
    assert [(kind, "(2)" in text) for kind, text in told] == [
        ("FIRING", False),
        ("FIRING", True),
        ("RESOLVED", False),
        ("FIRING", False),
    ]


def test_a_scrape_that_does_not_wait_for_the_answer_is_no_news(capfd: pytest.CaptureFixture[str]) -> None:
    gone = threading.Event()
    client = socket.socket()

    def reset() -> float:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        gone.set()
        return 0.0

    with pager(lambda *_line: None, reset) as url:
        address = urlsplit(url)
        client.connect((address.hostname, address.port))
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert gone.wait(60)
        for thread in threading.enumerate():
            if "process_request_thread" in thread.name:
                thread.join(60)
    assert capfd.readouterr().err == ""


def test_a_page_about_an_operation_names_no_campaign() -> None:
    labels = {"alertname": "Idle", "operation": "ventas"}
    said = {"description": "Nobody dials."}
    assert notify([("firing", labels, said)]) == [("FIRING", "Idle, ventas: Nobody dials.")]


def test_an_alert_that_says_nothing_has_its_name() -> None:
    assert notify([("firing", {"alertname": "Idle"}, {})]) == [("FIRING", "Idle:")]


def test_prometheus_is_told_the_time() -> None:
    with pager(lambda *_: None, lambda: 1_786_546_800.25) as url, requests.Session() as session:
        session.trust_env = False
        assert "\nwolkvox_demo_time_seconds 1786546800.250\n" in session.get(f"{url}metrics", timeout=60).text


def test_rules_live_by_the_simulated_clock() -> None:
    text = "expr: time() - max(x[15m] offset 1w) > -deriv(y[1h]) + 600\nfor: 10m\n"
    now = "scalar(wolkvox_demo_time_seconds + 30 * (time() - timestamp(wolkvox_demo_time_seconds)))"
    assert simulated(text, 30.0) == (
        f"expr: {now} - max(x[30s] offset 5h36m) > -(0.0333333333 * deriv(y[2m])) + 600\nfor: 20s\n"
    )


@pytest.mark.parametrize("asset", rules(), ids=lambda asset: asset.path.name)
def test_the_bundled_rules_stay_what_they_are(asset: Asset) -> None:
    text = asset.content.decode()
    assert [list(group) for group in yaml.safe_load(simulated(text, 30.0))["groups"]] == [
        list(group) for group in yaml.safe_load(text)["groups"]
    ]
