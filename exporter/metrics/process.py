"""The exporter's own metrics: build, configuration, process and Python, kept by prometheus-client."""

import os
import platform
from collections.abc import Callable, Iterator

from prometheus_client import (
    CollectorRegistry,
    Gauge,
    GCCollector,
    Metric,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest as generate_latest_openmetrics

from exporter import __version__
from exporter.families import Family, MetricType, Scope
from exporter.metrics.selection import EVERYTHING, Selection
from exporter.metrics.text import Format
from exporter.state import Health

BUILD_INFO = Family(
    "wolkvox_exporter_build_info",
    "The running exporter's version; the value is always 1.",
    Scope.PROCESS,
    labels=("version", "revision", "python"),
)
RELOAD_SUCCESSFUL = Family(
    "wolkvox_exporter_config_last_reload_successful",
    "1 when the configuration was last loaded without a problem, 0 when the one before is kept.",
    Scope.PROCESS,
)
RELOAD_TIMESTAMP = Family(
    "wolkvox_exporter_config_last_reload_success_timestamp_seconds",
    "When the configuration was last loaded without a problem, in Unix time.",
    Scope.PROCESS,
    unit="seconds",
)
STATE_UP = Family(
    "wolkvox_exporter_state_up",
    "1 when the state store can be used, 0 while the exporter goes on from memory.",
    Scope.PROCESS,
)
STATE_LOSSES = Family(
    "wolkvox_exporter_state_losses_total",
    "Times that the state store was lost.",
    Scope.PROCESS,
    MetricType.COUNTER,
)
PROCESS_FAMILIES = (BUILD_INFO, RELOAD_SUCCESSFUL, RELOAD_TIMESTAMP, STATE_UP, STATE_LOSSES)


def revision() -> str:
    """Return the source revision of the build, or "" where the build did not set it."""
    return os.environ.get("WOLKVOX_EXPORTER_REVISION", "")


class _Selected:
    """The selected families of a registry."""

    def __init__(self, registry: CollectorRegistry, selection: Selection) -> None:
        self._registry = registry
        self._selection = selection

    def collect(self) -> Iterator[Metric]:
        """Return the families, those of counters without `_total`."""
        return (
            family
            for family in self._registry.collect()
            if self._selection.wants(family.name) or self._selection.wants(f"{family.name}_total")
        )


class _State:
    """The health of the state store at the time of a scrape."""

    def __init__(self, health: Callable[[], Health]) -> None:
        self._health = health

    def collect(self) -> Iterator[Metric]:
        """Return the families of the store."""
        health = self._health()
        yield GaugeMetricFamily(STATE_UP.name, STATE_UP.help, float(health.up))
        yield CounterMetricFamily(STATE_LOSSES.name, STATE_LOSSES.help, health.losses)


class ProcessMetrics:
    """The metrics of this process, in their own registry; `state` returns the health of the state store."""

    def __init__(self, state: Callable[[], Health]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_State(state))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        build = self._gauge(BUILD_INFO)
        build.labels(__version__, revision(), platform.python_version()).set(1)
        self._reload_successful = self._gauge(RELOAD_SUCCESSFUL)
        self._reload_timestamp = self._gauge(RELOAD_TIMESTAMP)

    def _gauge(self, family: Family) -> Gauge:
        return Gauge(family.name, family.help, family.labels, registry=self._registry)

    def config_loaded(self, wall: float) -> None:
        """Note that the configuration was loaded successfully at a Unix time."""
        self._reload_successful.set(1)
        self._reload_timestamp.set(wall)

    def config_refused(self) -> None:
        """Note that a configuration could not be used, so that the previous one is kept."""
        self._reload_successful.set(0)

    def render(self, format_: Format, selection: Selection = EVERYTHING) -> bytes:
        """Return the selected families in a format, without what ends an exposition."""
        registry: CollectorRegistry | _Selected = self._registry
        if selection.names is not None:
            registry = _Selected(self._registry, selection)
        if format_ is Format.TEXT:
            return generate_latest(registry)
        rendered: bytes = generate_latest_openmetrics(registry)  # type: ignore[no-untyped-call]
        return rendered.removesuffix(format_.end)
