import asyncio
import json
import logging
import re
import time
import zlib
from html import unescape
from http import HTTPStatus
from urllib.parse import urljoin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter.config import Config
from exporter.metrics.content_encoding import zstd
from exporter.service import Service
from exporter.state import MemoryStore
from exporter.toolkit.address import Address
from exporter.toolkit.message import Request, Response

BOGOTA, MEXICO = "ventas-bogota", "cobranza-mexico"


def ask(service: Service, path: str, method: str = "GET", query: str = "", **headers: str) -> Response:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    local = Address("192.0.2.7", 10042)
    return asyncio.run(service.app(Request(method, path, query, fields, local)))


def openmetrics_families(answer: Response) -> set[str]:
    return {family.name for family in parse_openmetrics(answer.content.decode())}  # type: ignore[no-untyped-call]


def families(answer: Response) -> set[str]:
    return {family.name for family in parse_text(answer.content.decode())}


def test_metrics_are_text_with_everything(service: Service) -> None:
    answer = ask(service, "/metrics")
    assert (answer.status, answer.content_type) == (HTTPStatus.OK, "text/plain; version=0.0.4; charset=utf-8")
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
    assert "Content-Encoding" not in answer.headers
    assert {"wolkvox_up", "wolkvox_campaign_records", "wolkvox_exporter_build_info", "process_open_fds"} <= (
        families(answer)
    )


def test_openmetrics_for_who_asks(service: Service) -> None:
    answer = ask(service, "/metrics", accept="application/openmetrics-text;version=1.0.0")
    assert answer.content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert answer.content.endswith(b"# EOF\n")
    assert "wolkvox_requests" in openmetrics_families(answer)


@pytest.mark.parametrize(
    ("path", "query", "end"),
    [
        ("/metrics", "", b"# EOF\n"),
        ("/metrics", "name[]=wolkvox_up", b"# EOF\n"),
        ("/probe", f"target={BOGOTA}", b"# EOF\n"),
        ("/", "", b"</html>"),
        ("/status.json", "", b"}"),
    ],
)
@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_who_stops_after_the_first_frame_or_member_has_everything(
    service: Service, path: str, query: str, end: bytes, encoding: str
) -> None:
    # As aiohttp 3.13 and urllib3 2.0 read zstd, without a word of what they leave out.
    accept = "application/openmetrics-text"
    answer = ask(service, path, query=query, accept=accept, accept_encoding=encoding)
    assert answer.headers["Content-Encoding"] == encoding
    reader = zstd.ZstdDecompressor() if encoding == "zstd" else zlib.decompressobj(16 + zlib.MAX_WBITS)
    text = reader.decompress(answer.content)
    assert reader.eof
    assert not reader.unused_data
    assert text.rstrip(b"\n").endswith(end.rstrip(b"\n"))
    if path == "/metrics":
        names = {family.name for family in parse_openmetrics(text.decode())}  # type: ignore[no-untyped-call]
        assert "wolkvox_up" in names
        assert (names == {"wolkvox_up"}) == bool(query)


@pytest.mark.parametrize("path", ["/metrics", "/probe"])
@pytest.mark.parametrize("header", [{"accept": "*/*;q=0"}, {"accept_encoding": "identity;q=0"}])
def test_what_cannot_be_made_is_406(service: Service, path: str, header: dict[str, str]) -> None:
    answer = ask(service, path, query=f"target={BOGOTA}", **header)
    assert answer.status == HTTPStatus.NOT_ACCEPTABLE
    assert b"openmetrics" in answer.content
    assert b"gzip" in answer.content


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name[]=wolkvox_up&name[]=wolkvox_requests_total", {"wolkvox_up", "wolkvox_requests"}),
        ("name%5B%5D=wolkvox_requests", {"wolkvox_requests"}),
        ("name[]=wolkvox_campaign_running", {"wolkvox_campaign_running"}),
        ("name[]=wolkvox_quota_used_requests", {"wolkvox_quota_used_requests"}),
        ("name[]=python_info&name[]=process_cpu_seconds_total", {"python_info", "process_cpu_seconds"}),
        ("name[]=process_cpu_seconds", {"process_cpu_seconds"}),
        ("name[]=nothing", set()),
    ],
)
def test_families_are_chosen_by_name(service: Service, query: str, names: set[str]) -> None:
    answer = ask(service, "/metrics", query=query)
    assert answer.status == HTTPStatus.OK
    assert families(answer) == names
    answer = ask(service, "/metrics", query=query, accept="application/openmetrics-text")
    assert openmetrics_families(answer) == names


def test_a_probe_is_one_operation_without_the_process(service: Service) -> None:
    answer = ask(service, "/probe", query=f"target={MEXICO}")
    found = list(parse_text(answer.content.decode()))
    operations = {sample.labels.get("operation") for family in found for sample in family.samples}
    assert operations == {MEXICO}
    assert {"wolkvox_up", "wolkvox_campaign_records"} <= {family.name for family in found}
    assert families(ask(service, "/probe", query=f"target={MEXICO}&name[]=wolkvox_up")) == {"wolkvox_up"}


