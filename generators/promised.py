"""Makes tests/packaging/promised.txt: the names that users rely on; one that goes is taken out by hand."""

from pathlib import Path

from exporter.metrics.table import FAMILIES
from generators.config_schema import paths

FILE = Path(__file__).resolve().parents[1] / "tests" / "packaging" / "promised.txt"


def names() -> set[str]:
    """Return a line for each family, with type and labels, and for each key of the configuration."""
    families = {f"metric {f.name} {f.metric_type} {','.join(f.label_names)}".strip() for f in FAMILIES}
    return families | {f"key {path}" for path, _ in paths()}


def render() -> str:
    """Return the file's text: what was promised before, and what is new."""
    promised = FILE.read_text().splitlines() if FILE.exists() else []
    return "".join(f"{line}\n" for line in sorted({*promised, *names()}))
