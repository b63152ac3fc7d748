"""Grafana dashboards as code: development only, what users get is the JSON in grafana/dashboards/."""
