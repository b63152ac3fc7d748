"""The rules that good dashboards keep, over all JSON; an exception stands here with its reason."""

import re
from typing import Any

import pytest
import yaml

from dashboards import look
from dashboards.panels import CLOCK, DATASOURCE
from dashboards.queries import ABANDONMENT_30_DAYS, TARGET
from exporter.apis import APIS
from exporter.glossary import terms
from exporter.metrics.table import FAMILIES
from support.boards import (
    FILES,
    FOLDER,
    NAMES,
    annotations,
    board,
    expressions,
    panels,
    variables,
)

pytestmark = pytest.mark.parametrize("name", NAMES)

LABELS = {family.name: set(family.label_names) for family in FAMILIES}

RECORDING = FOLDER.parents[1] / "prometheus" / "rules" / "wolkvox-recording.yml"

FOREIGN = {
    "up": "Prometheus' own, of the scrape of the exporter",
    "scrape_duration_seconds": "as up",
    "scrape_samples_scraped": "as up",
    "ALERTS": "Prometheus' own, of the rules",
    "ALERTS_FOR_STATE": "as ALERTS",
    ABANDONMENT_30_DAYS: "of the rules, see test_what_rules_record_is_recorded",
    "process_start_time_seconds": "prometheus-client's, of the process",
    "process_resident_memory_bytes": "as process_start_time_seconds",
    "process_cpu_seconds_total": "as process_start_time_seconds",
}
"""Metrics that are not the exporter's own."""

ALL = {
    # Every target of Prometheus has `up`: all jobs would be those of others too, so the list is used.
    "job": None,
    "instance": None,
    # A campaign whose skill is not known has no such label, and is a campaign too.
    "skill": ".*",
}
"""What stands for all values, where it is not `.+`."""

VARIABLES = {
    "job": "job",
    "instance": "instance",
    "operation": "operation",
    "campaign_id": "campaign",
    "skill_id": "skill",
}
"""Label -> the variable that chooses its values."""

FOREIGN_LABELS = {"job", "instance", "alertname", "alertstate", "severity"}

SWITCHED_OFF = {family.name: api.name for api in APIS if not api.enabled for family in api.families}
"""The API of the families that only those have who switch it on."""

UNITS = {
    *(look.COUNT, look.SHARE, look.SECONDS, look.BYTES, look.LOCAL),
    # Grafana's own units for these write English words in a Spanish dashboard.
    *(look.PER_MINUTE, look.PER_HOUR, look.IN_SECONDS, look.MINUTES, look.HOURS, look.CLOCK),
}

WITHOUT_INSTANCE = {
    "ALERTS": "alerts are about operations and campaigns; rules take job and instance away",
    "ALERTS_FOR_STATE": "as ALERTS",
    ABANDONMENT_30_DAYS: "as the alerts",
}

_FAMILY = re.compile(r"\b(wolkvox_[a-z_]+)\{")
_COUNTER_READ = re.compile(r"\b(?:rate|irate|increase)\((?:[a-z_]+_total)\{")


def test_the_identity_is_fixed_and_is_the_file_name(name: str) -> None:
    loaded = board(name)
    language, _, stem = name.partition("/")
    assert loaded["uid"] == stem
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", loaded["uid"])
    assert loaded["uid"].endswith("-es") == (language == "es")
    assert loaded["title"].startswith("wolkvox / ")
    assert loaded["description"]


def test_nothing_that_grafana_gives_is_in_it(name: str) -> None:
    assert not {"id", "version", "iteration", "__inputs", "__requires", "gnetId"} & board(name).keys()


def test_it_is_classic_json_without_library_panels(name: str) -> None:
    # Grafana 13 refuses the v2 schema in provisioned files; provisioning does not carry library panels.
    assert board(name)["schemaVersion"] == 42
    assert "apiVersion" not in board(name)
    assert not [panel for panel in board(name)["panels"] if "libraryPanel" in panel]


