"""Draws the pictures of docs/images from a simulated history, or others to look at.

    make pictures FRONTEND=/path/to/grafana/public
    python -m scripts.pictures --frontend PATH --only floor-es --size 1366x768 390x844 --theme light --to DIR

Dashboards need the compiled frontend of Grafana, the folder `public` of a release: that of the archive
grafana-VERSION.linux-amd64.tar.gz (https://grafana.com/grafana/download), or /usr/share/grafana/public where
Grafana is installed. No Grafana runs: a stand-in serves the frontend, and passes its queries on to a real
Prometheus with a made-up history.
"""

import argparse
import itertools
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserError

from scripts.pictures import histories, shots
from scripts.pictures.grafana import Frontend, FrontendError, Grafana
from scripts.pictures.plan import PICTURES, SUBJECTS, Picture
from support.boards import FILES
from support.browser import Served, chromium
from support.prometheus import prometheus

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
_KEPT_FOREVER = "--storage.tsdb.retention.time=20y"
_HOW_TO_GET = (
    "Pictures of dashboards need a compiled Grafana frontend: give the folder `public` of a Grafana release "
    "(https://grafana.com/grafana/download) as FRONTEND=/path/to/grafana/public."
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a situation can be looked at: Grafana's address ("" without a frontend) and the status page."""

    grafana: str
    status: Served
    situation: histories.Situation


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 1, with a line on stderr, where a picture could not be drawn."""
    chosen = _parser().parse_args(arguments)
    try:
        frontend = Frontend(chosen.frontend) if chosen.frontend else None
        pictures = [one for picture in chosen.only or PICTURES for one in _variants(picture, chosen)]
        possible = [picture for picture in pictures if frontend or picture.subject == "status"]
        if possible != pictures:
            sys.stderr.write(f"{_HOW_TO_GET}\n")
        chosen.to.mkdir(parents=True, exist_ok=True)
        _draw(possible, frontend, chosen.to)
    except (FrontendError, shots.ShotError, BrowserError, OSError) as error:
        sys.stderr.write(f"pictures: {error}\n")
        return 1
    except (pytest.fail.Exception, pytest.skip.Exception) as error:  # of a program that the tests use, too
        sys.stderr.write(f"pictures: {error.msg}\n")
        return 1
    return 0 if possible == pictures or not chosen.only else 1


def _draw(pictures: Sequence[Picture], frontend: Frontend | None, folder: Path) -> None:
    """Put pictures into a folder, and name each file on stdout."""
    with chromium() as browser:
        for situation in dict.fromkeys(picture.situation for picture in pictures):
            those = [picture for picture in pictures if picture.situation == situation]
            with tempfile.TemporaryDirectory() as work, _place(situation, frontend, Path(work)) as place:
                for picture in those:
                    _draw_one(browser, picture, place, folder / f"{picture.name}.png")


def _draw_one(browser: Browser, picture: Picture, place: _Place, file: Path) -> None:
    situation = place.situation
    if picture.subject == "status":
        # A page that was open when the exporter ended.
        moment = situation.moment if situation.dead_since is None else situation.dead_since
        place.status.answering = True
        shots.status_page(browser, place.status, picture, moment, file, dies=situation.dead_since is not None)
    else:
        shots.dashboard(browser, place.grafana, picture, situation.moment, file)
    sys.stdout.write(f"{file}\n")
    sys.stdout.flush()


@contextmanager
def _place(name: str, frontend: Frontend | None, work: Path) -> Iterator[_Place]:
    situation = histories.SITUATIONS[name]()
    storage = work / "storage"
    service = histories.tell(situation, storage)
    with ExitStack() as stack:
        status = stack.enter_context(Served(service.app))
        address = ""
        if frontend:
            server = stack.enter_context(prometheus(work, storage=storage, flags=[_KEPT_FOREVER]))
            boards = [json.loads(file.read_text(encoding="utf-8")) for file in FILES]
            by_uid = {board["uid"]: board for board in boards}
            address = stack.enter_context(Grafana(frontend, by_uid, server.url)).url
        yield _Place(address, status, situation)


def _picture(name: str) -> Picture:
    """Return a picture by its name, or by what it shows: floor, floor-es, status, ..."""
    by_name = {picture.name: picture for picture in PICTURES}
    if name in by_name:
        return by_name[name]
    subject = name.removesuffix("-es")
    if subject not in SUBJECTS:
        raise argparse.ArgumentTypeError(f"there is no picture {name}: {', '.join([*by_name, *SUBJECTS])}")
    values = next(picture.values for picture in PICTURES if picture.subject == subject)
    return Picture(name, subject, "es" if name.endswith("-es") else "en", values=values)


def _variants(picture: Picture, chosen: argparse.Namespace) -> Iterator[Picture]:
    """Yield the picture once for each combination of what was chosen, with a name that tells."""
    one = replace(
        picture,
        start=chosen.start or picture.start,
        end=chosen.end or picture.end,
        scroll=picture.scroll if chosen.scroll is None else chosen.scroll,
        values=tuple({**dict(picture.values), **dict(chosen.value)}.items()),
    )
    for situation, theme, size in itertools.product(
        chosen.situation or [picture.situation],
        chosen.theme or [picture.theme],
        chosen.size or [picture.size],
    ):
        marks = [
            *([situation] if chosen.situation else []),
            *([theme] if chosen.theme else []),
            *([f"{size[0]}x{size[1]}"] if chosen.size else []),
            *([str(one.scroll)] if chosen.scroll else []),
        ]
        name = "-".join([picture.name, *marks])
        yield replace(one, name=name, situation=situation, theme=theme, size=size)


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{3,5})x(\d{3,5})", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 1366x768")
    return int(found[1]), int(found[2])


def _value(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise argparse.ArgumentTypeError(f"{text!r} is no NAME=VALUE")
    return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.pictures",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = Path(os.environ["FRONTEND"]) if os.environ.get("FRONTEND") else None
    parser.add_argument("--frontend", type=Path, default=default, metavar="PATH", help="default: $FRONTEND")
    parser.add_argument(
        "--only",
        type=_picture,
        nargs="+",
        metavar="NAME",
        help="such as status-dark, floor, floor-es",
    )
    parser.add_argument("--to", type=Path, default=IMAGES, metavar="DIR", help="default: docs/images")
    parser.add_argument("--situation", "--scenario", nargs="+", choices=histories.SITUATIONS)
    parser.add_argument("--size", type=_size, nargs="+", metavar="1366x768")
    parser.add_argument("--theme", nargs="+", choices=("light", "dark"))
    parser.add_argument("--from", dest="start", metavar="now-6h", help="default: as the dashboard opens")
    parser.add_argument("--until", dest="end", metavar="now")
    parser.add_argument("--scroll", type=int, metavar="PIXELS")
    parser.add_argument(
        "--value",
        type=_value,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="of a variable of dashboards, or of the query of the status page",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
