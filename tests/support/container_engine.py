"""A container engine of the tests' own (Debian's docker.io and docker-compose), and images for it.

It runs in namespaces of its own: no port, no firewall rule and no image of this machine is touched, and it
cannot reach the network. No registry is asked for an image either: those that the project's files name are
made here, of Debian's packages.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging import tags
from support.debian import debian_root, debian_root_with
from support.processes import Running, running
from support.programs import program
from support.waiting import until

ROOT = Path(__file__).resolve().parents[2]

_PACKAGES = ("docker-buildx", "docker-cli", "docker-compose", "docker.io", "iproute2", "iptables")
# In the test's folder: where only this engine can be meant.
_SOCKET = "unix:///srv/docker.sock"
_CGROUP = f"wolkvox-exporter-tests-{os.getpid()}"

# $1 is the root of a Debian with the engine, which is only read; $2 is a folder of the test, there /srv.
_START = f"""
set -eu
mount --make-rprivate /
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
mount -t proc proc "$1/proc"
mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
for folder in etc/docker run tmp; do mount -t tmpfs tmpfs "$1/$folder"; done
mount --bind "$2" "$1/srv"
# Images in memory are quick to write, gone with the engine, and never on an overlay, on which none can be.
mkdir "$1/srv/docker"
mount -t tmpfs tmpfs "$1/srv/docker"
cd "$1"
pivot_root . .
umount -l .
cd /
ip link set lo up
exec dockerd --host={_SOCKET} --data-root=/srv/docker --cgroup-parent=/{_CGROUP}
"""

_FETCH = """
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=30) as answer:
    sys.stdout.buffer.write(answer.read())
"""

_PYTHON = """
FROM debian-root
COPY wheels /wheels
# What sets Debian's Python apart from Docker's: pip is its own, and lies beside the program as a wheel.
RUN cd /usr/lib/python3.13 \\
 && rm EXTERNALLY-MANAGED \\
 && PYTHONPATH=$(echo /usr/share/python-wheels/pip-*.whl) python3 -m pip install \\
    --no-index --find-links=/usr/share/python-wheels --ignore-installed --root-user-action=ignore pip \\
 && mkdir ensurepip/_bundled \\
 && mv /usr/share/python-wheels/pip-*.whl ensurepip/_bundled \\
 && rm -r /usr/share/python-wheels \\
 && ln -s /usr/bin/python3 /usr/local/bin/python \\
 && printf '[global]\\nno-index = true\\nfind-links = /wheels\\n' >/etc/pip.conf
"""

_SERVER = """
FROM debian-root
COPY server /bin/server
COPY share /usr/share/prometheus
RUN install --directory --owner=65534 --group=65534 /{name}
USER 65534:65534
WORKDIR /{name}
ENTRYPOINT ["/bin/server"]
"""


class Engine:
    """A running engine. `folder` is this machine's name of /srv there."""

    def __init__(self, process: Running, folder: Path) -> None:
        self.folder = folder
        self._process = process

    def inside(self) -> list[str]:
        """Return the words before a command that make it one of the engine's machine."""
        enter = ["nsenter", f"--target={self._pid()}", "--mount", "--net"]
        return [*enter, "env", "HOME=/srv", f"DOCKER_HOST={_SOCKET}"]

    def run(
        self, *words: str | Path, check: bool = True, text: str | None = None, timeout: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Run a program where the engine runs, with `text` as input; without `check` it may fail."""
        result = subprocess.run(
            [*self.inside(), *words],
            input=text or "",
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
        assert not check or result.returncode == 0, f"{words}\n{result.stdout}\n{result.stderr}"
        return result

    def docker(self, *words: str | Path, **options: Any) -> str:
        """Run docker and return what it prints."""
        return self.run("docker", *words, **options).stdout

    def get(self, url: str) -> str:
        """Return a page of a port that is published on the engine's machine; raises OSError like urllib."""
        result = subprocess.run(
            ["nsenter", f"--target={self._pid()}", "--net", sys.executable, "-c", _FETCH, url],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if result.returncode:
            raise OSError(result.stderr.strip().rpartition("\n")[2])
        return result.stdout

    def ready(self) -> bool:
        """Tell whether it answers."""
        return self._process.alive and self.run("docker", "info", check=False).returncode == 0

    def output(self) -> str:
        """Return the engine's log."""
        return self._process.output()

    def _pid(self) -> int:
        """Return the process that lives in the namespaces, the child of the one that made them."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        if not children:
            raise OSError(f"the engine does not run: {self._process.output()}")
        return int(children[0])


@contextlib.contextmanager
def container_engine(folder: Path) -> Iterator[Engine]:
    """Run an engine while the block runs; the test is left out, or fails, as `debian_root` says."""
    root = debian_root_with("docker", *_PACKAGES)
    work = folder / "srv"
    work.mkdir(parents=True)
    unshare = [program("unshare"), "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]
    try:
        with running([*unshare, "sh", "-c", _START, "sh", root, work], folder) as process:
            engine = Engine(process, work)
            until(engine.ready, 60, "the container engine", report=process.output)
            yield engine
            engine.run("sh", "-c", "docker ps --all --quiet | xargs --no-run-if-empty docker rm --force")
    finally:
        for group in [*Path("/sys/fs/cgroup").glob(_CGROUP), *Path("/sys/fs/cgroup").glob(f"*/{_CGROUP}")]:
            for place, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):
                    Path(place).rmdir()


def make_base_image(engine: Engine, name: str) -> None:
    """Make an image with Python 3.13 and a pip that finds what the requirements name, and nothing else."""
    debian = debian_root()
    with subprocess.Popen(
        ["tar", "--directory", debian, "--exclude=./usr/share/doc", "--create", "."], stdout=subprocess.PIPE
    ) as packed:
        subprocess.run(
            [*engine.inside(), "docker", "import", "-", "debian-root"],
            stdin=packed.stdout,
            capture_output=True,
            check=True,
            timeout=120,
        )
    context = engine.folder / "base"
    wheels = context / "wheels"
    # Of the tags that this machine's Python takes, those of the platform; the interpreter is the image's.
    platforms = [f"--platform={tag}" for tag in tags.platform_tags()]
    requirements = [ROOT / "requirements" / file for file in ("run.txt", "build.txt")]
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--only-binary=:all:"),
            *("--python-version=3.13", "--implementation=cp", *platforms, f"--dest={wheels}"),
            *(f"--requirement={file}" for file in requirements),
        ],
        check=True,
        timeout=300,
    )
    (context / "Dockerfile").write_text(_PYTHON)
    engine.docker("build", "--progress=plain", f"--tag={name}", "/srv/base")


def make_server_image(engine: Engine, name: str, binary: str) -> None:
    """Make an image of a server that is installed here, which runs as nobody in a folder of its name."""
    context = engine.folder / binary
    context.mkdir()
    installed = Path(program(binary))
    shutil.copy(installed, context / "server")
    # Debian's Alertmanager has its templates there.
    shutil.copytree(installed.parents[1] / "share" / "prometheus", context / "share", symlinks=True)
    (context / "Dockerfile").write_text(_SERVER.format(name=binary.rpartition("-")[2]))
    engine.docker("build", "--progress=plain", f"--tag={name}", f"/srv/{binary}")