def test_it_is_read_only_and_refreshes_no_faster_than_the_figures_move(name: str) -> None:
    loaded = board(name)
    assert loaded["editable"] is False
    assert loaded["refresh"] == "1m"
    assert set(loaded["timepicker"]["refresh_intervals"]) == {"1m", "5m", "15m"}
    assert loaded["timezone"] == "browser"
    assert "weekStart" not in loaded
    assert loaded["graphTooltip"] == 1


def test_one_data_source_variable_and_everything_refers_to_it(name: str) -> None:
    found = [v for v in board(name)["templating"]["list"] if v["type"] == "datasource"]
    assert [(v["name"], v["query"]) for v in found] == [("datasource", "prometheus")]
    expected = DATASOURCE.to_json()
    asking = [p for p in panels(name) if p["type"] != "text"]
    assert [p["title"] for p in asking if p["datasource"] != expected] == []
    assert [t for p in asking for t in p["targets"] if t["datasource"] != expected] == []
    assert [v["name"] for v in variables(name) if v["datasource"] != expected] == []
    assert [a["name"] for a in annotations(name) if a["datasource"] != expected] == []


def test_variables_follow_the_time_range_and_can_be_all(name: str) -> None:
    for variable in variables(name):
        assert variable["refresh"] == 2, variable["name"]
        if "wolkvox-campaign" in name and variable["name"] == "operation":
            # Other dashboards lead here with all operations; "oneoperation" is the one that is shown.
            assert not variable["multi"]
            assert variable["includeAll"]
            continue
        if "wolkvox-campaign" in name and variable["name"] in {"campaign", "oneoperation"}:
            # This dashboard is about one campaign: the figures of several have no common meaning, and two
            # operations may have campaigns with the same id.
            # Of what has several values or all Grafana escapes what regular expressions read: "Sales (Lima)".
            # The ids of campaigns are numbers, and nobody sees the other variable.
            assert variable["multi"] is (variable["name"] == "oneoperation")
            assert variable["multi"] is (variable["hide"] == 2)
            assert not variable["includeAll"]
            continue
        assert variable["multi"], variable["name"]
        assert variable["includeAll"], variable["name"]
        assert variable.get("allValue") == ALL.get(variable["name"], ".+"), variable["name"]


def test_job_and_instance_exist_with_their_own_names(name: str) -> None:
    labels = {v["name"]: v["label"] for v in variables(name)}
    assert (labels["job"], labels["instance"]) == ("job", "instance")
    assert list(labels)[:3] == ["job", "instance", "operation"]


def _variables(chosen: list[str]) -> dict[str, str]:
    """Return the variable by label; where one operation follows from what was chosen, that."""
    return VARIABLES | ({"operation": "oneoperation"} if "oneoperation" in chosen else {})


def test_every_selector_matches_on_what_the_variables_chose(name: str) -> None:
    by_variable = {v["name"]: index for index, v in enumerate(variables(name))}
    for expression in expressions(name):
        # A variable depends on those before it, everything else on all.
        chosen = list(by_variable)[: by_variable.get(expression.where)]
        for metric, matchers in expression.selectors():
            if metric in WITHOUT_INSTANCE:
                continue
            wanted = [
                (label, variable)
                for label, variable in _variables(chosen).items()
                if variable in chosen and label in {*TARGET, *LABELS.get(metric, ())}
            ]
            assert [(label, matchers.get(label, "")[1:]) for label, _ in wanted] == wanted, (
                expression.where,
                metric,
            )


def test_no_variable_stands_in_a_metric_name_and_no_metric_stands_alone(name: str) -> None:
    for expression in expressions(name):
        bare = re.sub(r'"[^"]*"', '""', expression.text).replace(ABANDONMENT_30_DAYS, "recorded")
        assert not re.search(r"[a-z_]\$|\$[a-z]+_", bare), expression
        named = {metric for metric, _ in expression.selectors()}
        alone = set(re.findall(r"\b(?:wolkvox|process|scrape)_[a-z_]+\b(?!\{)", bare))
        assert not alone, (expression.where, alone)
        assert named, expression.where


