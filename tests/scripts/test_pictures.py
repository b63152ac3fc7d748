"""scripts/pictures: what is chosen, what the stand-in for Grafana answers, and a picture of a page."""

import json
import re
import struct
from pathlib import Path
from typing import Any

import pytest
import requests

from scripts.pictures import alerts
from scripts.pictures.__main__ import main
from scripts.pictures.grafana import Frontend, FrontendError, Grafana
from scripts.pictures.histories import SITUATIONS
from scripts.pictures.plan import PICTURES
from scripts.pictures.queries import interpolated, legend
from support import boards
from support.history import Recorder

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
UIDS = {boards.board(name)["uid"] for name in boards.NAMES}


def test_every_picture_of_the_documents_is_planned_and_no_other() -> None:
    assert sorted(picture.name for picture in PICTURES) == sorted(file.stem for file in IMAGES.glob("*.png"))
    assert {picture.situation for picture in PICTURES} <= set(SITUATIONS)
    assert {picture.uid for picture in PICTURES if picture.subject != "status"} <= UIDS


@pytest.mark.parametrize(
    ("expression", "filled"),
    [
        ("rate(a[$__rate_interval])", "rate(a[240s])"),
        ("rate(a[${__rate_interval}])", "rate(a[240s])"),
        ("a[$__interval] + $__interval_ms", "a[90s] + 90000"),
        ("a[$__range:1m] + $__range_s", "a[3600s:1m] + 3600"),
        ('a{job="$job"}', 'a{job="$job"}'),
    ],
)
def test_grafanas_own_variables_are_filled_in(expression: str, filled: str) -> None:
    assert interpolated(expression, 90_000, 60_000, 3_600_000) == filled


def test_a_rate_covers_four_scrapes_or_a_step_and_a_scrape() -> None:
    assert interpolated("$__rate_interval", 300_500, 60_000, 0) == "360500ms"


def test_a_legend_is_its_template_or_the_series() -> None:
    labels = {"__name__": "up", "job": "a", "instance": "b"}
    assert legend("{{job}} on {{ instance }}{{none}}", labels, "up") == "a on b"
    assert legend("__auto", labels, "up") == 'up{instance="b", job="a"}'
    assert legend("", {}, "1 + 1") == "1 + 1"


def told(state: str, confirmed: list[float], tolerance: float = 600.0) -> Recorder:
    recorder = Recorder()
    own = 'operation="ventas",campaign_id="1",campaign="\\"A\\""'
    for number, seconds in enumerate(confirmed):
        at = 300.0 * number
        recorder.add(at, "wolkvox_campaign_state", f'{own},state="{state}"', "1")
        recorder.add(at, "wolkvox_campaign_state_confirmed_seconds", own, str(seconds))
        recorder.add(at, "wolkvox_campaign_tolerance_seconds", own, str(tolerance))
    return recorder


def test_an_alert_fires_while_a_state_is_confirmed_for_longer_than_the_tolerance() -> None:
    (alert,) = alerts.of_campaigns(told("stopped_in_hours", [0, 300, 600, 900]))
    assert alert.labels == {
        "alertname": "WolkvoxCampaignStopped",
        "operation": "ventas",
        "campaign_id": "1",
        "state": "stopped_in_hours",
        "severity": "critical",
    }
    assert alert.times == [600, 900]


@pytest.mark.parametrize("state", ["running", "stopped_as_planned", "unknown"])
def test_nobody_is_told_of_a_state_that_needs_nobody(state: str) -> None:
    assert list(alerts.of_campaigns(told(state, [900, 1200]))) == []


def test_an_alert_that_comes_back_has_a_new_since() -> None:
    recorder = Recorder()
    alerts.add(recorder, [alerts.Alert({"alertname": "A"}, [0, 300, 1500, 1800])])
    assert recorder.series["ALERTS_FOR_STATE"] == {
        'alertname="A"': [(0, "0"), (300, "0"), (1500, "1500"), (1800, "1500")]
    }
    assert list(recorder.series["ALERTS"]) == ['alertstate="firing",alertname="A"']


