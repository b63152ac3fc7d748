"""The manifests agree with the program, with each other and with the schemas of Kubernetes."""

import ipaddress
import json
from collections.abc import Iterator
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
DASHBOARDS = ROOT / "grafana" / "dashboards"
NAME = {"app.kubernetes.io/name": "wolkvox-exporter"}
OPERATORS = "monitoring.coreos.com/"
SELECTING = {"Deployment", "Service", "NetworkPolicy", "ServiceMonitor", "PodDisruptionBudget"}
VERSIONS = ["1.30", "1.35"]

PORT = parse_address(DEFAULT_LISTEN_ADDRESS).port


def documents(file: Path) -> list[Any]:
    return list(yaml.safe_load_all(file.read_text()))


def one(name: str) -> Any:
    (document,) = documents(FOLDER / "base" / name)
    return document


def kustomizations() -> list[Path]:
    return sorted([*FOLDER.rglob("kustomization.yaml"), DASHBOARDS / "kustomization.yaml"])


def manifests() -> list[Path]:
    """Name the files that stand for themselves: patches and the configuration do not."""
    return [
        resource
        for file in kustomizations()
        for name in documents(file)[0].get("resources", [])
        if (resource := file.parent / name).is_file()
    ]


def container() -> Any:
    (found,) = one("deployment.yaml")["spec"]["template"]["spec"]["containers"]
    return found


@pytest.mark.parametrize("file", manifests(), ids=lambda file: file.relative_to(FOLDER).as_posix())
def test_each_manifest_fits_the_schemas(file: Path) -> None:
    for document in documents(file):
        if document["apiVersion"].startswith(OPERATORS):
            assert document["metadata"] == {"name": "wolkvox-exporter", "labels": NAME}
            continue
        for version in VERSIONS:
            kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("file", manifests(), ids=lambda file: file.relative_to(FOLDER).as_posix())
def test_a_manifest_on_its_own_is_about_the_exporter_alone(file: Path) -> None:
    # Whoever applies a file without kustomize must not select every pod of the namespace.
    def selectors(part: Any) -> Iterator[dict[str, str]]:
        if isinstance(part, list):
            for value in part:
                yield from selectors(value)
        elif isinstance(part, dict):
            for key, value in part.items():
                if key in {"selector", "podSelector"}:
                    yield value.get("matchLabels", value)
                yield from selectors(value)

    for document in documents(file):
        assert document["metadata"]["labels"] == NAME
        found = list(selectors(document["spec"]))
        assert all(selector == NAME for selector in found)
        assert bool(found) == (document["kind"] in SELECTING)
    assert one("deployment.yaml")["spec"]["template"]["metadata"]["labels"] == NAME


@pytest.mark.parametrize("file", kustomizations(), ids=lambda file: file.parent.name)
def test_a_kustomization_names_files_that_are_there_and_leaves_none_out(file: Path) -> None:
    (found,) = documents(file)
    generated = [name for entry in found.get("configMapGenerator", []) for name in entry["files"]]
    patches = [patch["path"] for patch in found.get("patches", []) if "path" in patch]
    named = {(file.parent / name).resolve() for name in [*found.get("resources", []), *generated, *patches]}
    assert all(path.exists() for path in named)
    # `kubectl apply` reads files below the kustomization alone.
    assert all((file.parent / name).resolve().is_relative_to(file.parent) for name in [*generated, *patches])
    there = {path for path in file.parent.rglob("*") if path.is_file() and path != file}
    assert there <= named


def test_patches_are_about_objects_that_are_there() -> None:
    known = {(d["kind"], d["metadata"]["name"]) for file in manifests() for d in documents(file)}
    known.add(("ConfigMap", "wolkvox-exporter"))  # generated
    patches = [
        (
            patch.get("target"),
            patch["patch"] if "patch" in patch else (file.parent / patch["path"]).read_text(),
        )
        for file in kustomizations()
        for patch in documents(file)[0].get("patches", [])
    ]
    # Those with a target say by it what they are about.
    named = [yaml.safe_load(text) for target, text in patches if target is None]
    assert {(patch["kind"], patch["metadata"]["name"]) for patch in named} <= known
    targets = [target for target, _ in patches if target is not None]
    group = {"group": OPERATORS.rstrip("/")}
    assert all((target["kind"], target["name"]) in known for target in targets if target != group)


def test_openshift_chooses_user_and_groups() -> None:
    patch = yaml.safe_load((FOLDER / "components/openshift/deployment.yaml").read_text())
    own = one("deployment.yaml")["spec"]["template"]["spec"]["securityContext"]
    removed = patch["spec"]["template"]["spec"]["securityContext"]
    assert set(removed.values()) == {None}
    assert set(removed) == {key for key, value in own.items() if isinstance(value, int) and value is not True}


def test_the_network_lets_out_what_the_exporter_needs() -> None:
    def allowed(address: str, port: int, protocol: str = "TCP") -> bool:
        return any(
            {"protocol": protocol, "port": port} in rule["ports"]
            and any(
                ipaddress.ip_address(address) in ipaddress.ip_network(to["ipBlock"]["cidr"])
                and not any(
                    ipaddress.ip_address(address) in ipaddress.ip_network(outside)
                    for outside in to["ipBlock"].get("except", [])
                )
                for to in rule["to"]
                if "ipBlock" in to
            )
            for rule in one("networkpolicy.yaml")["spec"]["egress"]
        )

    assert allowed("203.0.113.7", 443)
    assert allowed("2001:db8::7", 443)
    assert allowed("169.254.20.10", 53, "UDP")
    assert not allowed("169.254.20.10", 443)
    assert not any(allowed(it, 443) for it in ("169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "fe80::1"))
    assert not allowed("203.0.113.7", 80)
    dns = one("networkpolicy.yaml")["spec"]["egress"][0]
    assert {(p["protocol"], p["port"]) for p in dns["ports"]} == {
        (protocol, port) for protocol in ("UDP", "TCP") for port in (53, 5353)
    }
    (expression,) = dns["to"][0]["namespaceSelector"]["matchExpressions"]
    assert expression["values"] == ["kube-system", "openshift-dns"]


def test_each_dashboard_is_a_config_map_that_the_sidecar_finds() -> None:
    (found,) = documents(DASHBOARDS / "kustomization.yaml")
    assert found["generatorOptions"]["labels"]["grafana_dashboard"] == "1"
    # Those of the last version would stay beside the new ones.
    assert found["generatorOptions"]["disableNameSuffixHash"] is True
    files = [DASHBOARDS / name for entry in found["configMapGenerator"] for name in entry["files"]]
    assert sorted(files) == sorted(DASHBOARDS.rglob("*.json"))
    names = [entry["name"] for entry in found["configMapGenerator"]]
    assert len(set(names)) == len(names)
    # `kubectl apply` keeps a copy in an annotation, and all annotations together may have 256 KiB.
    assert max(len(json.dumps(file.read_text())) for file in files) < 240 * 1024
    # The sidecar puts them into one folder, where Grafana wants titles and file names to be unique.
    titles = [json.loads(file.read_text())["title"] for file in files]
    assert len(set(titles)) == len({file.name for file in files}) == len(files)


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
    # One second is what a probe has otherwise, and `health` starts a Python.
    assert all(
        container()[f"{kind}Probe"]["timeoutSeconds"] >= 5 for kind in ("startup", "liveness", "readiness")
    )


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
    # The state outlives the pod, on a volume that one node has at a time.
    (state,) = [
        v for v in one("deployment.yaml")["spec"]["template"]["spec"]["volumes"] if v["name"] == "state"
    ]
    claim = one("volume.yaml")
    assert state["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]
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
