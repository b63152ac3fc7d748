import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter import __version__
from exporter.metrics import Format, ProcessMetrics, Selection
from exporter.state import Health
from support.fakes import lines_of


def metrics() -> ProcessMetrics:
    return ProcessMetrics(lambda: Health(up=True, losses=2))


@pytest.mark.parametrize("form", Format)
def test_the_process_tells_about_itself(form: Format) -> None:
    process = metrics()
    process.config_loaded(1_000_000.0)
    text = process.render(form).decode()
    assert not text.endswith("# EOF\n")
    parse = parse_text if form is Format.TEXT else parse_openmetrics
    families = {family.name: family for family in parse(text + form.end.decode())}
    (build,) = families["wolkvox_exporter_build_info"].samples
    assert (build.value, build.labels["version"]) == (1, __version__)
    values = {s.name: s.value for family in families.values() for s in family.samples}
    assert values["wolkvox_exporter_config_last_reload_successful"] == 1
    assert values["wolkvox_exporter_config_last_reload_success_timestamp_seconds"] == 1_000_000
    assert values["process_resident_memory_bytes"] > 0
    assert any(name.startswith("python_gc_") for name in families)


def test_the_build_may_tell_its_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WOLKVOX_EXPORTER_REVISION", "abc123")
    (line,) = lines_of(metrics().render(Format.TEXT), "wolkvox_exporter_build_info")
    assert 'revision="abc123"' in line


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("name", ["process_cpu_seconds_total", "process_cpu_seconds"])
def test_one_family_can_be_asked_for(form: Format, name: str) -> None:
    text = metrics().render(form, Selection(names=frozenset({name}))).decode()
    assert [line for line in text.splitlines() if not line.startswith("#")] == lines_of(
        text, "process_cpu_seconds_total"
    )
    assert text.count("# TYPE") == 1


def test_the_store_is_asked_at_each_scrape() -> None:
    healths = [Health(up=True, losses=0), Health(up=False, losses=1)]
    process = ProcessMetrics(healths.pop)
    text = process.render(Format.TEXT).decode()
    assert "wolkvox_exporter_state_up 0.0\n" in text
    assert "wolkvox_exporter_state_losses_total 1.0\n" in text
    assert "wolkvox_exporter_state_up 1.0\n" in process.render(Format.OPENMETRICS).decode()
