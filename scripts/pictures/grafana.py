"""Stands in for Grafana's server: its compiled frontend, and the few calls of its API that a dashboard needs.

What the frontend asks of its data source is passed on to a real Prometheus. Logins, alerting, saving and all
else of a server are not there: such calls get an empty answer.
"""

import json
import math
import mimetypes
import re
import sys
import threading
from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import requests

from scripts.pictures.queries import interpolated, legend

_DATASOURCE = "prometheus"
_SCRAPE_MS = 60_000
_ANSWER_WITHIN_SECONDS = 60.0
_DATASOURCE_CALL = re.compile(r"/api/datasources/(?:uid/[^/]+/resources|proxy/uid/[^/]+)(/api/v1/.*)")
_LISTS = ("/api/annotations", "/api/plugins", "/api/folders", "/api/org/users", "/api/library")
_DATES = {
    "fullDate": "YYYY-MM-DD HH:mm:ss",
    "interval": {
        "millisecond": "HH:mm:ss.SSS",
        "second": "HH:mm:ss",
        "minute": "HH:mm",
        "hour": "MM/DD HH:mm",
        "day": "MM/DD",
        "month": "YYYY-MM",
        "year": "YYYY",
    },
}
_PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>Grafana</title><base href="/">{styles}</head>
<body class="theme-{theme} app-grafana"><div id="reactRoot"></div>
<script>
window.grafanaBootData = {boot};
window.__grafana_boot_data_promise = Promise.resolve();
window.__grafana_load_failed = () => {{}};
</script>{scripts}</body></html>
"""


class FrontendError(Exception):
    """The folder is no compiled frontend of Grafana; the text says what is missing."""


class Frontend:
    """The folder `public` of a Grafana release. Raises FrontendError where it is none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        manifest = self._folder / "build" / "assets-manifest.json"
        try:
            self._files = json.loads(manifest.read_text(encoding="utf-8"))
            entry = self._files["entrypoints"]["app"]["assets"]
            self._scripts, self._styles = entry["js"], entry.get("css", [])
            self._themes = {theme: self._files[f"{theme}.css"]["src"] for theme in ("light", "dark")}
        except OSError:
            raise FrontendError(f"{manifest} is not there") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise FrontendError(f"{manifest} does not name the scripts and styles of a frontend") from None

    @cached_property
    def plugins(self) -> Mapping[str, Mapping[str, Any]]:
        """The panels and data sources that are part of the frontend, by id."""
        found = sorted(self._folder.glob("app/plugins/*/*/plugin.json"))
        return {
            plugin["id"]: {
                **plugin,
                "module": f"core:plugin/{plugin['id']}",
                "baseUrl": f"public/plugins/{plugin['id']}",
                "sort": number,
                "signature": "internal",
                "angular": {"detected": False},
                "loadingStrategy": "script",
                "aliasIDs": [],
            }
            for number, plugin in enumerate(json.loads(file.read_text(encoding="utf-8")) for file in found)
        }

    def file(self, path: str) -> Path | None:
        """Return the file of an address below /public/, None where there is none."""
        plugin = (
            re.sub(r"^plugins/", "app/plugins/panel/", path),
            re.sub(r"^plugins/", "app/plugins/datasource/", path),
        )
        for name in (path, *plugin):
            file = (self._folder / name).resolve()
            if file.is_relative_to(self._folder) and file.is_file():
                return file
        return None

    def page(self, theme: str, language: str) -> str:
        """Return the page that loads the frontend, for a reader who has chosen a theme and a language."""
        assets = {
            "jsFiles": [{"filePath": file, "integrity": ""} for file in self._scripts],
            "cssFiles": [{"filePath": file, "integrity": ""} for file in self._styles],
            **self._themes,
        }
        boot = {
            "user": _reader(theme, language),
            "settings": self._settings(),
            "navTree": [],
            "assets": assets,
        }
        styles = (*self._styles, self._themes[theme])
        return _PAGE.format(
            theme=theme,
            boot=json.dumps(boot).replace("</", "<\\/"),
            styles="".join(f'<link rel="stylesheet" href="{file}">' for file in styles),
            scripts="".join(f'<script src="{file}" defer></script>' for file in self._scripts),
        )

    def _settings(self) -> Mapping[str, Any]:
        kinds = {plugin["id"]: plugin for plugin in self.plugins.values() if plugin.get("type") == "panel"}
        prometheus = {
            "id": 1,
            "uid": _DATASOURCE,
            "type": "prometheus",
            "name": "Prometheus",
            "meta": self.plugins["prometheus"],
            "module": "core:plugin/prometheus",
            "url": f"/api/datasources/proxy/uid/{_DATASOURCE}",
            "access": "proxy",
            "isDefault": True,
            "readOnly": True,
            "jsonData": {"timeInterval": f"{_SCRAPE_MS // 1000}s", "httpMethod": "POST"},
        }
        built_in = {"-- Grafana --": "grafana", "-- Mixed --": "mixed", "-- Dashboard --": "dashboard"}
        return {
            "defaultDatasource": "Prometheus",
            "datasources": {
                "Prometheus": prometheus,
                **{
                    name: {
                        "id": -1,
                        "uid": "grafana" if plugin == "grafana" else name,
                        "type": "datasource" if plugin == "grafana" else plugin,
                        "name": name,
                        "meta": self.plugins[plugin],
                        "jsonData": {},
                    }
                    for name, plugin in built_in.items()
                },
            },
            "panels": kinds,
            "apps": {},
            "appUrl": "/",
            "appSubUrl": "",
            "featureToggles": {
                "dashboardScene": True,
                "dashboardSceneForViewers": True,
                "dashboardSceneSolo": True,
                "groupToNestedTableTransformation": True,
            },
            "buildInfo": {"version": "12", "edition": "Open Source", "env": "production", "hasUpdate": False},
            "licenseInfo": {"edition": "Open Source", "enabledFeatures": {}},
            "auth": {},
            "oauth": {},
            "analytics": {},
            "quickRanges": [],
            "dateFormats": {**_DATES, "defaultTimezone": "browser", "defaultWeekStart": "monday"},
            "grafanaJavascriptAgent": {"enabled": False},
            "unifiedAlerting": {"minInterval": "10s"},
            "expressionsEnabled": True,
            "namespace": "default",
            "pluginCatalogHiddenPlugins": [],
            "pluginCatalogManagedPlugins": [],
            "pluginCatalogPreinstalledPlugins": [],
            "enableFrontendSandboxForPlugins": [],
            "pluginRestrictedAPIsAllowList": {},
            "pluginRestrictedAPIsBlockList": {},
        }


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Print what went wrong, unless a tab was closed, or asked anew, before it had its answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Grafana:
    """A server on a free port of 127.0.0.1, while the block runs.

    dashboards: as their files have them, by uid. prometheus: the address that answers the queries.
    """

    def __init__(
        self, frontend: Frontend, dashboards: Mapping[str, Mapping[str, Any]], prometheus: str
    ) -> None:
        self.frontend = frontend
        self.dashboards = dashboards
        self._prometheus = prometheus
        self._session = requests.Session()
        self._session.trust_env = False
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._session.close()

    def answer(self, path: str, fields: list[tuple[str, str]], body: bytes) -> object:
        """Return the JSON that a call of the API is answered with."""
        if path == "/api/ds/query":
            asked = json.loads(body)
            span = int(asked["from"]), int(asked["to"])
            return {"results": {query["refId"]: self._result(query, *span) for query in asked["queries"]}}
        if found := _DATASOURCE_CALL.match(path):
            return self._ask(found[1], [*fields, *parse_qsl(body.decode())])
        if found := re.match(r"/api/dashboards/uid/([^/]+)$", path):
            return _dashboard(self.dashboards[found[1]])
        if path == "/api/search":
            return [
                {
                    "uid": uid,
                    "title": one["title"],
                    "url": f"/d/{uid}/d",
                    "type": "dash-db",
                    "tags": one["tags"],
                }
                for uid, one in self.dashboards.items()
            ]
        return [] if path.startswith(_LISTS) else {}

    def _ask(self, path: str, fields: list[tuple[str, str]]) -> Any:  # noqa: ANN401 - as Prometheus answers
        url = f"{self._prometheus}{path}"
        return self._session.get(url, params=fields, timeout=_ANSWER_WITHIN_SECONDS).json()

    def _result(self, query: Mapping[str, Any], start_ms: int, end_ms: int) -> Mapping[str, Any]:
        """Return the frames of one query of a panel, as Grafana's own data source makes them."""
        step_ms = _step_ms(query, end_ms - start_ms)
        expression = interpolated(query["expr"], step_ms, _SCRAPE_MS, end_ms - start_ms)
        frames: list[Mapping[str, Any]] = []
        # An annotation says neither.
        kinds = [kind for kind in ("range", "instant") if query.get(kind)] or ["range"]
        for instant in [kind == "instant" for kind in kinds]:
            step = step_ms / 1000
            times = (
                {"time": end_ms / 1000}
                if instant
                else {
                    "start": math.floor(start_ms / step_ms) * step,
                    "end": math.floor(end_ms / step_ms) * step,
                    "step": step,
                }
            )
            name = "/api/v1/query" if instant else "/api/v1/query_range"
            answer = self._ask(name, [("query", expression), *((k, str(v)) for k, v in times.items())])
            if answer["status"] != "success":
                return {"status": HTTPStatus.BAD_REQUEST, "error": answer["error"], "frames": []}
            data = answer["data"]
            series = (
                [{"metric": {}, "value": data["result"]}]
                if data["resultType"] == "scalar"
                else data["result"]
            )
            frames += [_frame(query, expression, one, step_ms, instant=instant) for one in series]
        return {"status": HTTPStatus.OK, "frames": frames}


