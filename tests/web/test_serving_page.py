"""The figures of docs/serving.md are those of the program."""

import re
from pathlib import Path

from exporter.toolkit import connection, connections
from exporter.toolkit.connection import ClientLimits
from exporter.toolkit.security import passwords
from exporter.toolkit.server import RESERVED_DESCRIPTORS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "serving.md").read_text()


def figure(row: str) -> int:
    match = re.search(rf"^\| {re.escape(row)} \| ([0-9]+)", PAGE, re.MULTILINE)
    assert match, row
    return int(match[1])


def test_the_limits_are_those_in_force() -> None:
    limits = ClientLimits()
    assert {
        "connections at a time": limits.connections,
        "TLS handshake": limits.handshake,
        "request, from its first byte to its last": limits.request,
        "silence between two requests on a connection": limits.idle,
        "responses that are stuck for more than a second because the client does not read": limits.responses,
        f"time for a client to read {connection._WRITE_BYTES // 2**10} KiB of a response": limits.write,
        "header of a request": limits.header / 2**10,
        "body of a request": limits.body / 2**20,
        "passwords being checked at a time": passwords._MAX_CHECKS,
        "time to finish responses when the exporter stops": limits.shutdown,
    } == {match: figure(match) for match in re.findall(r"^\| ([^|]+) \| [0-9]", PAGE, re.MULTILINE)}
    assert connections._SENDING_SECONDS == 1.0
    assert f"files, less {RESERVED_DESCRIPTORS} |" in PAGE
    assert f"open files to {limits.connections + RESERVED_DESCRIPTORS:,} if" in PAGE
    assert f"{passwords._MAX_CHECKS_PER_PEER} from one address" in PAGE
    assert f"used for {passwords.REMEMBERED_SECONDS / 60:.0f} minutes" in PAGE
