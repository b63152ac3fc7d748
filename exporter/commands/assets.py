"""`assets`: the bundled dashboards, rules and provisioning files, written to a folder."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from exporter.assets import Asset, MissingAssetsError, bundled, fit_to_polls


def run(arguments: argparse.Namespace) -> int:
    """Return 0 when the files are written; 1, with none written, if other files are in their places."""
    folder: Path = arguments.to
    try:
        files = [(folder / asset.path, _fitted(asset, arguments.poll_interval)) for asset in bundled()]
        if not arguments.overwrite and (taken := _taken(files)):
            places = "".join(f"\n  {path}" for path in taken)
            sys.stderr.write(
                f"wolkvox-exporter: these files exist and differ; use --overwrite to replace them:{places}\n"
            )
            return 1
        for path, content in files:
            _write(path, content)
    except MissingAssetsError as error:
        sys.stderr.write(f"wolkvox-exporter: cannot write the files: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"wolkvox-exporter: cannot write {error.filename or folder}: {error.strerror}\n")
        return 1
    sys.stdout.write("".join(f"{path}\n" for path, _ in files))
    return 0


def _fitted(asset: Asset, poll_interval: float) -> bytes:
    if not asset.is_rules:
        return asset.content
    return fit_to_polls(asset.content.decode(), poll_interval).encode()


def _taken(files: Iterable[tuple[Path, bytes]]) -> list[Path]:
    """Return the places that something else has already."""
    return [
        path
        for path, content in files
        if os.path.lexists(path) and not (path.is_file() and path.read_bytes() == content)
    ]


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: Prometheus or Grafana may be reading it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), 0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
