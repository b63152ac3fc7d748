"""The compose file held against the files it names, and its parts as programs."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from exporter.commands.support.command_line import DEFAULT_LISTEN_ADDRESS, parse
from exporter.toolkit.address import parse_address
from support.alertmanager import Alertmanager, alertmanager
from support.boards import expressions
from support.exporter import exporter
from support.programs import program
from support.prometheus import Prometheus, prometheus
from support.waiting import until

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "compose"
PROVISIONING = ROOT / "grafana" / "provisioning"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PORTS = {
    "exporter": parse_address(DEFAULT_LISTEN_ADDRESS).port,
    "prometheus": 9090,
    "alertmanager": 9093,
    "grafana": 3000,
}


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


def mounts(service: str) -> dict[PurePosixPath, Path]:
    """Return the file or folder of this checkout by the path in the container at which it is mounted."""
    found = {}
    for volume in SERVICES[service].get("volumes", ()):
        source, target, mode = volume.split(":")
        assert mode == "ro", volume
        found[PurePosixPath(target)] = (FOLDER / source).resolve()
    return found


def here(service: str, path: str) -> Path:
    """Return what a path in a container is in this checkout."""
    inside = PurePosixPath(path)
    for target, source in mounts(service).items():
        if inside.is_relative_to(target):
            return source / inside.relative_to(target)
    raise AssertionError(f"{path} is not mounted into {service}")


@pytest.mark.parametrize("name", ["compose.yaml", "account.yaml"])
def test_the_files_fit_the_specification_of_compose(name: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run(
        [*command, FOLDER / name], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("service", SERVICES)
def test_everything_that_is_mounted_exists_in_the_checkout(service: str) -> None:
    for source in mounts(service).values():
        assert source.exists(), source
        assert source.is_relative_to(ROOT)


@pytest.mark.parametrize("service", SERVICES)
def test_each_image_is_built_here_or_pinned(service: str) -> None:
    settings = SERVICES[service]
    if "build" in settings:
        assert (FOLDER / settings["build"] / "Dockerfile").is_file()
        assert settings["image"].endswith(":local")
    else:
        # With the registry: podman asks for it where no default is set.
        assert re.fullmatch(r"docker\.io/[a-z]+/[a-z]+:v?[0-9]+\.[0-9]+\.[0-9]+", settings["image"])


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_listens_beyond_this_machine(service: str) -> None:
    assert SERVICES[service]["ports"] == [f"127.0.0.1:{PORTS[service]}:{PORTS[service]}"]


@pytest.mark.parametrize("service", SERVICES)
def test_no_container_may_more_than_it_needs(service: str) -> None:
    assert SERVICES[service]["cap_drop"] == ["ALL"]
    assert SERVICES[service]["security_opt"] == ["no-new-privileges:true"]


def test_services_wait_for_services_that_exist() -> None:
    for settings in SERVICES.values():
        assert set(settings.get("depends_on", ())) <= SERVICES.keys()


def test_the_exporter_is_not_the_first_process() -> None:
    # That one is deaf to signals that it does not handle yet, and must bury what others leave behind.
    assert SERVICES["exporter"]["init"] is True


def test_the_exporter_understands_its_command() -> None:
    assert parse(SERVICES["exporter"]["command"]).command == "demo"


def test_addresses_are_those_of_services() -> None:
    config = read(FOLDER / "prometheus" / "prometheus.yml")
    (scraped,) = config["scrape_configs"]
    (notified,) = config["alerting"]["alertmanagers"]
    targets = scraped["static_configs"][0]["targets"] + notified["static_configs"][0]["targets"]
    assert targets == [f"{service}:{PORTS[service]}" for service in ("exporter", "alertmanager")]
    (source,) = read(PROVISIONING / "datasources" / "wolkvox.yaml")["datasources"]
    address = urlsplit(source["url"])
    assert (address.hostname, address.port) == ("prometheus", PORTS["prometheus"])


def test_the_job_is_one_that_the_rules_look_for() -> None:
    (scraped,) = read(FOLDER / "prometheus" / "prometheus.yml")["scrape_configs"]
    assert scraped["job_name"].startswith("wolkvox")


def test_programs_read_the_files_that_are_mounted() -> None:
    for service in ("prometheus", "alertmanager"):
        (flag,) = [word for word in SERVICES[service]["command"] if word.startswith("--config.file=")]
        assert here(service, flag.partition("=")[2]).is_file()
    (pattern,) = read(FOLDER / "prometheus" / "prometheus.yml")["rule_files"]
    folder = here("prometheus", str(PurePosixPath(pattern).parent))
    found = set(folder.glob(PurePosixPath(pattern).name))
    assert found
    assert found == {file for file in folder.iterdir() if file.is_file()}, "a rule file would not be loaded"


def test_grafana_finds_its_dashboards_and_opens_with_the_floor() -> None:
    folders = {
        "/etc/grafana/provisioning/datasources": "datasources",
        "/etc/grafana/provisioning/dashboards": "dashboards",
    }
    for inside, name in folders.items():
        assert list(here("grafana", inside).iterdir()) == [PROVISIONING / name / "wolkvox.yaml"]
    providers = read(PROVISIONING / "dashboards" / "wolkvox.yaml")["providers"]
    languages = [here("grafana", provider["options"]["path"]) for provider in providers]
    assert languages == [ROOT / "grafana" / "dashboards" / code for code in ("en", "es")]
    assert all(len(list(folder.glob("*.json"))) == 4 for folder in languages)
    assert len({provider["folderUid"] for provider in providers}) == len(providers)
    assert not any(provider["allowUiUpdates"] for provider in providers)
    home = here("grafana", SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert json.loads(home.read_text())["uid"] == "wolkvox-floor"


def test_grafana_calls_nobody() -> None:
    settings = SERVICES["grafana"]["environment"]
    assert all(isinstance(value, str) for value in settings.values()), "YAML's true is not the text true"
    off = ("ANALYTICS_REPORTING", "NEWS_NEWS_FEED", "ANALYTICS_FEEDBACK_LINKS", "SNAPSHOTS_EXTERNAL")
    assert {settings[f"GF_{name}_ENABLED"] for name in off} == {"false"}
    assert settings["GF_ANALYTICS_CHECK_FOR_UPDATES"] == "false"
    assert settings["GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES"] == "false"
    assert settings["GF_SECURITY_DISABLE_GRAVATAR"] == "true"
    assert settings["GF_PLUGINS_PREINSTALL_DISABLED"] == "true"


def test_an_account_takes_the_place_of_the_demo() -> None:
    laid_over = read(FOLDER / "account.yaml")
    exporter_of_account = laid_over["services"]["exporter"]
    arguments = parse(exporter_of_account["command"])
    assert arguments.command == "serve"
    mounted = dict(volume.split(":")[1::-1] for volume in exporter_of_account["volumes"])
    # Folders: a file that is mounted alone stays the old one when another takes its name.
    assert mounted.pop(str(arguments.config_file.parent)) == "./config"
    assert mounted.pop("/run/secrets") == "./secrets"
    dockerfile = (ROOT / "Dockerfile").read_text()
    ((state, volume),) = mounted.items()
    assert f'VOLUME ["{state}"]' in dockerfile
    assert list(laid_over["volumes"]) == [volume]
    # Neither configuration nor secrets of a user can be committed by accident.
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {"/deploy/compose/config/", "/deploy/compose/secrets/"} <= set(ignored)


def on_this_machine(text: str, ports: dict[str, int]) -> dict[str, Any]:
    """Return a configuration with this machine's addresses and paths in place of the containers'."""
    for service, port in ports.items():
        text = text.replace(f"{service}:{PORTS[service]}", f"127.0.0.1:{port}")
    for target, source in mounts("prometheus").items():
        text = text.replace(str(target), str(source))
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@pytest.mark.integration
def test_prometheus_and_alertmanager_take_their_files(tmp_path: Path) -> None:
    file = tmp_path / "prometheus.yml"
    file.write_text(json.dumps(on_this_machine((FOLDER / "prometheus" / "prometheus.yml").read_text(), {})))
    commands: tuple[tuple[str | Path, ...], ...] = (
        (program("promtool"), "check", "config", file),
        (program("amtool"), "check-config", FOLDER / "alertmanager" / "alertmanager.yml"),
    )
    for command in commands:
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Prometheus, Alertmanager]]:
    """The demo, Alertmanager and Prometheus with the files of the compose file, as programs here."""
    folder = tmp_path_factory.mktemp("stack")
    with (
        exporter("demo", folder) as demo,
        alertmanager(folder / "alertmanager", read(FOLDER / "alertmanager" / "alertmanager.yml")) as notified,
    ):
        port = int(demo.url.rpartition(":")[2])
        config = on_this_machine((FOLDER / "prometheus" / "prometheus.yml").read_text(), {"exporter": port})
        rules = sorted(Path(config["rule_files"][0]).parent.glob("*.yml"))
        with prometheus(
            folder, *config["scrape_configs"], rule_files=rules, alertmanagers=[notified.url]
        ) as server:
            yield server, notified


@pytest.mark.integration
def test_the_parts_work_together(stack: tuple[Prometheus, Alertmanager]) -> None:
    server, notified = stack
    server.wait_for("wolkvox_campaign_running == 1")
    floor = {e.where: e.filled() for e in expressions("en/wolkvox-floor")}
    # The rules are loaded: the tile knows it, because their watchdog fires.
    assert server.wait_for(floor["Alerts A"])
    assert server.wait_for(floor["Monitoring A"])[0].value in {1.0, 2.0}
    until(
        lambda: "WolkvoxWatchdog" in [alert["labels"]["alertname"] for alert in notified.alerts()],
        60,
        "the watchdog at Alertmanager",
    )
    # Rules of a group with a longer interval wait for their turn.
    assert {rule["health"] for rule in server.rules()} - {"unknown"} == {"ok"}
