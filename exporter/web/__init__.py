"""The pages of the exporter: metrics, service discovery and the status page."""
