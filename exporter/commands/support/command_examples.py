"""The examples at the end of each command's `--help`."""

from collections.abc import Mapping, Sequence

EXAMPLES: Mapping[str, Sequence[str]] = {
    "serve": (
        "serve --config.file=/etc/wolkvox-exporter/config.yaml",
        "serve --web.listen-address=127.0.0.1:10042 --log.format=json",
    ),
    "demo": (
        "demo",
        "demo --stack",
        "demo --operations=1 --campaigns=40",
    ),
    "simulate": ("simulate", "simulate --time-factor=30 --listen-address=127.0.0.1:10053"),
    "check-config": ("check-config --config.file=config.yaml", "check-config --no-secrets"),
    "once": ("once --config.file=config.yaml",),
    "doctor": (
        "doctor --operation=ventas-bogota",
        "doctor --capture=answers.jsonl",
        "doctor --replay=answers.jsonl",
    ),
    "health": ("health", "health --web.listen-address=127.0.0.1:10042 --timeout=2"),
    "machine-codes": (
        "machine-codes --campaign=4875 --unreachable",
        "machine-codes --sums",
        "machine-codes --from=2026-08-01 --to=2026-08-12T14:30 --output=csv --output-file=codes.csv",
    ),
    "find-record": (
        "find-record --phone=5551234567",
        "find-record --campaign=4875 --customer=FAKE-00000000600 --output=json",
        "find-record --from-csv=customers.csv --output=csv --output-file=records.csv",
    ),
    "codify": (
        "codify --campaign=4875 --type=predictive --cod-act=SIN_SERVICIO --customer FAKE-00000000600",
        "codify --campaign=4875 --type=predictive --cod-act=SIN_SERVICIO --from-csv=customers.csv --yes",
    ),
    "clean-list": (
        "clean-list --campaign=4875 --type=predictive --cod-act=SIN_SERVICIO --limit=10 --plan=plan.csv",
        "clean-list --campaign=4875 --type=predictive --cod-act=SIN_SERVICIO --limit=10 --yes",
    ),
    "suggest-schedules": (
        "suggest-schedules --prometheus.url=http://127.0.0.1:9090",
        "suggest-schedules --prometheus.url=http://127.0.0.1:9090 --operation=ventas-bogota --weeks=6",
    ),
    "metrics": ("metrics",),
    "assets": ("assets --to=assets", "assets --to=assets --poll-interval=10m --overwrite"),
}
"""By command: what may follow the program's name."""
