import gzip
import json
import re
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urljoin

import pytest

from exporter.assets import documents
from exporter.judgement import CampaignState, Finding
from exporter.metrics.content_encoding import zstd
from exporter.service import Service
from exporter.toolkit.message import Request, Response
from exporter.web.documents import answer
from exporter.web.status.assets import path as asset
from web.status.test_pages import Parser
from web.test_app import ask

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("docs/", "docs/runbooks/", "docs/es/", "docs/es/runbooks/")
PAGES = [*FOLDERS, *documents()]
ORIGIN = "http://127.0.0.1/behind/a/proxy/"

_SCHEME = re.compile("https?:")


def get(path: str, query: str = "", **headers: str) -> Response:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(Request("GET", f"/{path}", query, fields))


def parsed(path: str, query: str = "") -> Parser:
    found = get(path, query)
    assert (found.status, found.content_type) == (HTTPStatus.OK, "text/html; charset=utf-8")
    return Parser(found.content.decode())


def links(path: str, query: str = "") -> list[str]:
    """Return what a page links to, as a browser resolves it."""
    return [urljoin(f"{ORIGIN}{path}", href) for href in parsed(path, query).attributes("href")]


def test_every_page_of_the_repository_is_served() -> None:
    assert set(documents()) == {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert {"docs/runbooks/WolkvoxDataStale.md", "docs/es/runbooks/WolkvoxDataStale.md"} <= set(documents())


@pytest.mark.parametrize("path", PAGES)
def test_every_link_leads_to_a_page_and_its_anchor(path: str) -> None:
    static = {asset("status.css"), asset("icon.svg")}
    for url in links(path):
        if not url.startswith(ORIGIN):
            assert _SCHEME.match(url), url
            continue
        target, _, anchor = url.removeprefix(ORIGIN).partition("#")
        if target in static or target.startswith("?lang="):
            continue
        place = target.partition("?")[0]
        assert place in PAGES, url
        if anchor:
            assert unquote(anchor) in set(parsed(place).attributes("id")), url


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_keeps_the_policy(path: str) -> None:
    found = get(path)
    policy = found.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    page = parsed(path)
    tags = [tag for tag, _ in page.elements]
    assert not {"style", "script", "iframe", "form"} & set(tags)
    assert tags.count("h1") == 1
    # The icon of the head is the only picture.
    assert tags.count("img") == 1
    assert not [name for _, one in page.elements for name in one if name == "style" or name.startswith("on")]
    ids = list(page.attributes("id"))
    assert len(ids) == len(set(ids))
    code = "es" if path.startswith("docs/es/") else "en"
    assert page.elements[0] == ("html", {"lang": code})
    assert found.headers["Content-Language"] == code
    said = "".join(page.text)
    assert "<br" not in said
    assert "<!--" not in said
    assert "](" not in said.replace("[[]()", "")


def test_links_out_of_what_is_shipped_are_words() -> None:
    text = (ROOT / "docs/containers.md").read_text()
    assert "[Kubernetes](../deploy/kubernetes/README.md)" in text
    assert "Kubernetes" in "".join(parsed("docs/containers.md").text)
    assert not [url for url in links("docs/containers.md") if "deploy" in url]
    assert "![" in (ROOT / "docs/dashboards.md").read_text()


def test_the_pages_that_others_link_to_are_there() -> None:
    # By the rules' annotation and by the status page.
    named = {
        path
        for file in (ROOT / "prometheus/rules").glob("*.yml")
        for path in re.findall(r"runbook_url: *(\S+)", file.read_text())
    }
    assert named
    runbooks = {one.term.runbook for one in (*CampaignState, *Finding) if one.term.runbook}
    assert runbooks
    for path in named | {f"docs/runbooks/{name}.md" for name in runbooks}:
        assert path in PAGES
        assert path.replace("docs/", "docs/es/", 1) in PAGES


def test_a_page_leads_to_the_status_page_and_to_its_twin() -> None:
    assert f"{ORIGIN}?lang=es" in links("docs/es/runbooks/WolkvoxDataStale.md")
    assert f"{ORIGIN}docs/runbooks/WolkvoxDataStale.md" in links("docs/es/runbooks/WolkvoxDataStale.md")
    assert f"{ORIGIN}docs/es/runbooks/WolkvoxDataStale.md" in links("docs/runbooks/WolkvoxDataStale.md")
    assert f"{ORIGIN}docs/es/" in links("docs/")
    # Where there is no twin, no other language is offered.
    assert not [one for _, one in parsed("docs/design.md").elements if "hreflang" in one]


def test_a_chosen_theme_stays() -> None:
    page = parsed("docs/es/", "theme=dark")
    assert page.elements[0] == ("html", {"lang": "es", "data-theme": "dark"})
    assert f"{ORIGIN}docs/es/glossary.md?theme=dark" in links("docs/es/", "theme=dark")
    assert f"{ORIGIN}docs/?theme=dark" in links("docs/es/", "theme=dark")
    assert f"{ORIGIN}?lang=es&theme=dark" in links("docs/es/", "theme=dark")
    for unknown in ("theme=%22%3E%3Cscript%3E", "theme=Dark"):
        assert parsed("docs/es/", unknown).elements[0] == ("html", {"lang": "es"})


def test_the_contents_name_each_page_by_its_title() -> None:
    words = " ".join("".join(parsed("docs/").text).split())
    assert "Documentation" in words
    assert "Troubleshooting, by symptom" in words
    assert "WolkvoxDataStale: Figures from wolkvox too old. Severity: warning, critical." in words
    spanish = " ".join("".join(parsed("docs/es/runbooks/").text).split())
    assert "Guías de las alertas" in spanish
    assert "WolkvoxDataStale: Datos de wolkvox desactualizados. Severidad: advertencia, crítica." in spanish
    for folder in FOLDERS:
        below = {path for path in documents() if path.rpartition("/")[0] == folder.rstrip("/")}
        assert {f"{ORIGIN}{path}" for path in below} <= set(links(folder))


@pytest.mark.parametrize(
    "path",
    [
        "/docs/nothing.md",
        "/docs/runbooks/wolkvoxdatastale.md",
        "/docs/runbooks/WolkvoxDataStale",
        "/docs/runbooks/WolkvoxDataStale.md/",
        "/docs/runbooks",
        "/docs//",
        "/docs//runbooks/",
        "/docs/./",
        "/docs/../",
        "/docs/../pyproject.toml",
        "/docs/../../../../../../etc/passwd",
        "/docs/runbooks/../metrics.md",
        "/docs/%2e%2e/README.md",
        "/docs/%2e%2e%2fREADME.md",
        "/docs/..\\README.md",
        "/docs//etc/passwd",
        "/docs/metrics.md\x00",
        "/docs/metrics.md\x00.html",
        "/docs/\udcff.md",
        "/docs/images/status-light.png",
        "/docs/config.schema.json",
        "/docs/🙂.md",
        "/docs/" + "a" * 30_000,
        "/docs/" + "../" * 10_000,
        "/Docs/metrics.md",
        "//docs/metrics.md",
    ],
)
def test_anything_else_is_not_found(service: Service, path: str) -> None:
    found = ask(service, path)
    assert found.status == HTTPStatus.NOT_FOUND
    assert len(found.content) < 200


def test_the_app_serves_them_for_reading_alone(service: Service) -> None:
    assert ask(service, "/docs/metrics.md").content == get("docs/metrics.md").content
    assert ask(service, "/docs/metrics.md", "HEAD").status == HTTPStatus.OK
    refused = ask(service, "/docs/metrics.md", "POST")
    assert (refused.status, refused.headers["Allow"]) == (HTTPStatus.METHOD_NOT_ALLOWED, "GET, HEAD")
    moved = ask(service, "/docs")
    assert moved.status == HTTPStatus.FOUND
    assert urljoin(f"{ORIGIN}docs", moved.headers["Location"]) == f"{ORIGIN}docs/"


def test_they_are_encoded_as_the_client_wishes_and_kept_for_a_while() -> None:
    whole = get("docs/metrics.md").content
    for encoding, read in (("gzip", gzip.decompress), ("zstd", zstd.decompress)):
        found = get("docs/metrics.md", accept_encoding=encoding)
        assert found.headers["Content-Encoding"] == encoding
        assert read(found.content) == whole
        assert found.headers["Vary"] == "Accept-Encoding"
        assert found.headers["Cache-Control"] == "max-age=600"
        assert found.headers["X-Content-Type-Options"] == "nosniff"


def test_nobody_loads_what_only_they_need() -> None:
    script = """
import json, sys
import exporter.service
before = [name for name in ("markdown_it", "jinja2", "exporter.web.documents") if name in sys.modules]
from exporter.toolkit.message import Request
from exporter.web import app
app._document(Request("GET", "/docs/"))
print(json.dumps([before, "markdown_it" in sys.modules]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60, cwd=ROOT
    )
    assert json.loads(done.stdout) == [[], True]
