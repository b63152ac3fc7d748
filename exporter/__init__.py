"""Prometheus exporter for wolkvox, a cloud contact centre used across Latin America."""

__version__ = "0.2.0"
