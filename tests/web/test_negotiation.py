import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.metrics import OFFERED, Format
from exporter.web import negotiation
from exporter.web.negotiation import content_encoding, exposition_format

TEXT, OPENMETRICS = Format.TEXT, Format.OPENMETRICS
PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROTOBUF_FIRST = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,"
    "text/plain;version=0.0.4;q=0.3"
)
VMAGENT = "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
TELEGRAF = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,"
    "text/plain;version=0.0.4;q=0.3"
)
DATADOG = (
    "application/openmetrics-text; version=1.0.0; charset=utf-8;q=1,"
    "application/openmetrics-text; version=0.0.1; charset=utf-8;q=0.9,text/plain;q=0.8"
)
PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, TEXT),
        ("", TEXT),
        ("*/*", TEXT),
        (BROWSER, TEXT),
        (PROMETHEUS_2, OPENMETRICS),
        (PROMETHEUS_3, OPENMETRICS),
        (PROTOBUF_FIRST, TEXT),
        (VMAGENT, TEXT),
        (TELEGRAF, TEXT),
        (DATADOG, OPENMETRICS),
        (JAVA, TEXT),
        ("text/plain", TEXT),
        ("TEXT/Plain ; Version=0.0.4", TEXT),
        ("text/plain ; \t version = 0.0.4 , text/plain ; version = 1.0.0 ", TEXT),
        ('text/plain;version="0.0.4"', TEXT),
        ('text/html;x="a, text/plain;q=0 ,b"', TEXT),
        (r'text/plain;x="a\";q=0;b"', TEXT),
        ('text/plain;x="a, application/openmetrics-text', TEXT),
        # Cut where `q=0.5` says `q=0`.
        (", " + "text/html," * 408 + "text/plain;q=0.5", TEXT),
        ("text/*", TEXT),
        ("application/openmetrics-text", OPENMETRICS),
        ("application/openmetrics-text, text/plain", OPENMETRICS),
        ("application/openmetrics-text;q=0.5, text/plain;q=0.6", TEXT),
        ("application/openmetrics-text;q=0.5, */*;q=0.6", TEXT),
        ("application/*", OPENMETRICS),
        ("text/plain;version=0.0.4;q=0.1, text/*;q=0.9, application/openmetrics-text;q=0.5", OPENMETRICS),
        ("application/openmetrics-text;version=0.0.1;q=0.9, text/plain;version=0.0.4;q=0.1", TEXT),
        # Where nothing fits, text is the last resort.
        ("text/plain;version=1.0.0;escaping=allow-utf-8", TEXT),
        ("text/plain;version=1.0.0;q=0", TEXT),
        ("application/openmetrics-text;version=0.0.1", TEXT),
        ("application/openmetrics-text;version=2.0.0", TEXT),
        (PROTOBUF, TEXT),
        ("application/json", TEXT),
        ("image/*", TEXT),
        # What is ruled out is not sent; the more exact range decides.
        ("application/openmetrics-text;q=0", TEXT),
        ("application/openmetrics-text;q=0, */*", TEXT),
        ("application/openmetrics-text;q=0, application/*", TEXT),
        ("text/plain;q=0, */*", OPENMETRICS),
        ("text/plain;q=0, application/*;q=0.1", OPENMETRICS),
        ("text/plain;q=0", None),
        ("text/plain;version=0.0.4;q=0", None),
        ("text/*;q=0, image/*", None),
        ("*/*;q=0", None),
        ("*;q=0", None),
        ("application/json, */*;q=0.0", None),
        ("*/*;q=0, text/plain;q=0.1", TEXT),
        ("*/*;q=0, application/openmetrics-text", OPENMETRICS),
        # q-values as clients write them.
        ("application/openmetrics-text;q=.2, text/plain;q=.1", OPENMETRICS),
        ("application/openmetrics-text;q=.1, text/plain;q=.2", TEXT),
        ("application/openmetrics-text;q=0.12345, text/plain;q=0.12344", OPENMETRICS),
        ("application/openmetrics-text;q=1, text/plain;q=1.5", OPENMETRICS),
        ("application/openmetrics-text;q=10, text/plain;q=0.9", OPENMETRICS),
        ("application/openmetrics-text; Q = 0.5 , text/plain ; Q = 0.6", TEXT),
        ("text/plain;q=.0", None),
        ("text/plain;q=0.0000", None),
        ("text/plain;q=00", None),
        ('text/plain;q="0"', None),
        # What cannot be read is as if it was not there.
        ("application/json, garbage;;=, text/plain;q=0.1", TEXT),
        ("application/openmetrics-text;q=nan, text/plain;q=0.1", TEXT),
        ("application/openmetrics-text;q=-1", TEXT),
        ("application/openmetrics-text;q=", TEXT),
        ("(", TEXT),
    ],
)
def test_accept(accept: str | None, form: Format | None) -> None:
    assert exposition_format(accept) is form


