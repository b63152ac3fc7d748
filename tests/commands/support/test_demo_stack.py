"""What a newcomer reads in the terminal while an alert fires and resolves."""

import re

import pytest
import requests

from exporter.commands.support.demo_stack import pager

SAID = "Campaign A (1) is stopped."


@pytest.mark.parametrize(
    ("status", "line"),
    [("firing", f"FIRING    Stopped: {SAID}"), ("resolved", f"RESOLVED  Stopped, which said: {SAID}")],
)
def test_a_page_is_a_line(status: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    alert = {"status": status, "labels": {"alertname": "Stopped"}, "annotations": {"description": SAID}}
    with pager() as url, requests.Session() as session:
        session.trust_env = False
        assert session.post(url, json={"alerts": [alert]}, timeout=60).status_code == 204
    assert re.fullmatch(rf"  \d\d:\d\d:\d\d  {re.escape(line)}\n", capsys.readouterr().out)
