"""Rules, scenarios, runbooks, dashboards and the table of metrics say the same."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.glossary import LANGUAGES, Term, terms
from exporter.judgement import CampaignState, Reason
from exporter.metrics.table import FAMILIES
from generators.missing import TEXTS
from rules import campaign_scenarios, exporter_scenarios, result_scenarios, silent_scenarios
from rules.floor import GROUPS, ROOT, RULES
from rules.translation import actions
from support.programs import program

DOCS = {"en": ROOT / "docs" / "runbooks", "es": ROOT / "docs" / "es" / "runbooks"}
SECTIONS = {
    "en": ["Meaning", "Impact", "Diagnosis", "Mitigation", "When it can mislead"],
    "es": ["Qué significa", "Impacto", "Diagnóstico", "Qué hacer", "Cuándo puede ser falsa alarma"],
}
SUFFIX = {"en": "", "es": "_es"}
SEVERITIES = {"critical", "warning", "info", "none"}
# Prometheus' own, those of its targets, and what WolkvoxLabelsRenamed says.
MORE_LABELS = {"job", "instance", "alertname", "alertstate", "severity", "alertmanager", "__name__", "label"}
MORE_METRICS = {"up", "ALERTS", "process_start_time_seconds", "prometheus_notifications_errors_total"}
MORE_ANNOTATIONS = {"campaign", "since", "reason", "reason_es"}
JUDGED = {
    "started": "wolkvox_campaign_running",
    "expected": "wolkvox_campaign_expected",
    "permitted": "wolkvox_campaign_permitted",
    "calls": "calls_per_minute",
    "list": "wolkvox_campaign_(?:clean|list|records|clean_records|dialed_records)",
}
"""What the exporter judges a campaign by."""

NOT_A_STATE = {
    # A stop without a schedule is no news once nobody is left to call.
    "WolkvoxCampaignStoppedUnscheduled": {"list"},
    # No list at all: of the state it is only the reason.
    "WolkvoxListEmpty": {"list"},
}
"""The alerts that may ask one of these, because no state says it."""

NOT_IN_TEXTS = {Reason.NOT_KNOWN, Reason.FORBIDDEN_HOURS, Reason.NOT_EXPECTED}
"""The first says nothing; where the others are the reason, no alert is about the campaign."""

KEYS_OF_2_42 = {"alert", "record", "expr", "for", "keep_firing_for", "labels", "annotations"}

ALL_RULES = [rule for group in GROUPS for rule in group["rules"]]
ALERTS = [rule for rule in ALL_RULES if "alert" in rule]
CAMPAIGN_ALERTS = [
    rule
    for name in ("campaign", "result")
    for group in yaml.safe_load((ROOT / f"prometheus/rules/wolkvox-{name}-alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
NAMES = sorted({rule["alert"] for rule in ALERTS})
RECORDS = {rule["record"] for rule in ALL_RULES if "record" in rule}


def queries(name: str, language: str) -> list[str]:
    text = (DOCS[language] / f"{name}.md").read_text()
    return [
        line for block in re.findall(r"```promql\n(.*?)```", text, re.DOTALL) for line in block.splitlines()
    ]


def bare(expression: str) -> str:
    """Return an expression without its texts and durations."""
    return re.sub(r"\[[^\]]*\]|offset \w+", "", re.sub(r'"[^"]*"', '""', expression))


def metrics(expression: str) -> set[str]:
    words = set(re.findall(r"[A-Za-z_:][A-Za-z0-9_:]*", bare(expression)))
    return {word for word in words if "wolkvox_" in word or word in MORE_METRICS}


def labels(expression: str) -> set[str]:
    lists = re.findall(r"\b(?:by|on|without|group_left|group_right) ?\(([^)]*)\)", bare(expression))
    matchers = re.findall(r"([a-z_]+) ?(?:=~|!~|!=|=)\"", bare(expression))
    return {name.strip() for names in lists for name in names.split(",") if name.strip()} | set(matchers)


def known_labels() -> set[str]:
    own = {label for family in FAMILIES for label in family.label_names}
    return MORE_LABELS | own | {f"exported_{label}" for label in own}


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_uses_what_the_exporter_has(rule: dict[str, Any]) -> None:
    published = {family.name for family in FAMILIES}
    unknown = metrics(rule["expr"]) - published - RECORDS - MORE_METRICS
    assert unknown == set(), "neither a metric nor recorded in prometheus/rules/"
    assert labels(rule["expr"]) - known_labels() == set(), "no metric has these labels"
    for text in rule.get("annotations", {}).values():
        assert set(re.findall(r"\$labels\.(\w+)", text)) - known_labels() == set()


def test_every_label_of_the_metrics_is_told_when_it_is_renamed() -> None:
    (rule,) = [rule for rule in ALERTS if rule["alert"] == "WolkvoxLabelsRenamed"]
    asked = set(re.findall(r'\{exported_(\w+)!=""', rule["expr"]))
    told = set(re.findall(r'"label", "(\w+)"', rule["expr"]))
    assert asked == told == {label for family in FAMILIES for label in family.label_names}


def test_every_recorded_series_is_read_or_shown() -> None:
    dashboards = "".join(path.read_text() for path in (ROOT / "grafana" / "dashboards").rglob("*.json"))
    runbooks = "".join(path.read_text() for path in DOCS["en"].iterdir())
    rules = "".join(
        text for rule in ALL_RULES for text in (rule["expr"], *rule.get("annotations", {}).values())
    )
    read = rules + dashboards + runbooks
    assert {record for record in RECORDS if record not in read} == set(), "nothing reads them: take them out"


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}")
def test_an_alert_is_complete(rule: dict[str, Any]) -> None:
    name, annotations = rule["alert"], rule["annotations"]
    assert re.fullmatch(r"Wolkvox([A-Z][a-z]+)+", name)
    assert len(name) <= 40
    assert set(rule["labels"]) == {"severity"}
    assert rule["labels"]["severity"] in SEVERITIES
    assert set(annotations) - MORE_ANNOTATIONS == {*TEXTS, "runbook_url", "dashboard_url"}
    for fixed in ("summary", "summary_es", "action", "action_es"):
        assert re.fullmatch(r"\S[^{}\n]*\.", annotations[fixed])
    assert annotations["description"].endswith(".")
    assert annotations["description_es"].endswith(".")
    assert actions(annotations["description"]) == actions(annotations["description_es"])
    assert annotations["summary"] != annotations["summary_es"]
    assert annotations["runbook_url"] == f"docs/runbooks/{name}.md"
    # A page on a gauge would be resolved by one failed scrape.
    if rule["labels"]["severity"] in {"critical", "warning"} and name != "WolkvoxExporterDown":
        assert "keep_firing_for" in rule or "over_time(" in rule["expr"]


def alerts_of(term: Term) -> list[dict[str, Any]]:
    """Return the alerts whose runbook says more about a term."""
    return [rule["annotations"] for rule in ALERTS if rule["alert"] == term.runbook]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", terms())
def test_an_alert_says_to_do_what_the_glossary_says(kind: str, language: str) -> None:
    found = {
        (annotations[f"action{SUFFIX[language]}"], term.do[language])
        for term in terms()[kind].values()
        if term.do
        for annotations in alerts_of(term)
    }
    assert {said for said, _ in found} == {do for _, do in found}
    if kind == "state":
        assert found


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alert_about_a_state_has_its_word(language: str) -> None:
    for term in terms()["state"].values():
        summaries = [annotations[f"summary{SUFFIX[language]}"] for annotations in alerts_of(term)]
        assert all(term.words[language].lower() in summary for summary in summaries)
        assert bool(summaries) == bool(term.do)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}")
def test_a_summary_begins_with_a_campaign_where_its_name_can_stand(
    rule: dict[str, Any], language: str
) -> None:
    # The title of a message has the name in place of that word.
    word = terms()["term"]["campaign"].words[language]
    begins = rule["annotations"][f"summary{SUFFIX[language]}"].startswith(f"{word} ")
    assert begins == ("campaign" in rule["annotations"])


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}")
def test_figures_are_said_as_people_say_them(rule: dict[str, Any]) -> None:
    # 43.12%, and 42m 0s.
    shares = rule["annotations"]["description"].count("humanizePercentage")
    assert rule["annotations"]["description"].count('humanizePercentage | reReplaceAll "%" " %"') == shares
    rounded = re.search(r", 0\.0\d*\d\)$", rule["expr"]) or "quota" in rule["expr"]
    assert not shares or rounded, "round(..., 0.01) the share in the rule"
    assert "humanizeDuration" not in str(rule["annotations"])


@pytest.mark.parametrize(
    "rule", CAMPAIGN_ALERTS, ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}"
)
def test_an_alert_about_a_campaign_says_which_and_since_when(rule: dict[str, Any]) -> None:
    about_one = "var-campaign=" in rule["annotations"]["dashboard_url"]
    assert ("campaign" in rule["annotations"]) == about_one
    # The name and the skill change; they are no labels of an alert.
    assert not re.search(r"\bby \([^)]*skill_id", rule["expr"])
    if "state_confirmed:seconds{" in rule["expr"] and "for" not in rule and about_one:
        assert "since" in rule["annotations"]


@pytest.mark.parametrize(
    "rule", CAMPAIGN_ALERTS, ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}"
)
def test_no_alert_judges_a_campaign_for_itself(rule: dict[str, Any]) -> None:
    asked = {
        what
        for what, figure in JUDGED.items()
        if re.search(rf"{figure}[^(),]*(?:\[\w+\]\)? )?(?:==|!=|[<>]=?) *[01]\b", bare(rule["expr"]))
    }
    assert asked <= NOT_A_STATE.get(rule["alert"], set()), "wolkvox_campaign_state says it: compare that"


def test_the_alerts_know_the_states_and_reasons() -> None:
    named = set(re.findall(r'\bstate=~?"([^"]+)"', "".join(rule["expr"] for rule in ALERTS)))
    assert {state for states in named for state in states.split("|")} <= set(CampaignState)
    for rule in ALERTS:
        for key, language in (("reason", "en"), ("reason_es", "es")):
            if key in rule["annotations"]:
                said = dict(re.findall(r'eq \$reason "(\w+)" \}\}(.*?)\{\{', rule["annotations"][key]))
                assert said == {str(reason): reason.words[language] for reason in set(Reason) - NOT_IN_TEXTS}


def test_alerts_of_one_name_have_one_headline() -> None:
    # Of an operation "Far fewer calls ...", of a campaign "Campaign with far fewer calls ...".
    for summary, of_campaign in (("summary", "campaign (?:with )?"), ("summary_es", "campaña (?:con )?")):
        headlines = {
            (rule["alert"], re.sub(f"^{of_campaign}", "", rule["annotations"][summary].lower()))
            for rule in ALERTS
        }
        assert len(headlines) == len(NAMES)


def test_dashboards_are_there() -> None:
    uids = {json.loads(path.read_text())["uid"] for path in (ROOT / "grafana").rglob("*.json")}
    used = {re.match(r"/d/([a-z-]+)", rule["annotations"]["dashboard_url"]) for rule in ALERTS}
    for match in used:
        assert match is not None
        assert {match[1], f"{match[1]}-es"} <= uids


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}")
def test_thresholds_stand_in_their_own_file(rule: dict[str, Any]) -> None:
    # 0 and 1 are states; two moves of a counter are two polls; 60 makes minutes, 0.01 whole percents and 0.001 tenths.
    numbers = set(re.findall(r"(?<![A-Za-z0-9_:])[0-9]+(?:\.[0-9]+)?", bare(rule["expr"])))
    assert numbers <= {"0", "1", "2", "60", "0.01", "0.001"}, (
        "record it in prometheus/rules/wolkvox-thresholds.yml"
    )


def test_groups_load_in_2_42_and_are_small() -> None:
    for path in RULES:
        document = yaml.safe_load(path.read_text())
        assert set(document) == {"groups"}
        for group in document["groups"]:
            assert set(group) - {"interval"} == {"name", "rules"}
            assert group["name"].startswith("wolkvox-")
            assert len(group["name"]) <= 40
            assert 0 < len(group["rules"]) <= 20
            for rule in group["rules"]:
                assert set(rule) <= KEYS_OF_2_42


def scenarios() -> Iterator[Any]:
    for module in (campaign_scenarios, exporter_scenarios, result_scenarios, silent_scenarios):
        yield from module.SCENARIOS


def test_every_alert_fires_in_a_scenario() -> None:
    fired = {(s.fires.alert, s.fires.severity) for s in scenarios() if s.fires}
    alerts = {(rule["alert"], rule["labels"]["severity"]) for rule in ALERTS}
    assert alerts - fired == set(), "add a scenario in which it fires to tests/rules/*_scenarios.py"
    assert fired - alerts == set(), "no rule has this alert and severity"


def test_names_of_scenarios_are_their_own() -> None:
    names = [scenario.name for scenario in scenarios()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("language", DOCS)
def test_every_alert_has_its_runbook_and_no_other_has(language: str) -> None:
    runbooks = {path.stem for path in DOCS[language].iterdir()}
    folder = DOCS[language].relative_to(ROOT)
    assert set(NAMES) - runbooks == set(), f"each alert has its page in {folder}/"
    assert runbooks - set(NAMES) == set(), f"pages in {folder}/ are of alerts"


@pytest.mark.parametrize("language", DOCS)
@pytest.mark.parametrize("name", NAMES)
def test_a_runbook_is_complete(name: str, language: str) -> None:
    file = DOCS[language] / f"{name}.md"
    where, text = file.relative_to(ROOT), file.read_text()
    title, *parts = re.split(r"^#+ (.*)\n", text, flags=re.MULTILINE)[1:]
    assert title == name, where
    assert parts[1::2] == SECTIONS[language], f"{where} has other sections"
    thin = [part for part, body in zip(parts[1::2], parts[2::2], strict=True) if len(body.split()) < 5]
    assert thin == [], f"{where} says next to nothing in these sections"
    assert queries(name, language), f"{where}: a block of promql tells what to look at"
    for target in re.findall(r"\]\((\w+\.md)\)", text):
        assert (DOCS[language] / target).is_file(), target
    for query in queries(name, language):
        assert metrics(query), query
        assert metrics(query) - {family.name for family in FAMILIES} - RECORDS - MORE_METRICS == set()
        assert labels(query) - known_labels() == set()


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_ask_the_same(name: str) -> None:
    english, spanish = ((DOCS[language] / f"{name}.md").read_text() for language in ("en", "es"))
    assert queries(name, "en") == queries(name, "es"), f"docs/es/runbooks/{name}.md asks otherwise"
    numbered = re.compile(r"^\d+\. ", re.MULTILINE)
    steps = len(numbered.findall(english)), len(numbered.findall(spanish))
    assert steps[0] == steps[1], f"docs/es/runbooks/{name}.md has more or fewer steps"


def test_the_page_on_alerting_names_all() -> None:
    text = (ROOT / "docs" / "alerting.md").read_text()
    assert set(re.findall(r"^\| \[(\w+)\]", text, re.MULTILINE)) == set(NAMES), "run `make generate`"
    thresholds = [rule for rule in ALL_RULES if ":threshold" in rule.get("record", "")]
    rows = [f"| `{rule['record']}` | {rule['expr'].partition(' *')[0]} | " for rule in thresholds]
    missing = [row for row in rows if row not in text]
    assert missing == [], "add each, with what it is, to the table of thresholds in docs/alerting.md"


@pytest.mark.integration
def test_queries_of_runbooks_are_promql(tmp_path: Path) -> None:
    rules = [
        {"record": f"query:{name}:{number}", "expr": query}
        for name in NAMES
        for number, query in enumerate(queries(name, "en"))
    ]
    file = tmp_path / "queries.yml"
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))
    result = subprocess.run(
        [program("promtool"), "check", "rules", file], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stderr
