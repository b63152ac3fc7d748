"""The first command of a newcomer: `make demo` runs `python -m exporter demo`."""

import re
from pathlib import Path

import pytest

from support.exporter import exporter, run
from support.waiting import until

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
WITHIN = 15.0
"""Seconds in which the demo is to show campaigns on a machine that is free; a busy one gets more."""


def test_make_demo_runs_what_is_tested_here() -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\ndemo:")[2].partition("\n\n")[0]
    assert "$(BIN)/python -m exporter demo" in recipe


def test_campaigns_are_there_soon_and_the_addresses_are_told(tmp_path: Path) -> None:
    with exporter("demo", tmp_path) as demo:

        def shown() -> bool:
            metrics = demo.metrics()
            return all(
                f"\n{family}{{" in metrics
                for family in (
                    "wolkvox_campaign_running",
                    "wolkvox_campaign_info",
                    "wolkvox_campaign_machine_codes",
                    "wolkvox_campaign_expected",
                    "wolkvox_quota_used_requests",
                )
            )

        until(shown, 4 * WITHIN, "the campaigns", report=demo.process.output)
        told = demo.process.stdout.read_text()
        assert demo.get("/").status_code == 200
        until(lambda: demo.get("/-/ready").status_code == 200, 60, "all operations")
        metrics = demo.metrics()
    urls = set(re.findall(r"http://\S+", told))
    assert {f"{demo.url}/", f"{demo.url}/metrics"} <= urls
    assert demo.process.stderr.read_text() == ""
    operations = set(re.findall(r'wolkvox_up\{operation="([^"]+)"', metrics))
    assert operations == {"ventas-bogota", "cobranza-mexico", "soporte-lima"}


def test_it_ends_at_once_and_in_good_order(tmp_path: Path) -> None:
    with exporter("demo", tmp_path, "--operations=1") as demo:
        assert demo.process.stop() == 0
        assert "Traceback" not in demo.process.output()


@pytest.mark.parametrize(
    ("flag", "complaint"),
    [("--operations=0", "operations"), ("--campaigns=0", "campaigns"), ("--time-factor=0", "time_factor")],
)
@pytest.mark.parametrize("stack", [(), ("--stack",)], ids=["alone", "stack"])
def test_what_cannot_be_simulated_is_refused(stack: tuple[str, ...], flag: str, complaint: str) -> None:
    ended = run("demo", flag, *stack)
    assert ended.returncode == 1
    assert complaint in ended.stderr
