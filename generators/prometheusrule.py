"""Makes deploy/kubernetes/base/prometheusrule.yaml: prometheus/rules/ as one object of the operator."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "prometheus" / "rules"
HEAD = "# Made by `make generate` from prometheus/rules/; do not edit.\n"


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that expressions stay readable."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def prometheus_rule() -> dict[str, Any]:
    """Return the object: the groups of all files, in the order of their names."""
    groups = [
        group for file in sorted(RULES.glob("*.yml")) for group in yaml.safe_load(file.read_text())["groups"]
    ]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {
            "name": "wolkvox-exporter",
            "labels": {"app.kubernetes.io/name": "wolkvox-exporter"},
        },
        "spec": {"groups": groups},
    }


def render() -> str:
    """Return the file's text."""
    return HEAD + yaml.dump(
        prometheus_rule(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000
    )
