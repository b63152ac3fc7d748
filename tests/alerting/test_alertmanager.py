"""The example for Alertmanager: who gets what, what is held back, and what it says in both languages."""

import datetime as dt
import html
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.alertmanager import EXAMPLE, Alertmanager, alertmanager, example_for_tests
from support.programs import program
from support.receiver import receiver
from support.waiting import until

pytestmark = pytest.mark.integration

RULES = EXAMPLE.parents[1] / "prometheus" / "rules"
TEMPLATES = EXAMPLE.parent / "templates"
BOGOTA = {"operation": "ventas-bogota"}
CAMPAIGN = {**BOGOTA, "campaign_id": "4877"}


def amtool(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("amtool"), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )


def alert_rules() -> list[dict[str, Any]]:
    return [
        rule
        for path in sorted(RULES.glob("*.yml"))
        for group in yaml.safe_load(path.read_text())["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]


def test_amtool_takes_it() -> None:
    result = amtool("check-config", EXAMPLE)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("receivers", "labels"),
    [
        ("dead-man", {"alertname": "WolkvoxWatchdog", "severity": "none"}),
        ("nobody", {"alertname": "WolkvoxOperationBlind", "severity": "none", **BOGOTA}),
        ("pager-en", {"alertname": "WolkvoxExporterDown", "severity": "critical"}),
        ("pager-en", {"alertname": "WolkvoxCampaignStopped", "severity": "critical", **CAMPAIGN}),
        ("chat-en", {"alertname": "WolkvoxFailedShareHigh", "severity": "warning", **CAMPAIGN}),
        ("mail-en", {"alertname": "WolkvoxListExhausted", "severity": "info", **CAMPAIGN}),
        ("legal", {"alertname": "WolkvoxDialingOutsideHours", "severity": "critical", **CAMPAIGN}),
        (
            "legal",
            {
                "alertname": "WolkvoxDialingOutsideHours",
                "severity": "critical",
                "operation": "cobranza-mexico",
            },
        ),
        (
            "pager-es",
            {"alertname": "WolkvoxOperationStopped", "severity": "critical", "operation": "cobranza-mexico"},
        ),
        ("chat-es", {"alertname": "WolkvoxDataStale", "severity": "warning", "operation": "cobranza-mexico"}),
        (
            "mail-es",
            {"alertname": "WolkvoxListEndsSoon", "severity": "info", "operation": "cobranza-mexico"},
        ),
    ],
)
def test_an_alert_goes_to(receivers: str, labels: dict[str, str]) -> None:
    pairs = [f"{name}={value}" for name, value in labels.items()]
    result = amtool(
        "config", "routes", "test", f"--config.file={EXAMPLE}", f"--verify.receivers={receivers}", *pairs
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_alert_has_a_receiver_of_its_severity() -> None:
    wanted = {"critical": "pager-en", "warning": "chat-en", "info": "mail-en", "none": "nobody"}
    special = {"WolkvoxWatchdog": "dead-man", "WolkvoxDialingOutsideHours": "legal"}
    for rule in alert_rules():
        receiver = special.get(rule["alert"], wanted[rule["labels"]["severity"]])
        result = amtool(
            "config",
            "routes",
            "test",
            f"--config.file={EXAMPLE}",
            f"--verify.receivers={receiver}",
            f"alertname={rule['alert']}",
            f"severity={rule['labels']['severity']}",
            "operation=ventas-bogota",
        )
        assert result.returncode == 0, f"{rule['alert']}: {result.stdout}{result.stderr}"


def test_old_figures_hold_back_every_alert_about_campaigns_but_the_legal_one() -> None:
    rules = yaml.safe_load(EXAMPLE.read_text())["inhibit_rules"]
    held = [
        rule["target_matchers"]
        for rule in rules
        if rule["source_matchers"] == ['alertname="WolkvoxDataStale"', 'api="campaigns"']
    ]
    pattern = re.search(r'alertname=~"(.*)"', held[0][0])
    assert pattern
    for rule in alert_rules():
        about_campaigns = "docs/runbooks" in rule["annotations"]["runbook_url"] and (
            "wolkvox-exporter" not in rule["annotations"]["dashboard_url"]
        )
        of_other_apis = re.match("WolkvoxAbandonment|WolkvoxCustomerProtection", rule["alert"])
        expected = about_campaigns and rule["alert"] != "WolkvoxDialingOutsideHours" and not of_other_apis
        assert bool(re.fullmatch(pattern[1], rule["alert"])) == expected, rule["alert"]


def test_no_night_mutes_a_page() -> None:
    def muted(route: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if "active_time_intervals" in route or "mute_time_intervals" in route:
            yield route
        for child in route.get("routes", []):
            yield from muted(child)

    routes = list(muted(yaml.safe_load(EXAMPLE.read_text())["route"]))
    assert routes
    assert {matcher for route in routes for matcher in route["matchers"]} == {
        'severity="warning"',
        'severity="info"',
    }


def stopped(campaign_id: str = "4877", name: str = "COBRANZA 30-60", **more: Any) -> dict[str, Any]:
    """Return an alert as Alertmanager gives it to templates; `more` replaces annotations and the rest."""
    said = {
        "summary": "Campaign stopped in its hours.",
        "summary_es": "Campaña detenida en su horario.",
        "description": "Campaign <b> is stopped.",
        "description_es": "La campaña <b> está detenida.",
        "action": "Start it.",
        "action_es": "Enciéndala.",
        "campaign": name,
        "since": "10:04",
        "reason": "its speed is 0",
        "reason_es": "su velocidad es 0",
        "runbook_url": "docs/runbooks/WolkvoxCampaignStopped.md",
        "dashboard_url": "/d/wolkvox-campaign?var-operation=ventas-bogota&var-campaign=4877",
    }
    labels = {"alertname": "WolkvoxCampaignStopped", "severity": more.pop("severity", "critical"), **BOGOTA}
    if campaign_id:
        labels["campaign_id"] = campaign_id
    status = more.pop("status", "firing")
    return {
        "status": status,
        "labels": labels,
        "annotations": {key: text for key, text in {**said, **more}.items() if text is not None},
        "startsAt": "2026-08-12T15:14:00-05:00",
        "endsAt": "2026-08-12T16:04:00-05:00",
    }


def message(*alerts: dict[str, Any]) -> dict[str, Any]:
    """Return the data of a notification about these."""

    def common(part: str) -> dict[str, str]:
        first = alerts[0][part]
        return {key: text for key, text in first.items() if all(one[part].get(key) == text for one in alerts)}

    return {
        "receiver": "chat",
        "status": "firing" if any(one["status"] == "firing" for one in alerts) else "resolved",
        "groupLabels": {"alertname": "WolkvoxCampaignStopped"},
        "commonLabels": common("labels"),
        "commonAnnotations": common("annotations"),
        "externalURL": "http://alertmanager.example.com",
        "alerts": list(alerts),
    }


DATA = message(stopped())


def rendered(name: str, data: dict[str, Any], folder: Path, kind: str = "text", **environment: str) -> str:
    file = folder / "data.json"
    file.write_text(json.dumps(data))
    result = amtool(
        "template",
        "render",
        f"--template.glob={TEMPLATES}/*.tmpl",
        f"--template.text={{{{ template {json.dumps(name)} . }}}}",
        f"--template.type={kind}",
        f"--template.data={file}",
        **environment,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


GRAFANA = "https://grafana.example.com/d/wolkvox-campaign"
GUIDES = "https://wiki.example.com/wolkvox-exporter/docs"


def test_it_speaks_english(tmp_path: Path) -> None:
    assert rendered("wolkvox.en.title", DATA, tmp_path) == (
        "CRITICAL · Campaign stopped in its hours · COBRANZA 30-60 · ventas-bogota · since 10:04"
    )
    assert rendered("wolkvox.en.text", DATA, tmp_path).splitlines() == [
        "COBRANZA 30-60 (4877), since 10:04: Campaign <b> is stopped. Why: its speed is 0.",
        "→ Start it.",
        f"Dashboard: {GRAFANA}?var-operation=ventas-bogota&var-campaign=4877",
        f"Runbook: {GUIDES}/runbooks/WolkvoxCampaignStopped.md",
    ]


def test_it_speaks_spanish(tmp_path: Path) -> None:
    assert rendered("wolkvox.es.title", DATA, tmp_path) == (
        "CRÍTICA · Campaña detenida en su horario · COBRANZA 30-60 · ventas-bogota · desde 10:04"
    )
    assert rendered("wolkvox.es.text", DATA, tmp_path).splitlines() == [
        "COBRANZA 30-60 (4877), desde 10:04: La campaña <b> está detenida. Motivo: su velocidad es 0.",
        "→ Enciéndala.",
        f"Tablero: {GRAFANA}-es?var-operation=ventas-bogota&var-campaign=4877",
        f"Guía: {GUIDES}/es/runbooks/WolkvoxCampaignStopped.md",
    ]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_mail_escapes_what_it_quotes(language: str, tmp_path: Path) -> None:
    page = rendered(f"wolkvox.{language}.html", DATA, tmp_path, "html")
    assert {"en": "Campaign &lt;b&gt; is stopped.", "es": "La campaña &lt;b&gt; está detenida."}[
        language
    ] in page
    for cell in ("COBRANZA 30-60 (4877)", "10:04"):
        assert f"<td>{cell}</td>" in page, cell
    assert 'name="viewport"' in page
    spanish = {"en": "", "es": "-es"}[language]
    assert f'href="{GRAFANA}{spanish}?var-operation=ventas-bogota&amp;var-campaign=4877"' in page
    folder = {"en": "", "es": "/es"}[language]
    assert f'href="{GUIDES}{folder}/runbooks/WolkvoxCampaignStopped.md"' in page


MANY = [stopped(str(number), f"C{number}", since=f"10:{number:02}") for number in range(40)]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("part", ["title", "text"])
@pytest.mark.parametrize(
    "data",
    [
        DATA,
        message(stopped(status="resolved")),
        message(*MANY),
        message(*MANY[:3], stopped("99", "D", status="resolved", since="09:00")),
        message(stopped("", campaign=None, since=None, reason="", reason_es="")),
    ],
    ids=["one", "resolved", "many", "some over", "an operation"],
)
def test_slack_says_what_a_pager_says(language: str, part: str, data: dict[str, Any], tmp_path: Path) -> None:
    told = rendered(f"wolkvox.{language}.slack.{part}", data, tmp_path)
    assert html.unescape(told) == rendered(f"wolkvox.{language}.{part}", data, tmp_path)


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        (
            "en",
            "RESOLVED · Campaign stopped in its hours · COBRANZA 30-60 · ventas-bogota · began 10:04",
            "Over: COBRANZA 30-60 (4877), began 10:04",
        ),
        (
            "es",
            "RESUELTA · Campaña detenida en su horario · COBRANZA 30-60 · ventas-bogota · empezó 10:04",
            "Terminó: COBRANZA 30-60 (4877), empezó 10:04",
        ),
    ],
)
def test_what_is_over_is_not_said_in_the_present(
    language: str, title: str, text: str, tmp_path: Path
) -> None:
    data = message(stopped(status="resolved"))
    assert rendered(f"wolkvox.{language}.title", data, tmp_path) == title
    assert rendered(f"wolkvox.{language}.text", data, tmp_path) == text
    page = rendered(f"wolkvox.{language}.html", data, tmp_path, "html")
    assert "&lt;b&gt;" not in page
    assert text.partition(": ")[0] in page


def test_forty_campaigns_are_ten_and_a_number(tmp_path: Path) -> None:
    assert rendered("wolkvox.es.title", message(*MANY), tmp_path) == (
        "CRÍTICA · Campaña detenida en su horario · 40 campañas · ventas-bogota"
    )
    lines = rendered("wolkvox.es.text", message(*MANY), tmp_path).splitlines()
    assert [line.partition(" ")[0] for line in lines[:10]] == [f"C{number}" for number in range(10)]
    assert lines[10:12] == ["y 30 más", "→ Enciéndala."]
    assert len(lines) == 14
    assert "y 30 más" in rendered("wolkvox.es.html", message(*MANY), tmp_path, "html")


@pytest.mark.parametrize(
    ("severities", "word", "color"),
    [
        (["info", "warning", "critical"], "CRÍTICA", "danger"),
        (["warning", "info"], "ADVERTENCIA", "warning"),
        (["info"], "INFORMATIVA", "#13618E"),
    ],
)
def test_the_worst_severity_counts(severities: list[str], word: str, color: str, tmp_path: Path) -> None:
    alerts = [stopped(str(number), severity=one) for number, one in enumerate(severities)]
    over = stopped("9", severity="critical", status="resolved")
    data = message(*alerts, over)
    assert rendered("wolkvox.es.title", data, tmp_path).startswith(f"{word} · ")
    assert rendered("wolkvox.slack.color", data, tmp_path) == color
    assert rendered("wolkvox.slack.color", message(over), tmp_path) == "good"


def test_without_a_time_of_the_operation_it_is_alertmanagers(tmp_path: Path) -> None:
    data = message(stopped("", campaign=None, since=None, reason=""))
    for zone, told in (("America/Bogota", "12/08 15:14 (-05:00)"), ("UTC", "12/08 20:14 (+00:00)")):
        title = rendered("wolkvox.en.title", data, tmp_path, TZ=zone)
        assert title == f"CRITICAL · Campaign stopped in its hours · ventas-bogota · since {told}"


def test_whole_addresses_stay_as_they_are(tmp_path: Path) -> None:
    data = message(stopped(runbook_url="https://docs.example.net/r.md"))
    assert "Runbook: https://docs.example.net/r.md" in rendered("wolkvox.en.text", data, tmp_path)


NAME = "VENTAS <B2B> & <!channel> &lt; <@U0INVENTED>"
ESCAPED = "VENTAS &lt;B2B&gt; &amp; &lt;!channel&gt; &amp;lt; &lt;@U0INVENTED&gt;"


@pytest.mark.parametrize("status", ["firing", "resolved"])
@pytest.mark.parametrize(("language", "operation"), [("en", "ventas"), ("es", "cobranza-mexico")])
def test_slack_gets_no_markup_from_a_name(language: str, operation: str, status: str, tmp_path: Path) -> None:
    where = {"severity": "warning", "operation": operation, "campaign_id": "1"}
    labels = {"alertname": "WolkvoxFailedShareHigh", **where}
    words = {"summary": "Many calls failed.", "description": f"Campaign {NAME}.", "action": "Look."}
    annotations = {
        **words,
        **{f"{name}_es": text for name, text in words.items()},
        "campaign": NAME,
        "runbook_url": "docs/runbooks/WolkvoxFailedShareHigh.md",
        "dashboard_url": "/d/wolkvox-campaign?var-operation=a&var-campaign=<1>",
    }
    alert = {"labels": labels, "annotations": annotations}
    with receiver() as inbox, alertmanager(tmp_path, example_for_tests(tmp_path, inbox.url)) as server:
        server.post([alert])
        until(lambda: inbox.at(f"/chat-{language}"), 30, "the message")
        if status == "resolved":
            now = dt.datetime.now(dt.UTC).isoformat()
            server.post([{**alert, "endsAt": now}])
            until(lambda: len(inbox.at(f"/chat-{language}")) > 1, 30, "the resolution")
    body = inbox.at(f"/chat-{language}")[-1].body
    (attachment,) = body["attachments"]
    link = attachment.pop("title_link")  # an address on its own, which is no text with markup
    assert link.endswith("var-operation=a&var-campaign=<1>")
    for part in ("title", "text", "fallback"):
        assert ESCAPED in attachment[part], part
    everything = json.dumps({**body, "attachments": [attachment]}, ensure_ascii=False)
    # What is left once the escapes are taken out has nothing that Slack would read as markup.
    assert not set("<>&") & set(re.sub("&(?:amp|lt|gt);", "", everything)), everything


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    folder = tmp_path_factory.mktemp("alertmanager")
    config = example_for_tests(folder, "http://127.0.0.1:9")
    with alertmanager(
        folder, {**config, "receivers": [{"name": r["name"]} for r in config["receivers"]]}
    ) as it:
        yield it


def severity(name: str) -> str:
    return str(next(rule["labels"]["severity"] for rule in alert_rules() if rule["alert"] == name))


@pytest.mark.parametrize(
    ("source", "held", "heard"),
    [
        (
            {"alertname": "WolkvoxOperationBlind", "operation": "a"},
            [
                {"alertname": "WolkvoxCampaignStopped", "operation": "a", "campaign_id": "1"},
                {"alertname": "WolkvoxOperationStopped", "operation": "a"},
                {"alertname": "WolkvoxContactRateLow", "operation": "a", "campaign_id": "1"},
            ],
            [
                {"alertname": "WolkvoxCampaignStopped", "operation": "other", "campaign_id": "1"},
                {"alertname": "WolkvoxDialingOutsideHours", "operation": "a", "campaign_id": "1"},
                {"alertname": "WolkvoxExporterDown", "job": "wolkvox", "instance": "i"},
            ],
        ),
        (
            {"alertname": "WolkvoxDataStale", "operation": "b", "api": "campaigns"},
            [{"alertname": "WolkvoxCampaignStalled", "operation": "b", "campaign_id": "1"}],
            [{"alertname": "WolkvoxDialingOutsideHours", "operation": "b", "campaign_id": "1"}],
        ),
        (
            {"alertname": "WolkvoxDataStale", "operation": "c", "api": "token_info"},
            [],
            [{"alertname": "WolkvoxCampaignStopped", "operation": "c", "campaign_id": "1"}],
        ),
        (
            {"alertname": "WolkvoxTokenRejected", "operation": "d"},
            [
                {"alertname": "WolkvoxDataStale", "operation": "d", "api": "campaigns"},
                {"alertname": "WolkvoxNeverAnswered", "operation": "d", "api": "campaigns"},
            ],
            [],
        ),
        (
            {"alertname": "WolkvoxExporterDown", "job": "wolkvox", "instance": "e"},
            [{"alertname": "WolkvoxConfigReloadFailed", "job": "wolkvox", "instance": "e"}],
            [
                {"alertname": "WolkvoxConfigReloadFailed", "job": "wolkvox", "instance": "other"},
                {"alertname": "WolkvoxCampaignStopped", "operation": "e", "campaign_id": "1"},
            ],
        ),
        (
            {"alertname": "WolkvoxOperationStopped", "operation": "f"},
            [
                {"alertname": "WolkvoxCampaignStopped", "operation": "f", "campaign_id": "1"},
                {"alertname": "WolkvoxCampaignNotStarted", "operation": "f", "campaign_id": "2"},
            ],
            [{"alertname": "WolkvoxCampaignGone", "operation": "f", "campaign_id": "3"}],
        ),
        (
            {"alertname": "WolkvoxFailedShareHigh", "severity": "critical", "operation": "g"},
            [
                {
                    "alertname": "WolkvoxFailedShareHigh",
                    "severity": "warning",
                    "operation": "g",
                    "campaign_id": "1",
                },
                {"alertname": "WolkvoxContactRateLow", "operation": "g", "campaign_id": "1"},
            ],
            [{"alertname": "WolkvoxMachineShareHigh", "operation": "g", "campaign_id": "1"}],
        ),
        (
            {"alertname": "WolkvoxListExhausted", "operation": "h", "campaign_id": "1"},
            [{"alertname": "WolkvoxListEndsSoon", "operation": "h", "campaign_id": "1"}],
            [{"alertname": "WolkvoxListEndsSoon", "operation": "h", "campaign_id": "2"}],
        ),
        (
            {"alertname": "WolkvoxCampaignStalled", "operation": "i", "campaign_id": "1"},
            [
                {"alertname": "WolkvoxSpeedZero", "operation": "i", "campaign_id": "1"},
                {
                    "alertname": "WolkvoxCallsFallen",
                    "severity": "warning",
                    "operation": "i",
                    "campaign_id": "1",
                },
            ],
            [{"alertname": "WolkvoxSpeedZero", "operation": "i", "campaign_id": "2"}],
        ),
        (
            {"alertname": "WolkvoxAnswersLost", "severity": "critical", "operation": "j"},
            [
                {"alertname": "WolkvoxContactRateLow", "operation": "j", "campaign_id": "1"},
                {
                    "alertname": "WolkvoxAnswersLost",
                    "severity": "warning",
                    "operation": "j",
                    "campaign_id": "1",
                },
            ],
            [{"alertname": "WolkvoxHitRateLow", "operation": "j", "campaign_id": "1"}],
        ),
        (
            {"alertname": "WolkvoxCallsFallen", "severity": "critical", "operation": "k"},
            [
                {
                    "alertname": "WolkvoxCallsFallen",
                    "severity": "warning",
                    "operation": "k",
                    "campaign_id": "1",
                }
            ],
            [
                {
                    "alertname": "WolkvoxCallsFallen",
                    "severity": "warning",
                    "operation": "other",
                    "campaign_id": "1",
                }
            ],
        ),
        (
            {"alertname": "WolkvoxMachineShareHigh", "operation": "l", "campaign_id": "1"},
            [{"alertname": "WolkvoxContactRateLow", "operation": "l", "campaign_id": "1"}],
            [{"alertname": "WolkvoxContactRateLow", "operation": "l", "campaign_id": "2"}],
        ),
        (
            # A campaign without an id is told apart by its name.
            {"alertname": "WolkvoxListExhausted", "operation": "m", "campaign": "A"},
            [{"alertname": "WolkvoxListEndsSoon", "operation": "m", "campaign": "A"}],
            [{"alertname": "WolkvoxListEndsSoon", "operation": "m", "campaign": "B"}],
        ),
    ],
    ids=lambda part: part["alertname"] + part.get("operation", "") if isinstance(part, dict) else "",
)
def test_a_cause_holds_back(
    server: Alertmanager, source: dict[str, str], held: list[dict[str, str]], heard: list[dict[str, str]]
) -> None:
    sent = [{"severity": severity(labels["alertname"]), **labels} for labels in (source, *held, *heard)]
    server.post([{"labels": labels} for labels in sent])

    def states() -> list[bool]:
        known = [(alert["labels"], bool(alert["status"]["inhibitedBy"])) for alert in server.alerts()]
        return [back for labels in sent for of, back in known if of == labels]

    expected = [False] + [True] * len(held) + [False] * len(heard)
    until(lambda: states() == expected, 30, "the inhibition", report=lambda: f"{sent}\n{states()}")
