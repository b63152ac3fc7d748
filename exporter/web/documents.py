"""The documentation as pages, at the paths of the repository, so that links to runbooks always work."""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from posixpath import dirname, normpath
from urllib.parse import quote, unquote, urlencode

from exporter import __version__
from exporter.assets import documents
from exporter.glossary import LANGUAGES
from exporter.toolkit.message import Request, Response, plain
from exporter.web.markdown import rendered
from exporter.web.people import page, query_fields
from exporter.web.status import assets
from exporter.web.status.language import language_of
from exporter.web.status.page import THEMES, environment

_FOLDER, _RUNBOOKS = "docs/", "runbooks/"
_HEADERS = {"Cache-Control": "max-age=600"}
_CONTENTS = {"en": "Documentation", "es": "Documentación"}
_GUIDES = {"en": "Runbooks of the alerts", "es": "Guías de las alertas"}


def answer(request: Request) -> Response:
    """Answer a request for a path below /docs/: with a page of the documentation, or what is in a folder."""
    files = documents()
    path = request.path.removeprefix("/")
    if path in files:
        text = files[path].read_text(encoding="utf-8")
    elif _there(path, files) and path.endswith("/"):
        text = _contents(path, files)
    else:
        return plain(HTTPStatus.NOT_FOUND, "not found; /docs/ lists the pages of the documentation")
    theme = query_fields(request).get("theme", [""])[-1]
    return _page(request, path, text, files, theme if theme in THEMES else "")


def _page(request: Request, path: str, text: str, files: Mapping[str, Path], theme: str) -> Response:
    """Return a page; its links are relative, so that they work behind a reverse proxy."""
    root = "../" * path.count("/")
    chosen = f"?{urlencode({'theme': theme})}" if theme else ""

    def to(place: str, anchor: str = "") -> str:
        return f"{root}{quote(place)}{chosen}{anchor}"

    def link(target: str) -> str | None:
        if re.match(r"[a-z][a-z0-9+.-]*:|#", target, re.IGNORECASE):
            return target
        target, mark, anchor = target.partition("#")
        # As a browser resolves it; a folder's slash may be missing.
        place = normpath(f"{dirname(path)}/{unquote(target)}")
        place = place if place in files else f"{place}/"
        return to(place, f"{mark}{anchor}") if _there(place, files) else None

    code = _language(path)
    found = rendered(text, link)
    html = (
        environment()
        .get_template("document.html")
        .render(
            title=found.title or path,
            document=found.html,
            t=language_of(code).text,
            code=code,
            theme=theme,
            themes=THEMES,
            root=root,
            status=f"{root}?{urlencode({'lang': code} | ({'theme': theme} if theme else {}))}",
            contents=(_CONTENTS[code], to(_in(code, _FOLDER))),
            twins={one: to(twin) for one in LANGUAGES if _there(twin := _in(one, path), files)},
            asset=assets.path,
            version=__version__,
        )
    )
    return page(request, html, code, _HEADERS)


def _there(path: str, files: Mapping[str, Path]) -> bool:
    """Return whether there is a page, or a folder of pages where the path ends with a slash."""
    return path in files or (path.endswith("/") and any(name.startswith(path) for name in files))


def _language(path: str) -> str:
    """Return the language of a path: that of its folder, else the first."""
    return next((code for code in LANGUAGES if path.startswith(f"{_FOLDER}{code}/")), LANGUAGES[0])


def _in(code: str, path: str) -> str:
    """Return a path in another language."""
    rest = path.removeprefix(_FOLDER).removeprefix(f"{_language(path)}/")
    return f"{_FOLDER}{rest}" if code == LANGUAGES[0] else f"{_FOLDER}{code}/{rest}"


def _contents(folder: str, files: Mapping[str, Path]) -> str:
    """Return what is in a folder as Markdown: pages by title, runbooks with what they are about."""
    code = _language(folder)
    parts = {_CONTENTS[code]: folder, _GUIDES[code]: f"{folder}{_RUNBOOKS}"}
    if folder.endswith(f"/{_RUNBOOKS}"):
        parts = {_GUIDES[code]: folder}
    return "".join(
        f"{'#' * level} {heading}\n\n{''.join(sorted(_entries(folder, part, files), key=str.casefold))}\n"
        for level, (heading, part) in enumerate(parts.items(), 1)
    )


def _entries(folder: str, part: str, files: Mapping[str, Path]) -> Iterator[str]:
    for name, file in files.items():
        if f"{dirname(name)}/" == part:
            heading, _, rest = file.read_text(encoding="utf-8").partition("\n\n")
            first, _, _ = rest.partition("\n\n")
            about = f": {' '.join(first.split())}" if _RUNBOOKS in part else ""
            yield f"- [{heading.removeprefix('# ')}](<{name.removeprefix(folder)}>){about}\n"
