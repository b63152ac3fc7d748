"""Asks a Prometheus, or whatever else speaks its HTTP API. Knows no metrics."""

from exporter.prometheus_api.http_config import HttpConfig, load_http_config, read_http_config
from exporter.prometheus_api.query_client import PrometheusClient, PrometheusError, StoredSeries, quoted_label

__all__ = [
    "HttpConfig",
    "PrometheusClient",
    "PrometheusError",
    "StoredSeries",
    "load_http_config",
    "quoted_label",
    "read_http_config",
]