def test_every_metric_and_label_is_one_of_the_exporter(name: str) -> None:
    for expression in expressions(name):
        known: set[str] = set()
        for metric, matchers in expression.selectors():
            assert metric in LABELS or metric in FOREIGN, (expression.where, metric)
            own = LABELS.get(metric, {"operation", "campaign_id", "campaign"}) | FOREIGN_LABELS
            assert matchers.keys() <= own, (expression.where, metric)
            known |= own
        assert expression.grouping() <= known, expression.where


def test_what_rules_record_is_recorded(name: str) -> None:
    asked = {
        metric for expression in expressions(name) for metric, _ in expression.selectors() if ":" in metric
    }
    groups = yaml.safe_load(RECORDING.read_text(encoding="utf-8"))["groups"]
    assert asked <= {rule["record"] for group in groups for rule in group["rules"]}


def test_counters_are_only_read_as_rates(name: str) -> None:
    for expression in expressions(name):
        counters = [metric for metric, _ in expression.selectors() if metric.endswith("_total")]
        if expression.where in {v["name"] for v in variables(name)}:
            continue  # a variable asks for labels, not for figures
        assert len(counters) == len(_COUNTER_READ.findall(expression.text)), expression.where


_FIGURED = re.compile(r"\) / (?!60$|60 )(.*)")
NEVER_ZERO = {
    "wolkvox_poll_interval_seconds": "a configured interval, at least seconds long",
    "wolkvox_campaign_clean_records": "only lists whose records went down in the window are in it",
}


def test_division_is_guarded(name: str) -> None:
    for expression in expressions(name):
        for divisor in _FIGURED.findall(expression.text):
            zeroless = any(family in divisor for family in NEVER_ZERO)
            assert " > 0)" in divisor or zeroless, expression.where


def test_unknown_is_never_filled_with_zero(name: str) -> None:
    assert [e.where for e in expressions(name) if "vector(0)" in e.text] == []


def test_every_panel_has_its_own_id_title_and_description(name: str) -> None:
    everything = [*panels(name), *(panel for panel in board(name)["panels"] if panel["type"] == "row")]
    ids = [panel["id"] for panel in everything]
    assert 0 not in ids
    assert len(set(ids)) == len(ids)
    assert [p["id"] for p in everything if not p.get("title")] == []
    assert [p["title"] for p in panels(name) if len(p.get("description", "")) < 20] == []


def test_no_panel_overlaps_or_leaves_the_grid(name: str) -> None:
    taken: dict[tuple[int, int], int] = {}
    for panel in board(name)["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for cell in (
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        ):
            assert cell not in taken, (panel["title"], taken.get(cell))
            taken[cell] = panel["id"]


def test_every_panel_asks_something_and_hides_nothing(name: str) -> None:
    for panel in panels(name):
        if panel["type"] == "text":
            continue
        assert panel["targets"], panel["title"]
        assert [t for t in panel["targets"] if t.get("hide")] == []
        references = [t["refId"] for t in panel["targets"]]
        assert len(set(references)) == len(references)


def test_no_panel_asks_for_finer_steps_than_a_scrape(name: str) -> None:
    assert {p["interval"] for p in panels(name) if p["type"] != "text"} == {"1m"}


def units(panel: dict[str, Any]) -> set[str]:
    config = panel["fieldConfig"]
    found = {config["defaults"].get("unit")}
    for override in config["overrides"]:
        found |= {p["value"] for p in override["properties"] if p["id"] == "unit"}
    return {unit for unit in found if unit}


def test_figures_have_a_unit_or_words(name: str) -> None:
    for panel in panels(name):
        if panel["type"] in {"text", "state-timeline"}:
            continue
        assert units(panel) <= UNITS, panel["title"]
        if panel["type"] in {"timeseries", "stat", "bargauge"}:
            assert units(panel), panel["title"]


