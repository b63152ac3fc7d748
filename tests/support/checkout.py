"""Files that lie in somebody's checkout and that no wheel and no image may hold."""

SECRET_FILES = (
    *(
        "config.yaml",
        "secret.token",
        ".env",
        "deploy/compose/config/config.yaml",
        "deploy/compose/secrets/bogota",
    ),
    *(
        "exporter/secret.token",
        "exporter/token",
        "exporter/.env",
        "exporter/config.yaml",
        "exporter/own/bogota",
    ),
    *(
        "exporter/web/server.key",
        "exporter/web/status/static/id_rsa",
        "exporter/web/status/static/server.pem",
    ),
    *("exporter/web/status/templates/password.txt", "exporter/web/status/texts/own", "requirements/pip.conf"),
    *(
        "docs/notes.txt",
        "docs/own/notes.md",
        "docs/images/own.png",
        "prometheus/web.yml",
        "prometheus/rules/own.yaml",
        "prometheus/rules/password",
    ),
    *("alertmanager/alertmanager.yml", "alertmanager/templates/own.tmpl", "alertmanager/templates/webhook"),
    *("grafana/grafana.ini", "grafana/dashboards/en/own.json", "grafana/provisioning/datasources/own.yaml"),
)
