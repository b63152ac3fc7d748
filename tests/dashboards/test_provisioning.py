"""The files from which Grafana takes its data source fit into a Grafana that has others."""

from pathlib import Path

import yaml

DATASOURCES = Path(__file__).resolve().parents[2] / "grafana" / "provisioning" / "datasources"


def test_no_data_source_claims_to_be_the_default() -> None:
    # Grafana does not start with two defaults, and the dashboards choose their source by a variable.
    (file,) = DATASOURCES.iterdir()
    for source in yaml.safe_load(file.read_text())["datasources"]:
        assert source["type"] == "prometheus"
        assert not source.get("isDefault")