def test_no_data_is_said_in_words(name: str) -> None:
    for panel in panels(name):
        defaults = panel["fieldConfig"]["defaults"]
        if panel["type"] == "text":
            continue
        assert defaults["noValue"], panel["title"]
        if panel["type"] == "state-timeline":
            # It does not show noValue: a mapping of null does.
            assert [m for m in defaults["mappings"] if m["type"] == "special"], panel["title"]
            assert defaults["custom"]["spanNulls"] is False
        else:
            # Grafana would show the mapping of null in place of noValue.
            assert not [m for m in defaults.get("mappings") or () if m["type"] == "special"], panel["title"]


def test_a_panel_says_which_api_to_switch_on(name: str) -> None:
    for panel in panels(name):
        expressions_of = [target["expr"] for target in panel.get("targets", ())]
        apis = {SWITCHED_OFF.get(metric) for expr in expressions_of for metric in _FAMILY.findall(expr)}
        nothing = panel["fieldConfig"]["defaults"]["noValue"]
        for api in apis - {None}:
            assert f"apis.{api}" in f"{nothing} {panel['description']}", panel["title"]
        # Where each query needs the one API, the panel is empty without it.
        needed = [{SWITCHED_OFF.get(metric) for metric in _FAMILY.findall(expr)} for expr in expressions_of]
        for api in set.intersection(*needed) - {None} if needed else ():
            assert f"apis.{api}" in nothing, panel["title"]


def test_present_figures_are_asked_for_as_of_now(name: str) -> None:
    # A range query with "last not null" shows the last figure of a series that is gone.
    for panel in panels(name):
        if panel["options"].get("graphMode") == "area":
            # A sparkline needs the range: beside a clock, a series that is gone has no figure at its end.
            assert panel["targets"][-1]["expr"] == CLOCK
            assert [t["id"] for t in panel["transformations"]] == ["joinByField"]
            assert panel["options"]["reduceOptions"]["calcs"] == ["last"]
        elif panel["type"] in {"stat", "table", "bargauge"}:
            assert all(t["instant"] and not t["range"] for t in panel["targets"]), panel["title"]


def test_no_default_threshold_is_left(name: str) -> None:
    for panel in panels(name):
        steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
        assert [step for step in steps if step["value"] == 80] == [], panel["title"]
        assert {step["color"] for step in steps} & {"red", "green"} == set(), panel["title"]


def test_colours_are_those_that_everybody_can_tell_apart(name: str) -> None:
    ours = {one.color for kind in terms().values() for one in kind.values()}
    allowed = {*look.LINES, look.NONE, "text", *ours}
    for panel in panels(name):
        text = str(panel["fieldConfig"])
        used = set(re.findall(r"'(?:color|fixedColor)': '([^']+)'", text))
        assert used <= allowed, panel["title"]


def test_a_state_is_a_word_and_not_a_colour_alone(name: str) -> None:
    for panel in panels(name):
        for mapping in panel["fieldConfig"]["defaults"].get("mappings") or ():
            if mapping["type"] == "value":
                assert all(result["text"] for result in mapping["options"].values()), panel["title"]


def test_lines_have_a_legend_that_is_no_expression(name: str) -> None:
    for panel in panels(name):
        if panel["type"] in {"timeseries", "state-timeline"}:
            assert panel["options"]["legend"]["showLegend"], panel["title"]
            assert all(t["legendFormat"] not in {"", "__auto"} for t in panel["targets"]), panel["title"]
        if panel["type"] == "timeseries":
            assert panel["options"]["tooltip"]["mode"] == "multi"


def test_a_legend_shows_no_old_figure_as_the_present_one(name: str) -> None:
    # Grafana's lastNotNull is the last figure of a series that has ended.
    for panel in panels(name):
        legend = panel["options"].get("legend", {})
        assert "lastNotNull" not in legend.get("calcs", []), panel["title"]
        assert legend.get("sortBy") in {None, "Last"}, panel["title"]


def test_spanish_counts_have_no_points_beside_decimal_points(name: str) -> None:
    assert any(look.LOCAL in units(panel) for panel in panels(name)) is name.startswith("en/")