def _reader(theme: str, language: str) -> Mapping[str, Any]:
    allowed = ("dashboards:read", "datasources:query", "datasources:read", "annotations:read", "folders:read")
    return {
        "isSignedIn": True,
        "id": 1,
        "uid": "reader",
        "login": "reader",
        "name": "reader",
        "theme": theme,
        "lightTheme": theme == "light",
        "orgCount": 1,
        "orgId": 1,
        "orgName": "",
        "orgRole": "Viewer",
        "timezone": "browser",
        "weekStart": "monday",
        "locale": language,
        "regionalFormat": language,
        "language": language,
        "helpFlags1": 0,
        "permissions": dict.fromkeys(allowed, True),
        "analytics": {"identifier": ""},
    }


def _dashboard(board: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = {
        "type": "db",
        "canSave": False,
        "canEdit": False,
        "canStar": False,
        "provisioned": True,
        "folderUid": "",
    }
    return {
        "dashboard": {**board, "id": 1, "version": 1},
        "meta": {**meta, "url": f"/d/{board['uid']}/d", "slug": "d"},
    }


def _step_ms(query: Mapping[str, Any], range_ms: int) -> int:
    """Return the step of a query: as the panel's width wants it, but no finer than scrapes."""
    return max(int(query.get("intervalMs") or 0), _SCRAPE_MS, math.ceil(range_ms / 11_000))


def _frame(
    query: Mapping[str, Any], expression: str, series: Mapping[str, Any], step_ms: int, *, instant: bool
) -> Mapping[str, Any]:
    points = [series["value"]] if "value" in series else series["values"]
    name = legend(query.get("legendFormat") or "", series["metric"], expression)
    kind = ("numeric-multi", "vector") if instant else ("timeseries-multi", "matrix")
    return {
        "schema": {
            "refId": query["refId"],
            "name": name,
            "meta": {"type": kind[0], "typeVersion": [0, 1], "custom": {"resultType": kind[1]}},
            "fields": [
                {"name": "Time", "type": "time", "config": {"interval": step_ms}},
                {
                    "name": "Value",
                    "type": "number",
                    "labels": series["metric"],
                    "config": {"displayNameFromDS": name},
                },
            ],
        },
        "data": {
            "values": [[int(float(at) * 1000) for at, _ in points], [_number(text) for _, text in points]]
        },
    }


def _number(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _handler_of(grafana: Grafana) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if url.path.startswith("/public/"):
                file = grafana.frontend.file(url.path.removeprefix("/public/"))
                if file is None:
                    self._send(HTTPStatus.NOT_FOUND, "text/plain", b"")
                    return
                kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
                self._send(HTTPStatus.OK, kind, file.read_bytes())
            elif url.path.startswith(("/api/", "/apis/")):
                try:
                    answer, status = grafana.answer(url.path, parse_qsl(url.query), body), HTTPStatus.OK
                except KeyError:
                    answer, status = {"message": "not found"}, HTTPStatus.NOT_FOUND
                except requests.RequestException as error:
                    answer, status = {"message": f"no answer of Prometheus: {error}"}, HTTPStatus.BAD_GATEWAY
                self._send(status, "application/json", json.dumps(answer).encode())
            else:
                chosen = {"theme": "dark", "lang": "en-US", **dict(parse_qsl(url.query))}
                page = grafana.frontend.page(chosen["theme"], chosen["lang"])
                self._send(HTTPStatus.OK, "text/html; charset=utf-8", page.encode())

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names that are looked for

        def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
