"""Where the running exporter can be reached on hosts with and without IPv6, each in a network of its own."""

import json
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from support.programs import apart

pytestmark = pytest.mark.integration

INSIDE = """
import errno, fcntl, json, socket, struct, subprocess, sys, urllib.request
ipv6, *flags = sys.argv[1:]
SET_FLAGS, REMOVE_ADDRESS, UP = 0x8914, 0x8936, 1  # netdevice(7)
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh22x", b"lo", UP))
if ipv6 == "off":  # as far as programs see: containers may not write to /proc/sys
    loopback = socket.inet_pton(socket.AF_INET6, "::1") + struct.pack("Ii", 128, socket.if_nametoindex("lo"))
    try:
        with socket.socket(socket.AF_INET6) as ipv6_socket:
            fcntl.ioctl(ipv6_socket, REMOVE_ADDRESS, loopback)
    except OSError as error:  # a kernel without IPv6 has none to remove
        if error.errno != errno.EAFNOSUPPORT:
            raise
command = [sys.executable, "-m", "exporter", "serve", "--config.file=config.yaml", *flags]
told, log = [], ""
with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as exporter:
    for line in exporter.stderr:
        log += line
        told += [word.removeprefix("address=") for word in line.split() if word.startswith("address=")]
        if len(told) == len(flags):
            break
    reached = {}
    for host in ("127.0.0.1", "[::1]"):
        try:
            open_url = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
            with open_url(f"http://{host}:9042/-/healthy", timeout=20) as answer:
                reached[host] = answer.status == 200
        except OSError:
            reached[host] = False
    exporter.terminate()
    log += exporter.stderr.read()
print(json.dumps({"told": told, "reached": reached, "code": exporter.returncode, "log": log}))
"""


def served(folder: Path, ipv6: str, addresses: Sequence[str]) -> dict[str, Any]:
    """Return what the exporter tells, where it is reached, and how it ends."""
    network = apart("--net")
    (folder / "config.yaml").write_text(
        "operations: [{server: '0042', token: invented-token}]\n"
        f"state: {{url: 'sqlite://{folder}/state.db'}}\n"
    )
    ended = subprocess.run(
        [*network, sys.executable, "-c", INSIDE, ipv6, *(f"--web.listen-address={a}" for a in addresses)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=folder,
    )
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout))


@pytest.mark.parametrize(
    ("ipv6", "hosts", "v4", "v6"),
    [
        ("on", ["[::]"], True, True),
        ("on", ["0.0.0.0", "[::]"], True, True),  # noqa: S104 - a test
        ("off", ["[::]"], True, False),
        ("off", ["[::]", "0.0.0.0"], True, False),  # noqa: S104 - a test
        ("off", [""], True, False),
    ],
)
def test_addresses_are_answered_at(ipv6: str, hosts: list[str], v4: bool, v6: bool, tmp_path: Path) -> None:
    if (ipv6 == "on" or len(hosts) > 1) and not socket.has_dualstack_ipv6():
        pytest.skip("needs a kernel with IPv6")
    addresses = [f"{host}:9042" for host in hosts]
    found = served(tmp_path, ipv6, addresses)
    assert found["told"] == addresses, found
    assert found["reached"] == {"127.0.0.1": v4, "[::1]": v6}, found
    assert found["code"] == 0, found


def test_an_address_that_is_within_another_is_named(tmp_path: Path) -> None:
    found = served(tmp_path, "on", [":9042", "0.0.0.0:9042"])
    assert found["code"] == 1
    assert "wolkvox-exporter: cannot listen on 0.0.0.0:9042: it is in use; end what" in found["log"]
