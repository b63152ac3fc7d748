"""Makes docs/laws.md, and the Spanish one, with their tables of presets as exporter/schedules/ has them."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from exporter.schedules import PRESETS, Preset
from generators.page_tables import with_rows

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"en": ROOT / "docs" / "laws.md", "es": ROOT / "docs" / "es" / "laws.md"}
WINDOWS_HEADS = {
    "en": "| preset | permitted | not on the holidays of | for | law |\n|---|---|---|---|---|\n",
    "es": "| nombre | permitido | menos los festivos de | para | ley |\n|---|---|---|---|---|\n",
}
SOURCES_HEADS = {
    "en": "| preset | read in | month | confidence | not covered |\n|---|---|---|---|---|\n",
    "es": "| nombre | leído en | mes | confianza | no incluye |\n|---|---|---|---|---|\n",
}


def windows(preset: Preset, language: str) -> tuple[str, ...]:
    """Return the cells of what a preset permits."""
    permitted = ", ".join(f"`{window.text}`" for window in preset.windows)
    holidays = f"`{preset.country}`" if preset.holidays_count else "–"  # noqa: RUF001  a dash for none
    return permitted, holidays, preset.law.calls[language], preset.law.article


def sources(preset: Preset, language: str) -> tuple[str, ...]:
    """Return the cells of what a preset rests on."""
    law = preset.law
    return law.sources, law.read, law.confidence[language], law.not_covered[language]


TABLES: tuple[tuple[Mapping[str, str], Callable[[Preset, str], tuple[str, ...]]], ...] = (
    (WINDOWS_HEADS, windows),
    (SOURCES_HEADS, sources),
)


def render(language: str) -> str:
    """Return the page. Raises ValueError when it lacks one of the tables."""
    page = PAGES[language]
    text = page.read_text(encoding="utf-8")
    for heads, cells in TABLES:
        rows = (
            f"| {' | '.join([f'`{name}`', *cells(preset, language)])} |\n" for name, preset in PRESETS.items()
        )
        text = with_rows(text, page, heads[language], rows)
    return text


english = partial(render, "en")
spanish = partial(render, "es")
