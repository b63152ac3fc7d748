"""The pages of the exporter: the metrics, service discovery and the status page for people."""
