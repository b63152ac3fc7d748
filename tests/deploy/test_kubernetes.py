"""The manifests agree with the program, with each other and with the schemas of Kubernetes."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from exporter.commands.support.command_line import DEFAULT_LISTEN_ADDRESS, parse
from exporter.config import load_config
from exporter.metrics.table import FAMILIES
from exporter.toolkit.address import parse_address

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
OPERATORS = "monitoring.coreos.com/"
VERSIONS = ["1.30", "1.35"]

PORT = parse_address(DEFAULT_LISTEN_ADDRESS).port


def documents(file: Path) -> list[Any]:
    return list(yaml.safe_load_all(file.read_text()))


def one(name: str) -> Any:
    (document,) = documents(FOLDER / "base" / name)
    return document


def kustomizations() -> list[Path]:
    return sorted(FOLDER.rglob("kustomization.yaml"))


def manifests() -> list[Path]:
    """Name the files that stand for themselves: patches and the configuration do not."""
    return [
        resource
        for file in kustomizations()
        for name in documents(file)[0]["resources"]
        if (resource := file.parent / name).is_file()
    ]


def container() -> Any:
    (found,) = one("deployment.yaml")["spec"]["template"]["spec"]["containers"]
    return found


@pytest.mark.parametrize("file", manifests(), ids=lambda file: file.relative_to(FOLDER).as_posix())
def test_each_manifest_fits_the_schemas(file: Path) -> None:
    for document in documents(file):
        if document["apiVersion"].startswith(OPERATORS):
            assert document["metadata"]["name"] == "wolkvox-exporter"
            continue
        for version in VERSIONS:
            kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("file", kustomizations(), ids=lambda file: file.parent.name)
def test_a_kustomization_names_files_that_are_there_and_leaves_none_out(file: Path) -> None:
    (found,) = documents(file)
    generated = [name for entry in found.get("configMapGenerator", []) for name in entry["files"]]
    patches = [patch["path"] for patch in found.get("patches", [])]
    named = {(file.parent / name).resolve() for name in [*found["resources"], *generated, *patches]}
    assert all(path.exists() for path in named)
    assert {path for path in file.parent.iterdir() if path != file} <= named


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("config.yaml")), ids=lambda file: file.parent.name)
def test_the_configurations_are_good_but_for_the_secret(file: Path, tmp_path: Path) -> None:
    text = file.read_text()
    mounted = "/run/secrets/wolkvox"
    assert mounted in text
    (tmp_path / "ventas-bogota").write_text("invented-token")
    checked = tmp_path / "config.yaml"
    checked.write_text(text.replace(mounted, str(tmp_path)))
    assert load_config(checked).operations


def test_the_container_runs_the_program_as_the_image_has_it() -> None:
    arguments = parse(container()["args"])
    mounts = {mount["name"]: mount["mountPath"] for mount in container()["volumeMounts"]}
    assert arguments.command == "serve"
    assert str(arguments.config_file) == f"{mounts['config']}/config.yaml"
    assert mounts["state"] == "/var/lib/wolkvox-exporter"
    assert container()["ports"] == [{"name": "metrics", "containerPort": PORT}]
    pod = one("deployment.yaml")["spec"]["template"]["spec"]
    assert f"USER {pod['securityContext']['runAsUser']}:" in (ROOT / "Dockerfile").read_text()
    assert {mount["name"] for mount in container()["volumeMounts"]} == {v["name"] for v in pod["volumes"]}


def test_the_container_may_do_nothing_that_it_does_not_need() -> None:
    assert container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    pod = one("deployment.yaml")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False


def test_two_pods_never_poll_side_by_side_without_a_common_state() -> None:
    assert one("deployment.yaml")["spec"]["replicas"] == 1
    assert one("deployment.yaml")["spec"]["strategy"] == {"type": "Recreate"}
    replicas = yaml.safe_load((FOLDER / "overlays/replicas/deployment.yaml").read_text())
    assert replicas["spec"]["replicas"] > 1
    shared = yaml.safe_load((FOLDER / "overlays/replicas/config.yaml").read_text())
    assert shared["state"]["url"].startswith("redis://")


def test_everything_leads_to_the_port_of_the_metrics() -> None:
    (port,) = one("service.yaml")["spec"]["ports"]
    assert port == {"name": "metrics", "port": PORT, "targetPort": "metrics"}
    (scraped,) = one("servicemonitor.yaml")["spec"]["endpoints"]
    assert scraped["port"] == "metrics"
    ingress = one("networkpolicy.yaml")["spec"]["ingress"]
    assert [ports["port"] for rule in ingress for ports in rule["ports"]] == [PORT]


def test_no_target_keeps_a_label_that_the_metrics_have() -> None:
    (scraped,) = one("servicemonitor.yaml")["spec"]["endpoints"]
    assert scraped["honorLabels"] is True
    # For clusters that override it: the same names by relabelling, and the operator's own `endpoint`.
    (dropped,) = scraped["relabelings"]
    assert dropped["action"] == "labeldrop"
    ours = {label for family in FAMILIES for label in family.label_names}
    assert set(dropped["regex"].split("|")) == ours | {"endpoint"}


def test_the_rules_are_those_of_prometheus() -> None:
    made = (FOLDER / "base" / "prometheusrule.yaml").read_text()
    alerts = {
        rule.get("alert") for group in yaml.safe_load(made)["spec"]["groups"] for rule in group["rules"]
    }
    assert {"WolkvoxCampaignStopped", "WolkvoxWatchdog"} <= alerts
