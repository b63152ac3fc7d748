"""Which hosts are this machine itself, and which only look like it."""

import pytest

from exporter.loopback import is_loopback


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "::1"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "wv0042.wolkvox.com",
        "localhost.wolkvox.com",
        "127.0.0.1.nip.io",
        "10.0.0.1",
        "0x7f.1",
    ],
)
def test_another_one(host: str | None) -> None:
    assert not is_loopback(host)
