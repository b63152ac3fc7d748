import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter.families import Family, MetricType, Scope
from exporter.metrics import Format
from exporter.metrics.text import header, labels, number, samples

GAUGE = Family("f_seconds", 'A "quoted" help,\nwith \\ and more.', Scope.OPERATION, unit="seconds")
COUNTER = Family("f_total", "Help.", Scope.OPERATION, MetricType.COUNTER, labels=("cause",))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (5.0, "5"),
        (-3.0, "-3"),
        (0.1429, "0.1429"),
        (1e-9, "1e-09"),
        (2.0**53, "9007199254740992.0"),
        (1e300, "1e+300"),
    ],
)
def test_figures_are_written_without_loss(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_figure_is_read_as_what_it_was(value: float) -> None:
    assert math.isclose(float(number(value)), value, rel_tol=0, abs_tol=0)


def test_headers_of_both_formats() -> None:
    assert header(GAUGE, Format.TEXT).decode() == (
        '# HELP f_seconds A "quoted" help,\\nwith \\\\ and more.\n# TYPE f_seconds gauge\n'
    )
    assert header(GAUGE, Format.OPENMETRICS).decode() == (
        '# HELP f_seconds A \\"quoted\\" help,\\nwith \\\\ and more.\n# TYPE f_seconds gauge\n'
        "# UNIT f_seconds seconds\n"
    )
    assert header(COUNTER, Format.TEXT).decode() == "# HELP f_total Help.\n# TYPE f_total counter\n"
    assert header(COUNTER, Format.OPENMETRICS).decode() == "# HELP f Help.\n# TYPE f counter\n"


def test_samples_of_a_figure_of_several_and_of_a_column_that_stands_for_a_label() -> None:
    prefix = labels(("operation",), ("a",))
    assert list(samples(GAUGE, prefix, 1.5)) == ['f_seconds{operation="a"} 1.5\n']
    assert list(samples(COUNTER, prefix, 2.0, ("tls",))) == ['f_total{operation="a",cause="tls"} 2\n']
    assert list(samples(COUNTER, prefix, {("x",): 1.0, ("y",): 2.0})) == [
        'f_total{operation="a",cause="x"} 1\n',
        'f_total{operation="a",cause="y"} 2\n',
    ]


@pytest.mark.parametrize("form", Format)
@given(value=st.text(st.characters(exclude_categories=["Cs"])), own=st.text(max_size=5))
def test_every_label_is_read_as_what_it_was(form: Format, value: str, own: str) -> None:
    own = own.encode("utf-8", "replace").decode()
    lines = header(COUNTER, form).decode()
    lines += "".join(samples(COUNTER, labels(("operation",), (value,)), {(own,): 3.0}))
    parse = parse_text if form is Format.TEXT else parse_openmetrics
    (family,) = parse(lines + form.end.decode())
    (sample,) = family.samples
    assert (sample.labels, sample.value) == ({"operation": value, "cause": own}, 3.0)