def test_a_silence_is_told_after_five_minutes() -> None:
    assert [alert.times for alert in alerts.of_silence([0, 150, 300, 450])] == [[300, 450]]
    assert list(alerts.of_silence([0, 150])) == []


def test_a_folder_that_is_no_frontend_is_refused_by_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--frontend", str(tmp_path), "--to", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said == f"pictures: {tmp_path}/build/assets-manifest.json is not there\n"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"entrypoints": 1}', "\xff"])
def test_a_manifest_that_names_nothing_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "assets-manifest.json").write_text(text, encoding="latin-1")
    with pytest.raises(FrontendError, match="does not name the scripts and styles"):
        Frontend(tmp_path)


def test_dashboards_without_a_frontend_say_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FRONTEND", raising=False)
    assert main(["--only", "floor-es", "--to", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "folder `public` of a Grafana release" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [["--only", "floors"], ["--size", "12"], ["--value", "x"], ["--theme", "red"]]
)
def test_a_choice_that_there_is_not_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert arguments[-1] in capsys.readouterr().err


@pytest.fixture
def frontend(tmp_path: Path) -> Frontend:
    """A frontend with as little in it as can be."""
    folder = tmp_path / "public"
    manifest = {
        "entrypoints": {"app": {"assets": {"js": ["public/build/app.js"]}}},
        "light.css": {"src": "public/build/light.css"},
        "dark.css": {"src": "public/build/dark.css"},
    }
    kinds = {"panel": ["stat"], "datasource": ["prometheus", "grafana", "mixed", "dashboard"]}
    for kind, names in kinds.items():
        for name in names:
            plugin = folder / "app" / "plugins" / kind / name
            plugin.mkdir(parents=True)
            (plugin / "plugin.json").write_text(json.dumps({"id": name, "type": kind}))
    (folder / "build").mkdir()
    (folder / "build" / "assets-manifest.json").write_text(json.dumps(manifest))
    (folder / "build" / "app.js").write_text("script()")
    (tmp_path / "secret.js").write_text("none of the frontend's")
    return Frontend(folder)


@pytest.fixture
def asked() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


def test_the_stand_in_serves_the_frontend_and_the_dashboards(
    frontend: Frontend, asked: requests.Session
) -> None:
    board: dict[str, Any] = {"uid": "a", "title": "A", "panels": []}
    with Grafana(frontend, {"a": board}, "http://127.0.0.1:1") as grafana:
        page = asked.get(f"{grafana.url}/d/a/d?theme=light&lang=es-ES", timeout=30).text
        assert "public/build/light.css" in page
        (boot,) = re.findall(r"grafanaBootData = (.*);\n", page)
        assert json.loads(boot)["user"]["language"] == "es-ES"
        assert asked.get(f"{grafana.url}/public/build/app.js", timeout=30).text == "script()"
        for path in ("build/none.js", "%2e%2e/secret.js"):
            assert asked.get(f"{grafana.url}/public/{path}", timeout=30).status_code == 404
        found = asked.get(f"{grafana.url}/api/dashboards/uid/a", timeout=30).json()
        assert found["dashboard"]["title"] == "A"
        assert asked.get(f"{grafana.url}/api/dashboards/uid/b", timeout=30).status_code == 404


@pytest.mark.integration
def test_the_status_page_is_drawn_in_any_size(tmp_path: Path) -> None:
    # The hour of an installation: there is no history that has to be told first.
    assert (
        main(["--only", "status-es", "--situation", "fresh", "--size", "390x844", "--to", str(tmp_path)]) == 0
    )
    (file,) = tmp_path.iterdir()
    assert file.name == "status-es-fresh-390x844.png"
    assert struct.unpack(">II", file.read_bytes()[16:24]) == (390, 844)