def test_bands_of_states_are_bounded(name: str) -> None:
    for panel in panels(name):
        if panel["type"] == "state-timeline":
            assert 50 <= panel["maxDataPoints"] <= 300
            assert panel["options"]["mergeValues"]


def test_dashboards_of_one_language_lead_to_each_other(name: str) -> None:
    language = name.partition("/")[0]
    assert board(name)["tags"] == ["wolkvox", f"wolkvox-{language}"]
    (link,) = board(name)["links"]
    assert (link["type"], link["tags"], link["keepTime"], link["includeVars"]) == (
        "dashboards",
        [f"wolkvox-{language}"],
        True,
        True,
    )


def test_links_lead_to_dashboards_of_the_same_language(name: str) -> None:
    uids = {file.stem for file in FILES if file.parent.name == name.partition("/")[0]}
    text = str(panels(name))
    for uid in re.findall(r"/d/([a-z-]+)", text):
        assert uid in uids
    for url in re.findall(r"'(/d/[^']*)'", text):
        assert "${__url_time_range}" in url
        assert "${datasource:queryparam}" in url
        # Without a format, Grafana leaves what ends a parameter: "Sales & Co".
        fields = re.findall(r"\$\{__data\.fields[^}]*\}", url)
        assert all(field.endswith(":percentencode}") for field in fields)


def test_the_column_that_leads_to_a_campaign_stays_where_no_campaign_has_a_name(name: str) -> None:
    for panel in panels(name):
        queries = {target["refId"]: target["expr"] for target in panel.get("targets", ())}
        # An alert need not be about a campaign.
        if panel["type"] == "table" and "/d/wolkvox-campaign" in str(panel) and "rank" not in queries:
            assert '"campaign", "-"' in queries["labels"], panel["title"]


def test_firing_alerts_and_restarts_are_annotations(name: str) -> None:
    by_default = [(a["expr"].partition("{")[0], a["enable"]) for a in annotations(name)]
    assert by_default[:2] == [("count(ALERTS", True), ("count(ALERTS", False)]
    assert by_default[-1] == ("changes(process_start_time_seconds", False)
    assert all(a["step"] and a["titleFormat"] and a["textFormat"] for a in annotations(name))
    (built_in,) = [a for a in board(name)["annotations"]["list"] if a.get("builtIn")]
    assert built_in["hide"] is True


def test_a_band_is_one_for_all_critical_alerts_about_what_is_shown(name: str) -> None:
    # A band for each alert covered the lines behind them, and other campaigns' alerts one that is well.
    bands = {annotation["name"] for annotation in annotations(name)}
    critical, warnings = [e for e in expressions(name) if e.where in bands and "ALERTS" in e.text]
    about = {"operation": f"${_variables([v['name'] for v in variables(name)])['operation']}|"}
    if "campaign" in {variable["name"] for variable in variables(name)}:
        about["campaign_id"] = "$campaign|"
    for expression, severity in ((critical, "critical"), (warnings, "warning")):
        ((_, matchers),) = expression.selectors()
        assert expression.text.endswith("}) > 0")
        assert matchers["severity"] == severity
        assert {label: matchers.get(label) for label in about} == about


def test_tables_name_their_queries_and_columns(name: str) -> None:
    for panel in panels(name):
        if panel["type"] != "table":
            continue
        assert all(
            re.fullmatch(r"[a-z]{3,}", t["refId"]) and t["format"] == "table" for t in panel["targets"]
        )
        organize = next(t for t in panel["transformations"] if t["id"] == "organize")["options"]
        shown = set(organize["renameByName"].values())
        overridden = {o["matcher"]["options"] for o in panel["fieldConfig"]["overrides"]}
        assert len(shown) == len(organize["renameByName"]), "two columns with one title"
        assert shown == overridden
        assert {s["displayName"] for s in panel["options"]["sortBy"]} <= shown


def test_there_is_a_text_that_says_what_the_dashboard_is_for(name: str) -> None:
    (note,) = [panel for panel in panels(name) if panel["type"] == "text"]
    assert "wolkvox" in note["options"]["content"]