PROTOCOLS = {
    PROTOBUF: None,
    "application/openmetrics-text;version=1.0.0": OPENMETRICS,
    "application/openmetrics-text;version=0.0.1": None,
    "text/plain;version=1.0.0": None,
    "text/plain;version=0.0.4": TEXT,
}


@given(
    protocols=st.permutations(list(PROTOCOLS)).flatmap(
        lambda some: st.integers(1, len(some)).map(lambda count: some[:count])
    ),
    escaping=st.sampled_from(["", ";escaping=allow-utf-8", ";escaping=underscores", ";escaping=values"]),
)
def test_prometheus_gets_the_first_of_its_scrape_protocols(protocols: list[str], escaping: str) -> None:
    # So ask Prometheus, Alloy and the OpenTelemetry collector, each with protocols of its own: the weights
    # fall from one above the number of protocols there are, and the last one is for anything.
    ranges = [
        f"{protocol}{escaping if '1.0.0' in protocol else ''};q=0.{len(PROTOCOLS) + 1 - place}"
        for place, protocol in enumerate(protocols)
    ]
    accept = ",".join([*ranges, f"*/*;q=0.{len(PROTOCOLS) + 1 - len(protocols)}"])
    wanted = next((form for protocol in protocols if (form := PROTOCOLS[protocol])), TEXT)
    assert exposition_format(accept) is wanted


@pytest.mark.parametrize(
    ("accept_encoding", "encoding"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0.1, identity;q=0.5", "identity"),
        ("gzip;q=0.5, identity;q=0.5", "gzip"),
        ("br", "identity"),
        ("*", "zstd"),
        ("*, zstd;q=0", "gzip"),
        ("gzip;q=0, *", "zstd"),
        ("identity;q=0, gzip", "gzip"),
        ("identity;q=0", None),
        ("*;q=0", None),
        ("br, *;q=0", None),
        ("*;q=0, identity;q=0.1", "identity"),
        ("gzip;q=2", "gzip"),
        ("gzip;q=.5, zstd;q=.4", "gzip"),
        ("gzip;q=.0", "identity"),
        ("identity;q=.0, gzip", "gzip"),
    ],
)
def test_accept_encoding(accept_encoding: str | None, encoding: str | None) -> None:
    assert content_encoding(accept_encoding, ("zstd", "gzip")) == encoding


@pytest.mark.parametrize("part", ['q={blanks}"', "q={blanks}a b", "{blanks}q{blanks}", "a={blanks}"])
def test_a_long_header_costs_as_much_as_it_is_long(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Each request is read on the loop that serves all others; this takes the processor a millisecond.
    monkeypatch.setattr(negotiation, "_MAX_HEADER_CHARACTERS", 2**17)
    started = time.process_time()
    exposition_format("text/plain;" + part.format(blanks=" " * 2**16))
    assert time.process_time() - started < 1


@given(st.text() | st.text('abtx/*;=q,. 0159"-', max_size=60))
def test_no_header_breaks_the_negotiation(header: str) -> None:
    assert exposition_format(header) in {TEXT, OPENMETRICS, None}
    assert content_encoding(header, ("zstd", "gzip")) in {"zstd", "gzip", "identity", None}


qualities = st.integers(0, 1000)


def _q(thousandths: int) -> str:
    return f"{thousandths / 1000:.3f}"


@given(openmetrics=qualities, text=qualities, rest=qualities, order=st.permutations(range(3)))
def test_the_greater_wish_is_served(openmetrics: int, text: int, rest: int, order: list[int]) -> None:
    ranges = [
        f"application/openmetrics-text;q={_q(openmetrics)}",
        f"text/plain;q={_q(text)}",
        f"*/*;q={_q(rest)}",
    ]
    chosen = exposition_format(", ".join(ranges[place] for place in order))
    wishes = {OPENMETRICS: openmetrics, TEXT: text}
    if chosen is None:
        assert not any(wishes.values())
    else:
        assert wishes[chosen] == max(wishes.values()) > 0


@given(gzip=qualities, zstd=qualities, identity=qualities)
def test_the_greater_wish_is_sent(gzip: int, zstd: int, identity: int) -> None:
    wishes = {"gzip": gzip, "zstd": zstd, "identity": identity}
    header = ",".join(f"{name};q={_q(quality)}" for name, quality in wishes.items())
    chosen = content_encoding(header, ("zstd", "gzip"))
    if chosen is None:
        assert not any(wishes.values())
    else:
        assert wishes[chosen] == max(wishes.values()) > 0


def test_zstd_is_offered_before_gzip() -> None:
    assert OFFERED == ("zstd", "gzip")


def test_content_types_are_exact() -> None:
    assert TEXT.value == "text/plain; version=0.0.4; charset=utf-8"
    assert OPENMETRICS.value == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert all(re.fullmatch(r"[\x20-\x7e]+", form.value) for form in Format)
