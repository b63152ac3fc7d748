"""Finding the bundled files: inside the package when it was installed, beside it in a checkout."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_PACKAGE = Path(__file__).resolve().parents[1]
_INSTALLED = _PACKAGE / "bundle"
_CHECKOUT = _PACKAGE.parent

FOLDERS = ("prometheus/rules", "alertmanager", "grafana/dashboards", "grafana/provisioning")
"""What is written for users; pyproject.toml puts the same folders into the wheel."""

_METRIC_REFERENCE = PurePosixPath("docs/metrics.md")

_RULES = PurePosixPath("prometheus/rules")


class MissingAssetsError(Exception):
    """The files are neither in the package nor beside it."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One bundled file: its path below the folder it is written to, with slashes, and its content."""

    path: PurePosixPath
    content: bytes

    @property
    def is_rules(self) -> bool:
        """Whether the file contains rules of Prometheus."""
        return self.path.parent == _RULES


def bundled() -> tuple[Asset, ...]:
    """Return every bundled file, in the order of their paths. Raises MissingAssetsError and OSError."""
    return tuple(sorted(_files(), key=lambda asset: asset.path))


def rules() -> tuple[Asset, ...]:
    """Return the files of rules. Raises as `bundled` does."""
    return tuple(asset for asset in bundled() if asset.is_rules)


def metric_reference() -> str:
    """Return the text of docs/metrics.md. Raises OSError."""
    return (_root() / _METRIC_REFERENCE).read_text(encoding="utf-8")


def documents() -> Mapping[str, Path]:
    """Return the pages of the documentation, by their path in the repository: "docs/metrics.md"."""
    root = _root()
    return {file.relative_to(root).as_posix(): file for file in sorted((root / "docs").rglob("*.md"))}


def _root() -> Path:
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT


def _files() -> Iterator[Asset]:
    root = _root()
    if not (root / _RULES).is_dir():
        raise MissingAssetsError(f"the bundled files are missing: no {_RULES} in {root}")
    for folder in FOLDERS:
        for file in (root / folder).rglob("*"):
            if file.is_file() and not any(
                part.startswith((".", "__")) for part in file.parts[len(root.parts) :]
            ):
                yield Asset(PurePosixPath(file.relative_to(root).as_posix()), file.read_bytes())
