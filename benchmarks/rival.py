"""Serves the exposition in a file with prometheus_client: `rival.py PORT FILE`."""

import pathlib
import sys
import threading

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.openmetrics.parser import text_string_to_metric_families


def main(port: int, data: bytes) -> None:
    """Serve with prometheus_client: a collector that makes the families anew for every scrape, as they do."""
    known = []
    for family in text_string_to_metric_families(data.decode()):
        if family.samples and family.type in {"gauge", "counter"}:
            names = list(family.samples[0].labels)
            rows = [(list(s.labels.values()), s.value) for s in family.samples if list(s.labels) == names]
            known.append((family.name, family.documentation, family.type, names, rows))

    class Collector:
        def collect(self):  # noqa: ANN202 - as the library calls it
            for name, text, kind, names, rows in known:
                family = (CounterMetricFamily if kind == "counter" else GaugeMetricFamily)(
                    name, text, labels=names
                )
                for labels, value in rows:
                    family.add_metric(labels, value)
                yield family

    registry = CollectorRegistry()
    registry.register(Collector())
    start_http_server(port, "127.0.0.1", registry)
    threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), pathlib.Path(sys.argv[2]).read_bytes())
