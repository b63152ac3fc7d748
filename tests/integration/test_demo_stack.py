"""A newcomer's two minutes: an alert fires before their eyes, and nothing is left when they stop."""

import re
import signal
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests

from support.exporter import STARTS_WITHIN, exporter
from support.processes import running
from support.programs import program
from support.waiting import until

pytestmark = pytest.mark.integration


def ask(method: str, url: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url, timeout=30)


def answers(url: str) -> bool:
    try:
        return ask("GET", url).ok
    except requests.ConnectionError:
        return False


def test_a_staged_incident_pages_and_resolves_and_the_stop_is_clean(tmp_path: Path) -> None:
    program("prometheus")
    program("prometheus-alertmanager")
    (tmp_path / "tmp").mkdir()
    env = {"TMPDIR": str(tmp_path / "tmp")}
    with exporter("demo", tmp_path, "--stack", "--operations=1", "--time-factor=60", env=env) as demo:
        out = demo.process.stdout
        found = dict(
            re.findall(r"^  (Prometheus|Alertmanager) +(http://\S+/)", out.read_text(), re.MULTILINE)
        )
        assert set(found) == {"Prometheus", "Alertmanager"}
        assert "In this call centre it is Wednesday 10:00." in out.read_text()
        for url in found.values():
            until(partial(answers, f"{url}-/ready"), 60, url)
        until(lambda: demo.get("/-/ready").status_code == 200, 60, "all polls")
        stage = re.findall(r"http://\S+/_simulator/stage", out.read_text())[0]
        for incident in ("campaign-stopped&campaign=4878", "dialing-outside-hours"):
            assert ask("POST", f"{stage}?incident={incident}").status_code == 201

        def told(kind: str, alert: str) -> re.Match[str] | None:
            return re.search(rf"^  Wed (\d\d:\d\d)  {kind} +{alert}(.*)$", out.read_text(), re.MULTILINE)

        alerts = ("WolkvoxCampaignStopped", "WolkvoxDialingOutsideHours")
        for alert in alerts:
            until(partial(told, "FIRING", alert), 180, f"the page {alert}", report=demo.process.output)
        page = told("FIRING", "WolkvoxCampaignStopped")
        assert page is not None
        assert "ventas-bogota" in page[2]
        assert "(4878)" in page[2]
        shown = datetime.fromtimestamp(demo.get("/status.json").json()["at"], ZoneInfo("America/Bogota"))
        assert f"{shown:%a %d}" == "Wed 12"
        assert len(ask("DELETE", stage).json()["ended"]) == 2
        for alert in alerts:
            until(partial(told, "RESOLVED", alert), 180, f"the end of {alert}", report=demo.process.output)
        assert demo.process.stop() == 0
        assert demo.process.stderr.read_text() == ""
        assert not any(answers(url) for url in found.values())
        assert list((tmp_path / "tmp").iterdir()) == []


def test_a_demo_that_is_killed_takes_its_servers_along(tmp_path: Path) -> None:
    for name in ("prometheus", "prometheus-alertmanager", "setpriv"):
        program(name)
    with exporter("demo", tmp_path, "--stack", env={"TMPDIR": str(tmp_path)}) as demo:
        out = demo.process.stdout.read_text()
        urls = re.findall(r"^  (?:Prometheus|Alertmanager) +(http://\S+/)", out, re.MULTILINE)
        assert len(urls) == 2
        for url in urls:
            until(partial(answers, f"{url}-/ready"), 60, url)
        demo.process.stop(signal.SIGKILL)
        until(lambda: not any(answers(url) for url in urls), 60, "the end of the servers")


def test_a_machine_without_the_programs_has_the_demo_still(tmp_path: Path) -> None:
    source = "import sys, exporter.commands.support.demo_stack as s; s.shutil.which = lambda *_, **__: None; "
    source += "from exporter.__main__ import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", source, "demo", "--stack", "--web.listen-address=127.0.0.1:0"]
    with running(command, tmp_path) as it:
        until(lambda: "Campaigns appear" in it.stdout.read_text(), STARTS_WITHIN, report=it.output)
        told = it.stdout.read_text()
        assert "Prometheus         not installed: no alerts (Debian: apt-get install prometheus)" in told
        assert "apt-get install prometheus-alertmanager)" in told
        assert it.stop() == 0
