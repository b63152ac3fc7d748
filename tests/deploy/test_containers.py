"""The image of the Dockerfile, built and run by a real engine, and the compose files with it.

Its base and the images of Prometheus and Alertmanager are stand-ins made of Debian's packages;
Grafana's server, which Debian does not have, is left out.
"""

import contextlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.checkout import SECRET_FILES
from support.container_engine import ROOT, Engine, container_engine, make_base_image, make_server_image
from support.waiting import until

pytestmark = pytest.mark.deployment

IMAGE = "wolkvox-exporter:local"
SECRET = "FAKE-SECRET-OF-A-CHECKOUT"
READ_ONLY = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")
OPERATION = {"name": "ventas-bogota", "base_url": "http://127.0.0.1:10043"}
TOKEN = "sim-token-bogota"
WITHIN_SECONDS = 180.0  # on two busy cores
COMPOSE = "/srv/checkout/deploy/compose"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with container_engine(tmp_path_factory.mktemp("engine")) as engine:
        (base,) = set(re.findall(r"^FROM (\S*python\S*)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
        make_base_image(engine, base)
        yield engine


@pytest.fixture(scope="module")
def checkout(engine: Engine) -> Path:
    """A checkout with secrets in it, made by somebody whose files nobody else may read, as /srv/checkout."""
    ignored = (".git", ".venv*", ".*_cache", "__pycache__", ".hypothesis", "build", "dist")
    checkout = Path(
        shutil.copytree(ROOT, engine.folder / "checkout", ignore=shutil.ignore_patterns(*ignored))
    )
    for name in SECRET_FILES:
        place = checkout / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{SECRET}\n")
    subprocess.run(["chmod", "-R", "go=", checkout], check=True)
    return checkout


@pytest.fixture(scope="module")
def image(engine: Engine, checkout: Path) -> str:
    arguments = (
        "--build-arg=REVISION=0a1b2c3",
        "--build-arg=VERSION=1.2.3",
        "--build-arg=SOURCE=https://example.com",
    )
    engine.docker("build", "--progress=plain", f"--tag={IMAGE}", *arguments, f"/srv/{checkout.name}")
    return IMAGE


@contextlib.contextmanager
def container(engine: Engine, *words: str) -> Iterator[str]:
    """Run a container with these words of `docker run` while the block runs, and yield its id."""
    name = engine.docker("run", "--detach", *words).strip()
    try:
        yield name
    finally:
        engine.docker("rm", "--force", "--volumes", name)


@pytest.fixture(scope="module")
def vendor(engine: Engine, image: str) -> Iterator[str]:
    """A simulated wolkvox for containers in its network: without TLS, a base_url must be 127.0.0.1."""
    with container(
        engine, *READ_ONLY, "--publish=127.0.0.1:10142:10042", image, "simulate", "--operations=1"
    ) as name:
        yield name


def inspect(engine: Engine, name: str) -> Any:
    (found,) = json.loads(engine.docker("inspect", name))
    return found


def wait_for_sample(engine: Engine, port: int, pattern: str) -> None:
    def found() -> bool:
        return re.search(pattern, engine.get(f"http://127.0.0.1:{port}/metrics"), re.MULTILINE) is not None

    until(
        found, WITHIN_SECONDS, pattern, report=lambda: engine.get(f"http://127.0.0.1:{port}/metrics")[-5000:]
    )


def stop(engine: Engine, name: str) -> int:
    """Stop a container and return its exit code: 137 if Docker had to kill it after 10 seconds."""
    engine.docker("stop", name)
    return int(inspect(engine, name)["State"]["ExitCode"])


def write_config(folder: Path, **more: Any) -> Path:
    """Write config.yaml as most editors do: a new file, renamed to the old one's name."""
    folder.mkdir(parents=True, exist_ok=True)
    secret = {} if "token_file" in more else {"token": TOKEN}
    new = folder / "config.yaml.new"
    new.write_text(json.dumps({"operations": [{**OPERATION, **secret, **more}]}))  # JSON is YAML
    return new.rename(folder / "config.yaml")


def test_no_secret_of_a_checkout_gets_in_and_no_file_of_the_package_is_missing(
    engine: Engine, image: str, checkout: Path, tmp_path: Path
) -> None:
    context = "FROM debian-root\nCOPY . /context\n"
    (engine.folder / "context.Dockerfile").write_text(context)
    engine.docker("build", "--tag=context", "--file=/srv/context.Dockerfile", f"/srv/{checkout.name}")
    secrets = engine.docker("run", "--rm", "context", "grep", "-rl", SECRET, "/context", check=False).split()
    # .dockerignore cannot tell a file without a dot from a folder; the wheel leaves it out.
    assert [name for name in secrets if "." in Path(name).name] == []
    places = ("/etc", "/home", "/opt", "/root", "/srv", "/tmp", "/usr", "/var")  # noqa: S108  read only
    grep = ("run", "--rm", "--user=0", "--entrypoint=grep", image, "-rl", SECRET)
    assert engine.docker(*grep, *places, check=False) == ""

    # What Git knows of the checkout goes into the wheel, and the image has all of it.
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        check=True,
        timeout=60,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("exporter/")}
    site = engine.docker("run", "--rm", "--entrypoint=find", image, "/opt", "-name", "site-packages").strip()
    found = engine.docker(
        "run", "--rm", "--entrypoint=find", image, site, "-type", "f", "-path", "*/exporter/*"
    )
    installed = {Path(name).relative_to(site).as_posix() for name in found.splitlines()}
    assert {name for name in installed if not name.endswith(".pyc")} == packed


def test_the_image_has_neither_pip_nor_a_copy_of_it(engine: Engine, image: str) -> None:
    find = ("run", "--rm", "--user=0", "--entrypoint=find", image, "/", "-xdev", "-name", "pip*")
    assert [name for name in engine.docker(*find).splitlines() if name != "/etc/pip.conf"] == []


def test_the_image_says_what_it_is(engine: Engine, image: str) -> None:
    config = inspect(engine, image)["Config"]
    labels = {key.removeprefix("org.opencontainers.image."): value for key, value in config["Labels"].items()}
    assert labels["revision"] == "0a1b2c3"
    assert labels["version"] == "1.2.3"
    assert labels["source"] == "https://example.com"
    assert "0a1b2c3" in engine.docker("run", "--rm", image, "--version")


def test_the_demo_is_scraped_and_healthy_with_nothing_to_write_to_and_no_rights(
    engine: Engine, image: str
) -> None:
    words = (*READ_ONLY, "--health-interval=1s", "--publish=127.0.0.1:10142:10042", image, "demo")
    with container(engine, *words) as name:
        wait_for_sample(engine, 10142, r"^wolkvox_campaign_running\{.*\} 1")
        until(
            lambda: inspect(engine, name)["State"]["Health"]["Status"] == "healthy", WITHIN_SECONDS, "health"
        )
        assert stop(engine, name) == 0


def test_the_health_check_finds_the_exporter_at_another_address(
    engine: Engine, vendor: str, image: str
) -> None:
    write_config(engine.folder / "config")
    words = (*READ_ONLY, "--health-interval=1s", f"--network=container:{vendor}")
    mounted = ("--volume=/srv/config:/etc/wolkvox-exporter:ro", image)
    with container(engine, *words, *mounted, "serve", "--web.listen-address=127.0.0.1:9042") as name:
        until(
            lambda: inspect(engine, name)["State"]["Health"]["Status"] == "healthy", WITHIN_SECONDS, "health"
        )


def test_a_stop_right_after_the_start_is_not_lost(engine: Engine, image: str) -> None:
    # With an init, as in the compose files: process 1 is deaf to signals that it does not handle yet.
    with container(engine, *READ_ONLY, "--init", image, "demo") as name:
        process = f"/proc/{inspect(engine, name)['State']['Pid']}/comm"
        until(lambda: "init" in engine.run("cat", process).stdout, WITHIN_SECONDS, "the init")
        assert stop(engine, name) in {0, 143}


def test_a_user_that_the_cluster_chose_keeps_state(engine: Engine, vendor: str, image: str) -> None:
    write_config(engine.folder / "config")
    words = (*READ_ONLY, "--user=1000660000:0", f"--network=container:{vendor}")
    mounted = (
        "--volume=/srv/config:/etc/wolkvox-exporter:ro",
        "--volume=state:/var/lib/wolkvox-exporter",
        image,
    )
    with container(engine, *words, *mounted) as name:
        wait_for_sample(engine, 10142, r"^wolkvox_requests_total\{.*\} [1-9]")
        assert "wolkvox_exporter_state_up 1" in engine.get("http://127.0.0.1:10142/metrics")
        assert stop(engine, name) == 0
    found = engine.docker(
        "run", "--rm", "--volume=state:/state", "--entrypoint=find", image, "/state", "-uid", "1000660000"
    )
    assert "/state/state.db" in found.split()


def page(name: str, heading: str) -> Iterator[str]:
    """Give the commands below a heading of a page, for root."""
    section = (ROOT / "docs" / name).read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    for block in re.findall(r"^```console\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
        for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            yield command.removeprefix("sudo ").strip()


def test_the_page_can_be_followed(engine: Engine, image: str) -> None:
    assert image == IMAGE
    folder = engine.folder / "page"
    token_file = "/run/secrets/bogota"
    write_config(folder / "config", name="before", token_file=token_file)
    (folder / "secrets").mkdir()
    (folder / "secrets" / "bogota").write_text(f"{TOKEN}\n")
    (folder / "customers.csv").write_text("customer_id\nFAKE-00000000486\n")
    metrics = "http://127.0.0.1:10042/metrics"

    def follow(command: str) -> subprocess.CompletedProcess[str]:
        return engine.run("sh", "-c", f"cd /srv/page && {command}")

    build, chown, chmod, run, reload, logs = page("containers.md", "Build and run")
    assert build == f"docker build --tag={IMAGE} ."
    try:
        for command in (chown, chmod, run):
            follow(command)
        # The account of this page is a simulator in the same container.
        engine.docker(
            "exec", "--detach", "wolkvox-exporter", "wolkvox-exporter", "simulate", "--operations=1"
        )
        wait_for_sample(engine, 10042, r'^wolkvox_up\{operation="before".*\}')
        write_config(folder / "config", name="after", token_file=token_file)
        follow(chmod)
        follow(chown)
        follow(reload)
        wait_for_sample(engine, 10042, r'^wolkvox_up\{operation="after".*\} 1')
        assert 'operation="before"' not in engine.get(metrics)
        assert "reloaded" in follow(logs).stdout + follow(logs).stderr

        check, codes, codify = page("containers.md", "Commands")
        assert "after" in follow(check).stdout
        follow(codes)
        assert (folder / "unreachable.csv").read_text().startswith("telephone,")
        assert "1 customer to code" in follow(codify).stderr
        find = ("exec", "--user=0", "wolkvox-exporter", "find", "/", "-name", "state.db")
        assert engine.docker(*find, check=False).split() == ["/var/lib/wolkvox-exporter/state.db"]

        *_, remove = page("containers.md", "Upgrade")
        follow(remove)
        follow(run)
        wait_for_sample(engine, 10042, r"^wolkvox_exporter_state_up 1")
        # No simulator runs here: these are the figures that the other container has left.
        assert "wolkvox_campaign_running{" in engine.get(metrics)
    finally:
        engine.run("docker", "rm", "--force", "wolkvox-exporter", check=False)
        engine.run("docker", "volume", "rm", "wolkvox-state", check=False)


@pytest.fixture(scope="module")
def servers(engine: Engine, image: str) -> list[str]:
    """Make the images that compose.yaml names, and return the services that can be started."""
    assert image == IMAGE
    # The clone was made by somebody whose files nobody else may read.
    *_, chmod = page("dashboards.md", "See them now")
    engine.run("sh", "-c", f"cd /srv/checkout && {chmod}")
    services = yaml.safe_load((ROOT / "deploy" / "compose" / "compose.yaml").read_text())["services"]
    make_server_image(engine, services["prometheus"]["image"], "prometheus")
    make_server_image(engine, services["alertmanager"]["image"], "prometheus-alertmanager")
    return [service for service in services if service != "grafana"]


def compose(engine: Engine, *words: str) -> str:
    return engine.docker("compose", f"--file={COMPOSE}/compose.yaml", *words)


def account(engine: Engine, *words: str) -> str:
    return compose(engine, f"--file={COMPOSE}/account.yaml", *words)


def asked(engine: Engine, url: str) -> Any:
    return json.loads(engine.get(url))


def test_compose_starts_the_demo_and_then_an_account(
    engine: Engine, checkout: Path, servers: list[str]
) -> None:
    compose(engine, "up", "--build", "--detach", *servers)
    targets = "http://127.0.0.1:9090/api/v1/targets"
    rules = "http://127.0.0.1:9090/api/v1/rules"

    def scraped() -> bool:
        return [target["health"] for target in asked(engine, targets)["data"]["activeTargets"]] == ["up"]

    def notified() -> bool:
        alerts = asked(engine, "http://127.0.0.1:9093/api/v2/alerts")
        return "WolkvoxWatchdog" in [alert["labels"]["alertname"] for alert in alerts]

    def evaluated() -> bool:
        # Groups with a longer interval wait for their turn.
        groups = [group for group in asked(engine, rules)["data"]["groups"] if group["interval"] <= 60]
        return {rule["health"] for group in groups for rule in group["rules"]} == {"ok"}

    until(scraped, WITHIN_SECONDS, "the scrape of the exporter", report=lambda: compose(engine, "logs"))
    until(notified, WITHIN_SECONDS, "the watchdog at Alertmanager", report=lambda: compose(engine, "logs"))
    until(
        evaluated,
        WITHIN_SECONDS,
        "an evaluation of every rule without error",
        report=lambda: engine.get(rules),
    )

    # The account of this test is a simulator in the same container.
    folder = checkout / "deploy" / "compose" / "config"
    write_config(folder, name="before")
    _, chown, *_ = page("dashboards.md", "See them now")
    engine.run("sh", "-c", f"cd /srv/checkout && {chown}")
    account(engine, "up", "--detach", "exporter")
    account(engine, "exec", "--detach", "exporter", "wolkvox-exporter", "simulate", "--operations=1")
    wait_for_sample(engine, 10042, r'^wolkvox_up\{operation="before".*\}')
    write_config(folder, name="after")
    account(engine, "kill", "--signal=HUP", "exporter")
    wait_for_sample(engine, 10042, r'^wolkvox_up\{operation="after".*\} 1')
    assert stop(engine, account(engine, "ps", "--quiet", "exporter").strip()) == 0
    account(engine, "down", "--volumes")
