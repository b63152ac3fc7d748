"""The figures of docs/serving.md are those of the program."""

import re
from pathlib import Path

from exporter.toolkit.connection import ClientLimits
from exporter.toolkit.security import passwords

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "serving.md").read_text()


def figure(row: str) -> int:
    match = re.search(rf"^\| {re.escape(row)} \| ([0-9]+)", PAGE, re.MULTILINE)
    assert match, row
    return int(match[1])


def test_the_limits_are_those_in_force() -> None:
    limits = ClientLimits()
    assert {
        "connections at a time": limits.connections,
        "a TLS handshake": limits.handshake,
        "a request, from its first byte to its last": limits.request,
        "silence between two requests of a connection": limits.idle,
        "the taking of each 256 KiB of an answer": limits.write,
        "header of a request": limits.header / 2**10,
        "body of a request": limits.body / 2**20,
        "passwords under check at a time": passwords._MAX_CHECKS,
        "the end of running answers when the exporter stops": limits.shutdown,
    } == {match: figure(match) for match in re.findall(r"^\| ([^|]+) \| [0-9]", PAGE, re.MULTILINE)}
    assert f"of one address {passwords._MAX_CHECKS_PER_PEER}" in PAGE
    assert f"used for {passwords.REMEMBERED_SECONDS / 60:.0f} minutes" in PAGE