def test_the_probes_and_the_process_are_the_metrics(service: Service) -> None:
    def samples(answer: Response) -> set[str]:
        lines = answer.content.decode().splitlines()
        return {line.split("} ")[0] for line in lines if line.startswith("wolkvox_") and "operation=" in line}

    probes = [samples(ask(service, "/probe", query=f"target={name}")) for name in (BOGOTA, MEXICO)]
    assert probes[0] | probes[1] == samples(ask(service, "/metrics"))
    assert not probes[0] & probes[1]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", HTTPStatus.BAD_REQUEST),
        ("target=", HTTPStatus.BAD_REQUEST),
        (f"target={BOGOTA}&target={MEXICO}", HTTPStatus.BAD_REQUEST),
        ("target=https://evil.example/", HTTPStatus.NOT_FOUND),
        ("target=127.0.0.1:80", HTTPStatus.NOT_FOUND),
        ("target=../config.yaml", HTTPStatus.NOT_FOUND),
        ("&".join(["target=x"] * 2000), HTTPStatus.BAD_REQUEST),
    ],
)
def test_a_probe_of_anything_else_is_refused(service: Service, query: str, status: HTTPStatus) -> None:
    answer = ask(service, "/probe", query=query)
    assert answer.status == status
    assert b"evil" not in answer.content


def test_a_probe_makes_no_call(service: Service) -> None:
    before = ask(service, "/metrics", query="name[]=wolkvox_requests_total").content
    for _ in range(10):
        ask(service, "/probe", query=f"target={BOGOTA}")
    assert ask(service, "/metrics", query="name[]=wolkvox_requests_total").content == before


def test_discovery_leads_to_the_probes(service: Service) -> None:
    answer = ask(service, "/sd", host="evil.example:1", x_forwarded_host="evil.example")
    assert (answer.status, answer.content_type) == (HTTPStatus.OK, "application/json")
    assert json.loads(answer.content) == [
        {
            "targets": ["192.0.2.7:10042"],
            "labels": {
                "__metrics_path__": "/probe",
                "__param_target": operation,
                "__meta_wolkvox_operation": operation,
                "instance": f"192.0.2.7:10042/{operation}",
            },
        }
        for operation in (BOGOTA, MEXICO)
    ]


def test_the_page_links_to_the_metrics(service: Service) -> None:
    answer = ask(service, "/")
    assert answer.content_type == "text/html; charset=utf-8"
    assert b'href="metrics"' in answer.content
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/metrics", "/wolkvox/metrics", "/m:1", "/metrics/", "/a=1&b=2"])
@pytest.mark.parametrize("page", ["http://exporter.example:10042", "https://proxy.example/below"])
def test_the_link_leads_to_the_metrics_wherever_they_are(path: str, page: str) -> None:
    service = Service(Config(()), MemoryStore(time.monotonic), telemetry_path=path)
    links = re.findall(r'href="([^"]+)"', ask(service, "/").content.decode())
    assert f"{page}{path}" in {urljoin(f"{page}/", unescape(link)) for link in links}
    assert ask(service, path).content_type.startswith("text/plain")
    service.app.close()


def test_ready_once_everything_was_tried(service: Service) -> None:
    assert ask(service, "/-/ready").status == HTTPStatus.OK


def test_not_healthy_while_nothing_polls(service: Service) -> None:
    assert ask(service, "/-/healthy").status == HTTPStatus.SERVICE_UNAVAILABLE


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
@pytest.mark.parametrize("path", ["/", "/metrics", "/probe", "/sd", "/-/healthy", "/-/ready"])
def test_pages_are_only_read(service: Service, path: str, method: str) -> None:
    answer = ask(service, path, method)
    assert (answer.status, answer.headers["Allow"]) == (HTTPStatus.METHOD_NOT_ALLOWED, "GET, HEAD")


@pytest.mark.parametrize("path", ["", "*", "/metrics/", "/Metrics", "/../metrics", "/-/reload"])
def test_what_is_not_there_is_404(service: Service, path: str) -> None:
    assert ask(service, path).status == HTTPStatus.NOT_FOUND


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(query=st.text())
def test_no_query_breaks_a_page(service: Service, query: str) -> None:
    for path in ("/metrics", "/probe", "/sd"):
        assert ask(service, path, query=query).status < HTTPStatus.INTERNAL_SERVER_ERROR


def test_a_defect_is_logged_and_told(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("told to the log only")

    monkeypatch.setattr(service.app._exposition, "body", broken)
    with caplog.at_level(logging.ERROR):
        answer = ask(service, "/metrics")
    assert answer.status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert b"told to the log only" not in answer.content
    assert "told to the log only" in caplog.text
