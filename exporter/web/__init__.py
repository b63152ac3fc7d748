"""The pages of the exporter: metrics, service discovery, the status page and the documentation."""
