"""What all dashboards have around their panels: identity, variables, annotations, links."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models.dashboard import (
    AnnotationContainer,
    AnnotationQuery,
    Dashboard,
    DashboardCursorSync,
    DashboardDashboardTemplating,
    DashboardDashboardTime,
    DashboardLink,
    DashboardLinkType,
    TimePickerConfig,
    VariableHide,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
    VariableType,
)

from dashboards.language import Language
from dashboards.look import AMBER, GREY, PURPLE, RED
from dashboards.panels import DATASOURCE, Sheet
from dashboards.queries import Scope

TAG = "wolkvox"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that is asked of Prometheus: its name, English label, query and, if need be, its regex.

    one: exactly one value can be chosen; single: one or all. hidden: it follows from the others. everything: what
    stands for all, "" for the list of all values.
    """

    name: str
    label: str
    query: str
    regex: str = ""
    one: bool = False
    single: bool = False
    hidden: bool = False
    everything: str = ".+"


def _exporters(label: str, within: str) -> str:
    """Return the query of the values of a label of the exporters that were scraped in the range.

    An exporter that is silent for longer than the range has no samples of its own: then its `up` has them, if
    the job is called as the alerts want it.
    """
    families = f'up{{job=~".*wolkvox.*"{within}}}', f"wolkvox_requests_total{{{within.removeprefix(', ')}}}"
    heard = (f"group by ({label}) (last_over_time({family}[$__range]))" for family in families)
    return f"query_result({' or '.join(heard)})"


# `up` and the metrics of processes are asked for by job and instance, and every other target of Prometheus has
# them too: "all" must be the exporters, not anything.
JOB = Variable("job", "job", _exporters("job", ""), regex='/job="(?<value>[^"]+)"/', everything="")
INSTANCE = Variable(
    "instance",
    "instance",
    _exporters("instance", ', job=~"$job"'),
    regex='/instance="(?<value>[^"]+)"/',
    hidden=True,
    everything="",
)
OPERATION = Variable(
    "operation",
    "Operation",
    'label_values(wolkvox_requests_total{job=~"$job", instance=~"$instance"}, operation)',
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A dashboard before it has a language: `build` adds its panels to a sheet."""

    uid: str
    title: str
    description: str
    scope: Scope
    variables: Sequence[Variable]
    build: Callable[[Sheet, Scope], None]
    annotations: Callable[[Scope], Sequence[tuple[str, str, str]]] = lambda _: ()
    """Further annotations: English name, expression, text."""
    time_from: str = "now-12h"

    def render(self, say: Language) -> str:
        """Return the dashboard in a language as JSON."""
        sheet = Sheet(say)
        self.build(sheet, self.scope)
        dashboard = Dashboard(
            uid=self.uid + say.suffix,
            title=say(self.title),
            description=say(self.description),
            tags=[TAG, f"{TAG}-{say.code}"],
            timezone="browser",
            editable=False,
            graph_tooltip=DashboardCursorSync.CROSSHAIR,
            time=DashboardDashboardTime(self.time_from, "now"),
            timepicker=TimePickerConfig(refresh_intervals=["1m", "5m", "15m"]),
            refresh="1m",
            panels=sheet.panels,
            templating=DashboardDashboardTemplating(
                [_datasource(say), *(_query(variable, say) for variable in self.variables)]
            ),
            annotations=AnnotationContainer(_annotations(say, self.scope, self.annotations(self.scope))),
            links=[_others(say)],
        )
        return json.dumps(dashboard, cls=JSONEncoder, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def campaign_link(say: Language) -> str:
    """Return the address of one campaign's dashboard, for a table with columns of operation and id.

    Names of operations may hold anything: without a format, Grafana would leave "&", "#" and "+" as they are.
    """
    operation, campaign = (
        f'${{__data.fields["{say(title)}"]:percentencode}}' for title in ("Operation", "ID")
    )
    return (
        f"/d/wolkvox-campaign{say.suffix}?var-operation={operation}&var-campaign={campaign}"
        "&${datasource:queryparam}&${__url_time_range}"
    )


def _datasource(say: Language) -> VariableModel:
    return VariableModel(
        VariableType.DATASOURCE,
        "datasource",
        say("Data source"),
        hide=VariableHide.DONT_HIDE,
        query="prometheus",
        refresh=VariableRefresh.ON_DASHBOARD_LOAD,
    )


def _query(variable: Variable, say: Language) -> VariableModel:
    everything = VariableOption(selected=True, text=["All"], value=["$__all"])
    if variable.single:
        everything = VariableOption(selected=True, text="All", value="$__all")
    return VariableModel(
        VariableType.QUERY,
        variable.name,
        # The names of Prometheus' own labels are the same in every language.
        variable.label if variable.label == variable.name else say(variable.label),
        hide=VariableHide.HIDE_VARIABLE if variable.hidden else VariableHide.DONT_HIDE,
        query={"query": variable.query, "refId": variable.name},
        definition=variable.query,
        datasource=DATASOURCE,
        # Grafana escapes for regular expressions the values of those alone that may have several, or all.
        multi=not (variable.single or (variable.one and not variable.hidden)),
        include_all=not variable.one,
        all_value=None if variable.one else variable.everything or None,
        current=None if variable.one else everything,
        skip_url_sync=(variable.one and variable.hidden) or None,
        refresh=VariableRefresh.ON_TIME_RANGE_CHANGED,
        sort=VariableSort.NATURAL_ASC,
        regex=variable.regex,
    )


def _annotations(say: Language, scope: Scope, more: Sequence[tuple[str, str, str]]) -> list[AnnotationQuery]:
    built_in = AnnotationQuery(
        "Annotations & Alerts",
        common.DataSourceRef("grafana", "-- Grafana --"),
        enable=True,
        hide=True,
        icon_color=GREY,
        type_val="dashboard",
        built_in=1,
    )
    restarts = f"changes({scope.select('process_start_time_seconds')}[5m]) > 0"
    return [
        built_in,
        *(
            # One band for all: a band for each alert would cover the lines behind it.
            _annotation(
                say(name),
                f"count({scope.alerts(severity)}) > 0",
                color,
                title=say(name),
                text=say("They are listed on the dashboard Floor."),
                enabled=name == "Critical alerts",
                step="1m",
            )
            for severity, name, color in (
                ('severity="critical"', "Critical alerts", RED),
                ('severity="warning"', "Warnings", AMBER),
            )
        ),
        *(_annotation(say(name), expr, PURPLE, title=say(name), text=text) for name, expr, text in more),
        _annotation(
            say("Exporter starts"),
            restarts,
            GREY,
            title=say("Exporter starts"),
            text="{{instance}}",
            enabled=False,
        ),
    ]


def _annotation(  # noqa: PLR0913 - the parts of one annotation
    name: str, expr: str, color: str, *, title: str, text: str, enabled: bool = True, step: str = "5m"
) -> AnnotationQuery:
    return AnnotationQuery(
        name,
        DATASOURCE,
        enable=enabled,
        icon_color=color,
        expr=expr,
        step=step,
        title_format=title,
        text_format=text,
    )


def _others(say: Language) -> DashboardLink:
    return DashboardLink(
        title="wolkvox",
        type_val=DashboardLinkType.DASHBOARDS,
        tags=[f"{TAG}-{say.code}"],
        as_dropdown=True,
        include_vars=True,
        keep_time=True,
        icon="external link",
        tooltip=say("The other dashboards"),
    )
