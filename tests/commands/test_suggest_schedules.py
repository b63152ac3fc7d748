"""What stops `suggest-schedules` before it asks; the rest needs a real Prometheus."""

from pathlib import Path

import pytest

from exporter.__main__ import main
from exporter.commands import suggest_schedules
from exporter.commands.suggest_schedules import country_of

CONFIG = "operations:\n  - {name: ventas, server: '0042', token_file: /nonexistent/token}\n"
URL = "--prometheus.url=http://127.0.0.1:1"


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG)
    return f"--config.file={file}"


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        # The token of wolkvox is not here, and is not needed.
        ((), "wolkvox-exporter: http://127.0.0.1:1 cannot be reached: nothing listens at this address"),
        (("--operation=x",), "wolkvox-exporter: the configuration has no operation 'x'; it has ventas"),
        (
            ("--http.config.file=/nonexistent/http.yml",),
            "/nonexistent/http.yml: cannot be read: No such file or directory",
        ),
        (
            ("--prometheus.username=ana", "--prometheus.password-file=/absent"),
            "--prometheus flags: basic_auth.password_file: /absent cannot be read: No such file or directory",
        ),
        (
            ("--prometheus.ca-file=a.crt", "--http.config.file=http.yml"),
            "--prometheus flags: are given beside http.yml: put all into the file",
        ),
        (
            ("--prometheus.username=ana", "--prometheus.bearer-token-file=/dev/null"),
            "--prometheus flags: authorization: is given beside basic_auth: only one of them may be",
        ),
    ],
)
def test_what_stops_it_is_told(
    config: str, flags: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["suggest-schedules", URL, config, *flags]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert says in captured.err.splitlines()


def test_the_first_day_does_not_count_and_that_is_told(
    config: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(suggest_schedules, "known_operations", lambda *_: [])
    assert main(["suggest-schedules", URL, config]) == 1
    assert (
        "has no wolkvox_campaign_running of the 4 weeks up to last midnight; today does not count. "
        in capsys.readouterr().err
    )


def test_a_bad_configuration_and_a_bad_address(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["suggest-schedules", URL, f"--config.file={tmp_path / 'absent.yaml'}"]) == 1
    assert main(["suggest-schedules", "--prometheus.url=prometheus:9090", config]) == 1
    assert "--prometheus.url must be an address such as" in capsys.readouterr().err


@pytest.mark.parametrize("weeks", ["0", "1", "27", "-4", "4.5", "four", "9" * 5000])
def test_weeks_that_make_no_sense_are_refused(config: str, weeks: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["suggest-schedules", URL, config, f"--weeks={weeks}"])
    assert ended.value.code == 2


def test_a_zone_is_in_a_country() -> None:
    zones = (
        "America/Bogota",
        "America/Mexico_City",
        "Europe/Madrid",
        "UTC",
        "Etc/GMT+5",
        "Antarctica/Vostok",
    )
    assert [country_of(zone) for zone in zones][:5] == ["CO", "MX", "ES", "", ""]
