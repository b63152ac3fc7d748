"""The example for Alertmanager: who gets what, what is held back, and what it says in both languages."""

import datetime as dt
import html
import json
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
CAMPAIGN = {**BOGOTA, "campaign_id": "4877", "campaign": "COBRANZA 30-60", "skill_id": "4001"}


def amtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("amtool"), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
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
            {"alertname": "WolkvoxOperationIdle", "severity": "critical", "operation": "cobranza-mexico"},
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


DATA: dict[str, Any] = {
    "receiver": "chat",
    "status": "firing",
    "groupLabels": {"alertname": "WolkvoxCampaignStopped"},
    "commonLabels": {"alertname": "WolkvoxCampaignStopped", "severity": "critical", **CAMPAIGN},
    "commonAnnotations": {
        "summary": "A campaign that should be dialling is stopped.",
        "summary_es": "Está detenida una campaña que debería estar marcando.",
    },
    "externalURL": "http://alertmanager.example.com",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "WolkvoxCampaignStopped", "severity": "critical", **CAMPAIGN},
            "annotations": {
                "summary": "A campaign that should be dialling is stopped.",
                "description": "Campaign <b> is stopped.",
                "description_es": "La campaña <b> está detenida.",
                "runbook_url": "docs/runbooks/WolkvoxCampaignStopped.md",
                "dashboard_url": "/d/wolkvox-campaign?var-operation=ventas-bogota&var-campaign=4877",
            },
            "startsAt": "2026-08-12T15:04:00-05:00",
            "endsAt": "2026-08-12T16:04:00-05:00",
        }
    ],
}


def rendered(name: str, data: dict[str, Any], folder: Path, kind: str = "text") -> str:
    file = folder / "data.json"
    file.write_text(json.dumps(data))
    result = amtool(
        "template",
        "render",
        f"--template.glob={TEMPLATES}/*.tmpl",
        f"--template.text={{{{ template {json.dumps(name)} . }}}}",
        f"--template.type={kind}",
        f"--template.data={file}",
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_it_speaks_english(tmp_path: Path) -> None:
    assert rendered("wolkvox.en.title", DATA, tmp_path) == (
        "[CRITICAL] A campaign that should be dialling is stopped. Operation ventas-bogota, "
        "campaign COBRANZA 30-60"
    )
    assert rendered("wolkvox.en.text", DATA, tmp_path).splitlines() == [
        "Since 2026-08-12 20:04 UTC: Campaign <b> is stopped.",
        "Dashboard: https://grafana.example.com/d/wolkvox-campaign?var-operation=ventas-bogota&var-campaign=4877",
        "Runbook: https://wiki.example.com/wolkvox-exporter/docs/runbooks/WolkvoxCampaignStopped.md",
    ]


def test_it_speaks_spanish(tmp_path: Path) -> None:
    assert rendered("wolkvox.es.title", DATA, tmp_path) == (
        "[CRÍTICA] Está detenida una campaña que debería estar marcando. Operación ventas-bogota, "
        "campaña COBRANZA 30-60"
    )
    assert rendered("wolkvox.es.text", DATA, tmp_path).splitlines() == [
        "Desde 2026-08-12 20:04 UTC: La campaña <b> está detenida.",
        "Tablero: https://grafana.example.com/d/wolkvox-campaign-es?var-operation=ventas-bogota&var-campaign=4877",
        "Guía: https://wiki.example.com/wolkvox-exporter/docs/es/runbooks/WolkvoxCampaignStopped.md",
    ]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_mail_escapes_what_it_quotes(language: str, tmp_path: Path) -> None:
    page = rendered(f"wolkvox.{language}.html", DATA, tmp_path, "html")
    assert {"en": "Campaign &lt;b&gt; is stopped.", "es": "La campaña &lt;b&gt; está detenida."}[
        language
    ] in page
    for cell in ("ventas-bogota", "COBRANZA 30-60", "4877", "4001", "2026-08-12 20:04 UTC"):
        assert f"{cell}</td>" in page, cell
    spanish = {"en": "", "es": "-es"}[language]
    dashboard = f"https://grafana.example.com/d/wolkvox-campaign{spanish}?var-operation=ventas-bogota"
    assert f'href="{dashboard}&amp;var-campaign=4877"' in page
    folder = {"en": "docs", "es": "docs/es"}[language]
    assert (
        f'href="https://wiki.example.com/wolkvox-exporter/{folder}/runbooks/WolkvoxCampaignStopped.md"'
        in page
    )


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("part", ["title", "text"])
@pytest.mark.parametrize(
    "change", [{}, {"status": "resolved"}, {"commonLabels": {}, "commonAnnotations": {}}]
)
def test_slack_says_what_a_pager_says(
    language: str, part: str, change: dict[str, Any], tmp_path: Path
) -> None:
    alert = {**DATA["alerts"][0], "status": change.get("status", "firing")}
    data = {**DATA, **change, "alerts": [alert, alert]}
    told = rendered(f"wolkvox.{language}.slack.{part}", data, tmp_path)
    assert html.unescape(told) == rendered(f"wolkvox.{language}.{part}", data, tmp_path)


@pytest.mark.parametrize(("language", "word"), [("en", "[RESOLVED]"), ("es", "[RESUELTA]")])
def test_a_resolved_group_says_so(language: str, word: str, tmp_path: Path) -> None:
    data = {**DATA, "status": "resolved", "alerts": [{**DATA["alerts"][0], "status": "resolved"}]}
    assert rendered(f"wolkvox.{language}.title", data, tmp_path).startswith(word)
    assert "21:04 UTC" in rendered(f"wolkvox.{language}.text", data, tmp_path)


def test_whole_addresses_stay_as_they_are(tmp_path: Path) -> None:
    alert = DATA["alerts"][0]
    annotations = {**alert["annotations"], "runbook_url": "https://docs.example.net/r.md"}
    data = {**DATA, "alerts": [{**alert, "annotations": annotations}]}
    assert "Runbook: https://docs.example.net/r.md" in rendered("wolkvox.en.text", data, tmp_path)


NAME = "VENTAS <B2B> & <!channel> &lt; <@U0INVENTED>"
ESCAPED = "VENTAS &lt;B2B&gt; &amp; &lt;!channel&gt; &amp;lt; &lt;@U0INVENTED&gt;"


@pytest.mark.parametrize("status", ["firing", "resolved"])
@pytest.mark.parametrize(("language", "operation"), [("en", "ventas"), ("es", "cobranza-mexico")])
def test_slack_gets_no_markup_from_a_name(language: str, operation: str, status: str, tmp_path: Path) -> None:
    where = {"severity": "warning", "operation": operation, "campaign_id": "1"}
    labels = {"alertname": "WolkvoxFailedShareHigh", **where, "campaign": NAME}
    words = {"summary": f"About {NAME}.", "description": f"Campaign {NAME}."}
    annotations = {
        **words,
        **{f"{name}_es": text for name, text in words.items()},
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
                {"alertname": "WolkvoxOperationIdle", "operation": "a"},
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
            {"alertname": "WolkvoxOperationIdle", "operation": "f"},
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
            {
                "alertname": "WolkvoxDataStale",
                "severity": "critical",
                "operation": "i",
                "api": "campaigns",
            },
            [
                {
                    "alertname": "WolkvoxDataStale",
                    "severity": "warning",
                    "operation": "i",
                    "api": "campaigns",
                }
            ],
            [
                {
                    "alertname": "WolkvoxDataStale",
                    "severity": "warning",
                    "operation": "i",
                    "api": "campaign_settings",
                }
            ],
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
