"""The example for Alertmanager: who gets what, what is held back, and what it says in both languages."""

import datetime as dt
import html
import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from exporter.glossary import terms
from support.alertmanager import EXAMPLE, Alertmanager, alertmanager, example_for_tests
from support.programs import program
from support.receiver import Receiver, mailbox, receiver
from support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.newer_servers]

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
        held_back = bool(re.fullmatch(pattern[1], rule["alert"]))
        assert held_back == expected, f"does `&campaigns` of {EXAMPLE} match {rule['alert']}?"


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
        "summary": "Campaign stopped, should be dialling.",
        "summary_es": "Campaña detenida, debería marcar.",
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


class Page(HTMLParser):
    """What HTML shows: its text, and its tags with the addresses of links."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, str]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs).get("href") or ""))

    def handle_data(self, data: str) -> None:
        self.text += data


GRAFANA = "https://grafana.example.com/d/wolkvox-campaign"
GUIDES = "https://wiki.example.com/wolkvox-exporter/docs"


def test_it_speaks_english(tmp_path: Path) -> None:
    assert rendered("wolkvox.en.title", DATA, tmp_path) == (
        "CRITICAL · COBRANZA 30-60 stopped, should be dialling · ventas-bogota · since 10:04"
    )
    assert rendered("wolkvox.en.text", DATA, tmp_path).splitlines() == [
        "Campaign <b> is stopped. Why: its speed is 0. (ID 4877)",
        "→ Start it.",
        f"Dashboard: {GRAFANA}?var-operation=ventas-bogota&var-campaign=4877",
        f"Runbook: {GUIDES}/runbooks/WolkvoxCampaignStopped.md",
    ]


def test_it_speaks_spanish(tmp_path: Path) -> None:
    assert rendered("wolkvox.es.title", DATA, tmp_path) == (
        "CRÍTICA · COBRANZA 30-60 detenida, debería marcar · ventas-bogota · desde 10:04"
    )
    assert rendered("wolkvox.es.text", DATA, tmp_path).splitlines() == [
        "La campaña <b> está detenida. Motivo: su velocidad es 0. (ID 4877)",
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
    for told in ("COBRANZA 30-60", "(ID 4877)", "10:04", "#900A02"):
        assert told in page, told
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
    told = html.unescape(rendered(f"wolkvox.{language}.slack.{part}", data, tmp_path))
    told = re.sub(r"<(\S+)\|(\w+)>", r"\2: \1", told)
    assert told == rendered(f"wolkvox.{language}.{part}", data, tmp_path)


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        (
            "en",
            (
                "RESOLVED · COBRANZA 30-60: end of alert “stopped, should be dialling” · ventas-bogota"
                " · began 10:04 · alert for 50 min"
            ),
            "Over: COBRANZA 30-60 (4877), began 10:04, alert for 50 min",
        ),
        (
            "es",
            (
                "RESUELTA · COBRANZA 30-60: fin de la alerta «detenida, debería marcar» · ventas-bogota"
                " · empezó 10:04 · alerta de 50 min"
            ),
            "Terminó: COBRANZA 30-60 (4877), empezó 10:04, alerta de 50 min",
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
        "CRÍTICA · Campaña detenida, debería marcar · 40 campañas · ventas-bogota"
    )
    lines = rendered("wolkvox.es.text", message(*MANY), tmp_path).splitlines()
    assert [line.partition(" (")[0] for line in lines[:10]] == [f"• C{number}" for number in range(10)]
    assert lines[10:12] == ["y 30 más", "→ Enciéndala."]
    # Of all of them, not of the first.
    assert lines[12] == "Tablero: https://grafana.example.com/d/wolkvox-floor-es?var-operation=ventas-bogota"
    assert len(lines) == 14
    assert "y 30 más" in rendered("wolkvox.es.html", message(*MANY), tmp_path, "html")


@pytest.mark.parametrize(
    ("severities", "word", "color"),
    [
        (["info", "warning", "critical"], "CRÍTICA", "#900A02"),
        (["warning", "info"], "ADVERTENCIA", "#AC6103"),
        (["info"], "INFORMATIVA", "#094D79"),
        (["page"], "INFORMATIVA", "#094D79"),
    ],
)
def test_the_worst_severity_counts(severities: list[str], word: str, color: str, tmp_path: Path) -> None:
    alerts = [stopped(str(number), severity=one) for number, one in enumerate(severities)]
    over = stopped("9", severity="critical", status="resolved")
    data = message(*alerts, over)
    assert rendered("wolkvox.es.title", data, tmp_path).startswith(f"{word} · ")
    assert rendered("wolkvox.slack.color", data, tmp_path) == color
    assert rendered("wolkvox.slack.color", message(over), tmp_path) == "#2E7D32"


def test_without_a_time_of_the_operation_it_is_alertmanagers(tmp_path: Path) -> None:
    data = message(stopped("", campaign=None, since=None, reason=""))
    for zone, told in (("America/Bogota", "12/08 15:14 (-05:00)"), ("UTC", "12/08 20:14 (+00:00)")):
        title = rendered("wolkvox.en.title", data, tmp_path, TZ=zone)
        assert title == f"CRITICAL · Campaign stopped, should be dialling · ventas-bogota · since {told}"


def test_whole_addresses_stay_as_they_are(tmp_path: Path) -> None:
    data = message(stopped(runbook_url="https://docs.example.net/r.md"))
    assert "Runbook: https://docs.example.net/r.md" in rendered("wolkvox.en.text", data, tmp_path)


def test_several_kinds_say_what_each_is_and_what_to_do(tmp_path: Path) -> None:
    # As the example groups what is informative: by operation.
    gone = stopped(
        "4878", "B", summary_es="Campaña desaparecida de wolkvox.", action_es="Pregunte.", reason_es=""
    )
    other = stopped("", campaign=None, summary_es="Casi sin respuestas.", action_es="Llame.", reason_es="")
    data = message(stopped(), gone, other)
    assert rendered("wolkvox.es.title", data, tmp_path) == "CRÍTICA · 3 alertas · ventas-bogota · desde 10:04"
    assert rendered("wolkvox.es.text", data, tmp_path).splitlines()[:3] == [
        (
            "• COBRANZA 30-60 (4877) detenida, debería marcar, desde 10:04: La campaña <b> está detenida. "
            "Motivo: su velocidad es 0. → Enciéndala."
        ),
        "• B (4878) desaparecida de wolkvox, desde 10:04: La campaña <b> está detenida. → Pregunte.",
        "• Casi sin respuestas, desde 10:04: La campaña <b> está detenida. → Llame.",
    ]


def test_what_fires_is_told_although_another_kind_in_its_group_is_over(tmp_path: Path) -> None:
    other = stopped(
        "",
        campaign=None,
        summary_es="Datos viejos.",
        action_es="Mire.",
        runbook_url="r.md",
        status="resolved",
    )
    other["labels"]["operation"] = "cobranza-mexico"
    data = message(stopped(), other)
    assert rendered("wolkvox.es.title", data, tmp_path) == (
        "CRÍTICA · COBRANZA 30-60 detenida, debería marcar · ventas-bogota · desde 10:04"
    )
    text = rendered("wolkvox.es.text", data, tmp_path).splitlines()
    assert f"Guía: {GUIDES}/es/runbooks/WolkvoxCampaignStopped.md" in text
    assert text[-1] == "Terminó: cobranza-mexico, Datos viejos, empezó 10:04, alerta de 50 min"
    title = rendered("wolkvox.es.title", message(*MANY[:3], other), tmp_path)
    assert title.startswith("CRÍTICA · Campaña detenida, debería marcar · 3 campañas")


def test_the_dashboard_of_several_operations_is_of_none_of_them(tmp_path: Path) -> None:
    other = stopped("5")
    other["labels"]["operation"] = "cobranza-mexico"
    address = rendered("wolkvox.dashboard", message(stopped(), other), tmp_path)
    assert address == "https://grafana.example.com/d/wolkvox-floor"


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_alert_without_words_of_ours_says_what_it_has(language: str, tmp_path: Path) -> None:
    bare = stopped() | {"annotations": {}}
    for data in (message(bare), message(bare, stopped(status="resolved"))):
        assert " · WolkvoxCampaignStopped · 4877 · ventas-bogota · " in rendered(
            f"wolkvox.{language}.title", data, tmp_path
        )
        assert "→" not in rendered(f"wolkvox.{language}.text", data, tmp_path)


def test_what_has_no_spanish_is_said_in_english(tmp_path: Path) -> None:
    english = stopped(summary_es=None, description_es=None, action_es=None)
    assert "Campaign stopped, should be dialling" in rendered("wolkvox.es.title", message(english), tmp_path)
    told = rendered("wolkvox.es.text", message(english), tmp_path)
    assert "Campaign <b> is stopped." in told
    assert "→ Start it." in told


def test_a_name_does_not_turn_the_direction_of_what_follows(tmp_path: Path) -> None:
    title = rendered("wolkvox.es.title", message(stopped(name="\u202eABC\u2066D")), tmp_path)
    assert title.startswith("CRÍTICA · ABCD detenida")


@pytest.mark.parametrize("language", ["en", "es"])
def test_telegram_never_gets_more_than_alertmanager_sends(language: str, tmp_path: Path) -> None:
    spanish = {"en": "", "es": "_es"}[language]

    def longest(annotation: str) -> str:
        texts = [rule["annotations"].get(f"{annotation}{spanish}", "") for rule in alert_rules()]
        return max((re.sub(r"\{\{.*?\}\}", "12.345", text, flags=re.DOTALL) for text in texts), key=len)

    said = {f"{name}{spanish}": longest(name) for name in ("description", "action")}
    alerts = [
        stopped(
            str(number), '"VENTAS"& ' * 100, since="12/08 10:04", **{f"summary{spanish}": f"{number}"}, **said
        )
        for number in range(60)
    ]
    data = message(*alerts, *(alert | {"status": "resolved"} for alert in alerts))
    text = rendered(f"wolkvox.{language}.telegram", data, tmp_path, "html")
    assert len(text) < 4096
    assert {"en": "and 56 more", "es": "y 56 más"}[language] in text


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ("15:14:20", "1 min"),
        ("15:59:10", "45 min"),
        ("16:14:00", "1 h"),
        ("17:19:40", "2 h 6 min"),
        ("15:24:00", "10 min"),
    ],
)
def test_how_long_it_took_is_said_as_people_say_it(ends: str, told: str, tmp_path: Path) -> None:
    data = message(stopped(status="resolved") | {"endsAt": f"2026-08-12T{ends}-05:00"})
    assert rendered("wolkvox.es.title", data, tmp_path).endswith(f" · alerta de {told}")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_lock_screen_says_what_where_and_since_when(language: str, tmp_path: Path) -> None:
    data = message(stopped(name="MIGRACIÓN 🎧 " * 80))
    title = rendered(f"wolkvox.{language}.title", data, tmp_path)
    assert terms()["state"]["stopped_in_hours"].words[language].lower() in title[:80]
    assert title.endswith(
        {"en": " · ventas-bogota · since 10:04", "es": " · ventas-bogota · desde 10:04"}[language]
    )


NAME = '<b>&"*_[x](y) <!channel> `c` &lt; _z_'
HOSTILE = {
    "labels": {
        "alertname": "WolkvoxCampaignStopped",
        "severity": "critical",
        "operation": "ventas-bogota",
        "campaign_id": "4877",
    },
    "annotations": stopped(
        name=NAME, description=f"Stopped, says {NAME}.", description_es=f"Detenida, dice {NAME}."
    )["annotations"],
}


@dataclass(frozen=True)
class Delivered:
    """What a real Alertmanager sent of one alert with a hostile name: while it fired, or when it was over."""

    inbox: Receiver
    mails: list[EmailMessage]

    def body(self, path: str) -> Any:
        """Return what came last to a path, or leave the test out where there is no such channel."""
        found = self.inbox.at(path)
        if not found and path.startswith("/teams"):
            pytest.skip("msteamsv2 needs Alertmanager 0.28")
        return found[-1].body

    def mail(self, to: str) -> EmailMessage:
        """Return the mail to an address."""
        (found,) = [mail for mail in self.mails if mail["to"] == to]
        return found


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Delivered]]:
    folder = tmp_path_factory.mktemp("channels")
    with receiver() as inbox, mailbox() as (smarthost, mails):
        config = example_for_tests(folder, inbox.url, smarthost)
        names = [one["name"] for one in config["receivers"] if one["name"] not in {"nobody", "legal"}]
        times = {"group_wait": "1s", "group_interval": "1s", "group_by": ["alertname"]}
        every = [{"receiver": name, "continue": True} for name in names]
        config["route"] = {"receiver": "nobody", "routes": every, **times}
        config.pop("inhibit_rules")
        expected = len(names) - 1  # the dead man hears no end

        def take(number: int) -> Delivered:
            def come() -> int:
                return len(inbox.messages) + len(mails)

            until(lambda: come() >= number, 60, "the messages", report=lambda: f"{names}\n{inbox.messages}")
            found = Delivered(Receiver(inbox.url, list(inbox.messages)), list(mails))
            inbox.messages.clear()
            mails.clear()
            return found

        with alertmanager(folder, config) as manager:
            begun = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=45)
            alert = {**HOSTILE, "startsAt": begun.isoformat()}
            manager.post([alert])
            firing = take(expected + 1)
            manager.post([{**alert, "endsAt": dt.datetime.now(dt.UTC).isoformat()}])
            yield {"firing": firing, "resolved": take(expected)}


TITLES = {
    ("en", "firing"): "CRITICAL · NAME stopped, should be dialling · ventas-bogota · since 10:04",
    ("es", "firing"): "CRÍTICA · NAME detenida, debería marcar · ventas-bogota · desde 10:04",
    (
        "en",
        "resolved",
    ): "RESOLVED · NAME: end of alert “stopped, should be dialling” · ventas-bogota · began 10:04"
    " · alert for 45 min",
    (
        "es",
        "resolved",
    ): "RESUELTA · NAME: fin de la alerta «detenida, debería marcar» · ventas-bogota · empezó 10:04"
    " · alerta de 45 min",
}
EVERY = pytest.mark.parametrize(("language", "status"), TITLES)


@EVERY
def test_slack_gets_no_markup_from_a_name(
    language: str, status: str, delivered: dict[str, Delivered]
) -> None:
    body = delivered[status].body(f"/chat-{language}")
    (attachment,) = body["attachments"]
    link = attachment.pop("title_link")  # an address on its own, which is no text with markup
    assert link.startswith("https://grafana.example.com/d/wolkvox-campaign")
    # `text` is no markdown, so that * and _ are letters; < > & are escaped.
    assert attachment["mrkdwn_in"] == ["pretext"]
    assert attachment["color"] == {"firing": "#900A02", "resolved": "#2E7D32"}[status]
    title = TITLES[language, status].replace("NAME", html.escape(NAME, quote=False))
    assert attachment["title"] == attachment["fallback"] == title
    text = re.sub(r"<https://[^<>|]+\|(?:Dashboard|Tablero|Runbook|Guía)>", "", attachment["text"])
    everything = json.dumps({**body, "attachments": [{**attachment, "text": text}]}, ensure_ascii=False)
    # Without our own links and the escapes there is nothing that Slack would read as markup.
    assert not set("<>&") & set(re.sub("&(?:amp|lt|gt);", "", everything)), everything


@EVERY
def test_telegram_gets_no_markup_from_a_name(
    language: str, status: str, delivered: dict[str, Delivered]
) -> None:
    path = f"/telegram-{language}/bot0000000000:the-token-of-your-bot/sendMessage"
    body = delivered[status].body(path)
    assert body["parse_mode"] == "HTML"
    page = Page(body["text"])
    assert page.text.splitlines()[0] == TITLES[language, status].replace("NAME", NAME)
    assert {tag for tag, _ in page.tags} <= {"b", "a"}
    links = [address for tag, address in page.tags if tag == "a"]
    assert len(links) == (2 if status == "firing" else 0)
    assert all(link.startswith(("https://grafana.example.com/d/", GUIDES)) for link in links)


@EVERY
def test_a_mail_gets_no_markup_from_a_name(
    language: str, status: str, delivered: dict[str, Delivered]
) -> None:
    mail = delivered[status].mail({"en": "floor@example.com", "es": "piso@example.com"}[language])
    title = TITLES[language, status].replace("NAME", NAME)
    assert mail["subject"] == title
    plain, written = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert written is not None
    assert (NAME in plain.get_content()) == (status == "firing" or NAME in title)
    page = Page(written.get_content())
    assert title in page.text
    assert {tag for tag, _ in page.tags} <= {"html", "head", "meta", "body", "div", "h2", "p", "b", "a"}
    assert len([1 for tag, _ in page.tags if tag == "b"]) == 1


@EVERY
def test_teams_gets_no_markup_from_a_name(
    language: str, status: str, delivered: dict[str, Delivered]
) -> None:
    body = delivered[status].body(f"/teams-{language}")
    title, text = (block["text"] for block in body["attachments"][0]["content"]["body"])
    # A line between letters, or after them, begins nothing.
    star, line = "\N{ASTERISK OPERATOR}", "\N{MODIFIER LETTER LOW MACRON}"
    shown = f"<b>&\"{star}{line}[x] (y) <!channel> 'c' &lt; {line}z_"
    assert title == TITLES[language, status].replace("NAME", shown)
    page = Page(MarkdownIt("js-default").render(f"{title}\n\n{text}"))
    assert {tag for tag, _ in page.tags} == {"p", "a"} if status == "firing" else {"p"}
    assert len([1 for tag, _ in page.tags if tag == "a"]) == (2 if status == "firing" else 0)
    # In Markdown only an empty line begins another one.
    assert "\n" not in text.replace("\n\n", "")


@EVERY
def test_a_pager_gets_the_title_and_one_text(
    language: str, status: str, delivered: dict[str, Delivered]
) -> None:
    bodies = [message.body for message in delivered[status].inbox.at("/pager")]
    summaries = [body["payload"]["summary"] for body in bodies]
    title = TITLES[language, status].replace("NAME", NAME)
    assert title in summaries
    body = bodies[summaries.index(title)]
    assert body["event_action"] == {"firing": "trigger", "resolved": "resolve"}[status]
    assert body["payload"]["severity"] == "critical"
    text = body["payload"]["custom_details"]["firing"]
    assert ("→ " in text) == (status == "firing")
    assert body["payload"]["custom_details"]["resolved"] == ""


@pytest.mark.parametrize("status", ["firing", "resolved"])
def test_a_program_gets_everything_as_it_is(status: str, delivered: dict[str, Delivered]) -> None:
    body = delivered[status].body("/program")
    (alert,) = body["alerts"]
    assert body["status"] == alert["status"] == status
    assert (alert["labels"], alert["annotations"]) == (HOSTILE["labels"], HOSTILE["annotations"])


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
