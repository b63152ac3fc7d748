"""What an exporter needs around its own metrics and pages: HTTP server, security, reload, systemd."""
