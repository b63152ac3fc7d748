"""Panels of each kind, made alike: texts in one language, explicit ids, places from left to right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grafana_foundation_sdk.models import bargauge, common, statetimeline, table, text, timeseries
from grafana_foundation_sdk.models import stat as stat_panel
from grafana_foundation_sdk.models.dashboard import (
    DashboardFieldConfigSourceOverrides,
    DashboardLink,
    DataTransformerConfig,
    FieldColor,
    FieldColorModeId,
    FieldConfig,
    FieldConfigSource,
    GridPos,
    Panel,
    RowPanel,
    ThresholdsConfig,
)
from grafana_foundation_sdk.models.prometheus import Dataquery, PromQueryFormat

from dashboards import content, look
from dashboards.content import Column, Query, Words, having, override, ref, styles
from dashboards.language import Language

DATASOURCE = common.DataSourceRef("prometheus", "${datasource}")
COLUMNS = 24
_FILLED = 70
SCRAPE = "1m"
"""No panel asks for a finer step: a scrape brings nothing newer, and a poll comes each 5 minutes."""

_STEPS_A_DAY = 1440

CLOCK = "vector(1)"
"""What has a sample at each step, so that the last one of a series that is gone is no sample."""

_CLOCK_NAME = "clock"

_LEFT_OUT = 'label_replace(vector(NaN), "operation", "none", "", "")'
"""The row of no operation."""


@dataclass(slots=True)
class Sheet:
    """The panels of one dashboard in one language, placed one after the other in lines."""

    say: Language
    panels: list[Panel | RowPanel] = field(default_factory=list)
    _x: int = 0
    _y: int = 0
    _height: int = 0

    def _place(self, width: int, height: int) -> GridPos:
        if self._x + width > COLUMNS:
            self._x, self._y, self._height = 0, self._y + self._height, 0
        place = GridPos(height, width, self._x, self._y)
        self._x += width
        self._height = max(self._height, height)
        return place

    def row(self, panel_id: int, title: str) -> RowPanel:
        """Begin a new part of the dashboard, and return its heading."""
        heading = RowPanel(title=self.say(title), id_val=panel_id, grid_pos=self._place(COLUMNS, 1))
        self.panels.append(heading)
        return heading

    def _add(  # noqa: PLR0913 - what all panels have, all named at the call
        self,
        kind: str,
        panel_id: int,
        words: Words,
        size: tuple[int, int],
        *,
        options: object,
        fields: FieldConfig,
        targets: Sequence[Dataquery] = (),
        overrides: Sequence[DashboardFieldConfigSourceOverrides] = (),
        transformations: Sequence[DataTransformerConfig] = (),
        max_data_points: float | None = None,
        heading: RowPanel | None = None,
    ) -> None:
        fields.no_value = self.say(words.nothing)
        beside = self.panels if heading is None else heading.panels
        beside.append(
            Panel(
                type_val=kind,
                id_val=panel_id,
                title=self.say(words.title),
                description=self.say(words.meaning),
                datasource=DATASOURCE if targets else None,
                targets=list(targets) or None,
                grid_pos=self._place(*size),
                interval=SCRAPE if targets else None,
                max_data_points=max_data_points,
                options=options,
                field_config=FieldConfigSource(fields, list(overrides)),
                transformations=list(transformations) or None,
            )
        )

    def _legend(self, legend: str) -> str:
        return legend if not legend or "{{" in legend else self.say(legend)

    def _unit(self, unit: str) -> str:
        """Return the unit as it can be read beside decimals, which Grafana writes with a point everywhere."""
        return look.COUNT if unit == look.LOCAL and self.say.code == "es" else unit

    def note(
        self,
        panel_id: int,
        words: Words,
        size: tuple[int, int],
        content: str,
        heading: RowPanel | None = None,
    ) -> None:
        """Add a text (Markdown); heading: of a part that is closed until somebody opens it."""
        if heading is not None:
            heading.collapsed = True
        options = text.Options(text.TextMode.MARKDOWN, content=self.say(content))
        self._add("text", panel_id, words, size, options=options, fields=FieldConfig(), heading=heading)

    def stat(  # noqa: PLR0913 - the ways in which a tile may look, all named at the call
        self,
        panel_id: int,
        words: Words,
        size: tuple[int, int],
        *queries: Query,
        unit: str = look.COUNT,
        decimals: int | None = None,
        states: look.Words = (),
        steps: ThresholdsConfig | None = None,
        link: DashboardLink | None = None,
        label: str = "",
        rows: bool = False,
        alarms: bool = False,
        sparkline: bool = False,
    ) -> None:
        """Add a tile of the present figures.

        states: words for the values; steps: colours by value; label: show this label instead of the value;
        rows: several figures one below the other; alarms: a figure that is not 0 has its query's colour;
        sparkline: how the figures came about in the range shown is drawn behind them.
        """
        coloured = bool(states or steps or alarms)
        several = len(queries) > 1
        shown = common.BigValueTextMode.VALUE_AND_NAME if several else common.BigValueTextMode.VALUE
        options = stat_panel.Options(
            graph_mode=common.BigValueGraphMode.AREA if sparkline else common.BigValueGraphMode.NONE,
            color_mode=common.BigValueColorMode.BACKGROUND_SOLID
            if coloured
            else common.BigValueColorMode.NONE,
            justify_mode=common.BigValueJustifyMode.CENTER,
            text_mode=shown,
            reduce_options=common.ReduceDataOptions(
                values=False,
                calcs=["last" if sparkline else "lastNotNull"],
                fields=f"/^{label}$/" if label else f"/^(?!(Time|{_CLOCK_NAME})$)/" if sparkline else None,
            ),
            orientation=common.VizOrientation.VERTICAL
            if several and not rows
            else common.VizOrientation.HORIZONTAL,
            # A name beside its figure, in a tile that is low, is too small to read.
            wide_layout=rows,
        )
        fields = FieldConfig(
            unit=self._unit(unit),
            decimals=decimals,
            # A word for null would hide the words that the tile has for no data.
            mappings=[look.mapping(states, self.say)] if states else None,
            thresholds=steps or look.thresholds(look.NONE if coloured else "text"),
            color=FieldColor(FieldColorModeId.THRESHOLDS),
            links=[link] if link else None,
        )
        targets = self._targets(queries, instant=not sparkline)
        if sparkline:
            clock = self._targets([Query(CLOCK)], instant=False)[0]
            clock.legend_format, clock.ref_id = _CLOCK_NAME, ref(len(queries))
            targets.append(clock)
        if label:
            for target in targets:
                target.format_val = PromQueryFormat.TABLE
        self._add(
            "stat",
            panel_id,
            words,
            size,
            options=options,
            fields=fields,
            targets=targets,
            overrides=content.alarms(queries) if alarms else (),
            # Puts the figures beside the clock: what has none at the end has no last figure.
            transformations=[
                DataTransformerConfig("joinByField", options={"byField": "Time", "mode": "outer"})
            ]
            if sparkline
            else (),
            max_data_points=_STEPS_A_DAY if sparkline else None,
        )

    def _targets(self, queries: Sequence[Query], *, instant: bool) -> list[Dataquery]:
        """Return queries of the range, or of its end alone: a range would show a dead series' last figure."""
        return [
            Dataquery(
                datasource=DATASOURCE,
                expr=query.expr,
                instant=instant,
                range_val=not instant,
                legend_format=self._legend(query.legend) or "__auto",
                ref_id=ref(number),
            )
            for number, query in enumerate(queries)
        ]

    def series(  # noqa: PLR0913 - the ways in which lines may look, all named at the call
        self,
        panel_id: int,
        words: Words,
        size: tuple[int, int],
        *queries: Query,
        unit: str,
        many: bool = False,
        stacked: bool = False,
        most: float | None = None,
        decimals: int | None = None,
        limit: float | None = None,
    ) -> None:
        """Add lines over time.

        many: there may be dozens of series, which a table names; stacked: parts of one whole; most: the end
        of the axis where it has one; limit: a line not to be crossed.
        """
        legend = common.VizLegendOptions(
            display_mode=common.LegendDisplayMode.TABLE if many else common.LegendDisplayMode.LIST,
            placement=common.LegendPlacement.BOTTOM,
            show_legend=True,
            # The last that is not null would be an old figure shown as the present one.
            calcs=["last", "max"] if many else [],
            sort_by="Last" if many else None,
            sort_desc=True if many else None,
        )
        options = timeseries.Options(
            legend=legend,
            tooltip=common.VizTooltipOptions(
                common.TooltipDisplayMode.MULTI, common.SortOrder.DESCENDING, hide_zeros=False
            ),
        )
        custom = timeseries.FieldConfig(
            draw_style=common.GraphDrawStyle.LINE,
            line_width=0 if stacked else 2,
            fill_opacity=_FILLED if stacked else 0,
            show_points=common.VisibilityMode.NEVER,
            span_nulls=False,
            stacking=common.StackingConfig(common.StackingMode.NORMAL) if stacked else None,
            axis_soft_min=0,
            axis_soft_max=None if limit is None else limit * 1.1,
            thresholds_style=None
            if limit is None
            else common.GraphThresholdsStyleConfig(common.GraphThresholdsStyleMode.DASHED),
        )
        fields = FieldConfig(
            unit=self._unit(unit),
            decimals=decimals,
            min_val=0,
            max_val=most,
            color=FieldColor(FieldColorModeId.PALETTE_CLASSIC),
            thresholds=look.thresholds(look.NONE, *([] if limit is None else [(limit, look.RED)])),
            custom=custom,
        )
        self._add(
            "timeseries",
            panel_id,
            words,
            size,
            options=options,
            fields=fields,
            targets=self._targets(queries, instant=False),
            overrides=styles(queries),
        )

    def bars(
        self, panel_id: int, words: Words, size: tuple[int, int], query: Query, names: Mapping[str, str]
    ) -> None:
        """Add one horizontal bar of the present count for each series; names: what a series is called."""
        options = bargauge.Options(
            display_mode=common.BarGaugeDisplayMode.BASIC,
            value_mode=common.BarGaugeValueMode.TEXT,
            orientation=common.VizOrientation.HORIZONTAL,
            reduce_options=common.ReduceDataOptions(values=False, calcs=["lastNotNull"]),
            show_unfilled=False,
        )
        fields = FieldConfig(
            unit=self._unit(look.LOCAL),
            min_val=0,
            color=look.fixed(look.BLUE),
            thresholds=look.thresholds(look.NONE),
        )
        self._add(
            "bargauge",
            panel_id,
            words,
            size,
            options=options,
            fields=fields,
            targets=self._targets([query], instant=True),
            overrides=[
                override("byName", name, {"displayName": self.say(text)}) for name, text in names.items()
            ],
        )

    def timeline(
        self,
        panel_id: int,
        words: Words,
        size: tuple[int, int],
        *queries: Query,
        states: look.Words,
        rows: int = 16,
    ) -> None:
        """Add bands of states over time, one a series.

        More than `rows` of them are on further pages; 0: all on one.
        """
        options = statetimeline.Options(
            show_value=common.VisibilityMode.NEVER,
            row_height=0.8,
            merge_values=True,
            legend=common.VizLegendOptions(
                common.LegendDisplayMode.LIST, common.LegendPlacement.BOTTOM, show_legend=True
            ),
            tooltip=common.VizTooltipOptions(common.TooltipDisplayMode.SINGLE, common.SortOrder.NONE),
            per_page=rows,
        )
        fields = FieldConfig(
            mappings=look.mappings(states, self.say),
            thresholds=look.thresholds(look.GREY),
            # Under "thresholds" the timeline would merge states and lose their words.
            color=FieldColor(FieldColorModeId.PALETTE_CLASSIC),
            custom=statetimeline.FieldConfig(line_width=0, fill_opacity=90, span_nulls=False),
        )
        self._add(
            "state-timeline",
            panel_id,
            words,
            size,
            options=options,
            fields=fields,
            targets=self._targets(queries, instant=False),
            max_data_points=200,
        )

    def table(  # noqa: PLR0913 - what a table needs, named at the call where it is not plain
        self,
        panel_id: int,
        words: Words,
        size: tuple[int, int],
        queries: dict[str, str],
        columns: Sequence[Column],
        *,
        sort: str,
        descending: bool = True,
        then: str = "",
        only: str = "",
        keep: Sequence[str] = (),
    ) -> None:
        """Add a table of the present figures: the queries are merged where their labels agree.

        queries: name -> expression; sort: the English title of a column; then: of one that is sorted by
        ascending where that one is the same; only: leave out the rows in which
        this query has no figure, so that the columns of the others stay where they have none at all; keep:
        labels whose columns stay, too.
        """
        if only:
            queries = _with_all_columns(queries, only, keep)
        targets = [
            Dataquery(
                datasource=DATASOURCE,
                expr=expr,
                instant=True,
                range_val=False,
                format_val=PromQueryFormat.TABLE,
                ref_id=name,
            )
            for name, expr in queries.items()
        ]
        names = [column.field for column in columns]
        titles = [self.say(column.title) for column in columns]
        self._add(
            "table",
            panel_id,
            words,
            size,
            options=table.Options(
                show_header=True,
                cell_height=common.TableCellHeight.SM,
                sort_by=[
                    common.TableSortByFieldState(self.say(sort), descending),
                    *([common.TableSortByFieldState(self.say(then), desc=False)] if then else []),
                ],
            ),
            fields=FieldConfig(
                color=FieldColor(FieldColorModeId.THRESHOLDS), thresholds=look.thresholds("text")
            ),
            targets=targets,
            overrides=[
                override("byName", title, self._cell(column))
                for title, column in zip(titles, columns, strict=True)
            ],
            transformations=[
                DataTransformerConfig("merge", options={}),
                *([having(f"Value #{only}")] if only else []),
                DataTransformerConfig("filterFieldsByName", options={"include": {"names": names}}),
                DataTransformerConfig(
                    "organize",
                    options={
                        "indexByName": {name: index for index, name in enumerate(names)},
                        "renameByName": dict(zip(names, titles, strict=True)),
                    },
                ),
            ],
        )

    def _cell(self, column: Column) -> dict[str, object]:
        cell: dict[str, object] = {"noValue": "-"}
        if column.unit:
            cell["unit"] = self._unit(column.unit)
        if column.words:
            cell["mappings"] = [look.mapping(column.words, self.say)]
        if column.words and not column.plain:
            cell["custom.align"] = "left"
        if column.steps or (column.words and not column.plain):
            cell["custom.cellOptions"] = {"type": "color-background", "mode": "basic"}
        if column.steps:
            cell["thresholds"] = column.steps
        if column.decimals is not None:
            cell["decimals"] = column.decimals
        if column.hidden:
            cell["custom.hidden"] = True
        if column.width:
            cell["custom.width"] = column.width
        if column.link:
            cell["links"] = [DashboardLink(title=self.say("Open the campaign"), url=column.link)]
        return cell


def _with_all_columns(queries: Mapping[str, str], only: str, keep: Sequence[str]) -> dict[str, str]:
    """Return queries of which all have samples or none, as one of them, `only`, and one for labels to keep.

    The samples that are added make rows without a figure of `only`, which are left out. Without any sample the
    table says its words for no data.
    """
    there = f" and on () ({queries[only]})"
    found = {
        name: expr if name == only else f"({expr} or on () {_LEFT_OUT}){there}"
        for name, expr in queries.items()
    }
    if keep:
        labelled = _LEFT_OUT
        for label in keep:
            labelled = f'label_replace({labelled}, "{label}", "-", "", "")'
        found["labels"] = labelled + there
    return found
