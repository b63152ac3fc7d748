"""The running exporter behind a proxy that refuses: what it says, and what it does not."""

import base64
import re
from pathlib import Path

import pytest

from support.exporter import exporter
from support.waiting import until
from wolkvox.vendor import Vendor, answer

pytestmark = pytest.mark.integration

USER, PASSWORD = "invented-user", "p@ss-invented"
TOLD = "the proxy refused: 407 Proxy Authentication Required"
FAILED = re.compile(r'\nwolkvox_request_failures_total\{.*api="campaigns",cause="connection"\} [1-9]')
SECRETS = (PASSWORD, "p%40ss-invented", USER, base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode())


def test_a_refusal_is_told_and_the_password_nowhere(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text('operations: [{server: "0042", token: invented-token}]\n')
    with Vendor(answer(b"", "407 Proxy Authentication Required")) as proxy:
        address = f"http://{USER}:p%40ss-invented@127.0.0.1:{proxy.port}"
        env = {"HTTPS_PROXY": address, "https_proxy": address, "NO_PROXY": "", "no_proxy": ""}
        flags = (f"--config.file={config}", "--log.level=debug")
        with exporter("serve", tmp_path, *flags, env=env) as running:
            until(lambda: FAILED.search(running.metrics()), 60, "a poll", report=running.process.output)
            pages = [running.get(path).text for path in ("/", "/status.json", "/metrics")]
            log = running.process.stderr.read_text()
            assert running.process.stop() == 0
    assert TOLD in log
    assert "or of its proxy" in pages[0]
    assert not [secret for secret in SECRETS for text in (log, *pages) if secret in text]
    assert f"Proxy-Authorization: Basic {SECRETS[-1]}".encode() in proxy.requests[0]
