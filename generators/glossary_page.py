"""Makes docs/glossary.md, and the Spanish one: every word of exporter/glossary.toml."""

from collections.abc import Iterator, Mapping
from functools import partial

from exporter.glossary import LANGUAGES, Term, terms

_INTRODUCTIONS: Mapping[str, str] = {
    "en": """# Glossary

*[En español](es/glossary.md)*

Made by `make generate` from `exporter/glossary.toml`; do not edit.

One word for each thing: the status page, the dashboards, the alerts and the commands use these.
""",
    "es": """# Glosario

*[In English](../glossary.md)*

La genera `make generate` a partir de `exporter/glossary.toml`; no la edite.

Una palabra para cada cosa: la página de estado, los tableros, las alertas y los comandos usan estas.
""",
}

_HEADINGS: Mapping[str, Mapping[str, str]] = {
    "term": {"en": "Words of the trade", "es": "Palabras del oficio"},
    "state": {"en": "States of a campaign", "es": "Estados de una campaña"},
    "reason": {"en": "Why a campaign does not dial", "es": "Por qué no marca una campaña"},
    "finding": {"en": "Findings about an operation", "es": "Hallazgos sobre una operación"},
    "condition": {"en": "Whether wolkvox answers", "es": "Si wolkvox responde"},
    "monitoring": {"en": "Whether figures can be trusted", "es": "Si se puede confiar en las cifras"},
    "severity": {"en": "Severities of alerts", "es": "Severidades de las alertas"},
    "result": {"en": "Results of calls", "es": "Resultados de las llamadas"},
    "agent_status": {"en": "Statuses of agents", "es": "Estados de los agentes"},
}
"""The kinds of terms in the order of the page."""

_COLUMNS: Mapping[str, tuple[str, str, str, str, str]] = {
    "en": ("word", "in Spanish", "in queries", "meaning", "what to do"),
    "es": ("palabra", "en inglés", "en consultas", "qué es", "qué hacer"),
}


def render(language: str) -> str:
    """Return the page in a language; raises KeyError where a kind of terms has no heading."""
    headings = {kind: _HEADINGS[kind][language] for kind in terms()}
    parts = [_INTRODUCTIONS[language]]
    for kind in _HEADINGS:
        rows = "".join(f"| {' | '.join(row)} |\n" for row in _table(terms()[kind], language, kind))
        parts.append(f"\n## {headings[kind]}\n\n{rows}")
    return "".join(parts)


def _table(entries: Mapping[str, Term], language: str, kind: str) -> Iterator[list[str]]:
    """Yield the rows of a kind, without the columns in which nothing stands."""
    (other,) = (code for code in LANGUAGES if code != language)
    rows = [
        (
            one.words[language],
            one.words[other],
            # The other words of the trade are no values of labels.
            "" if kind == "term" else f"`{name}`",
            one.means.get(language, ""),
            _with_runbook(one, language),
        )
        for name, one in entries.items()
    ]
    filled = [index for index in range(len(rows[0])) if any(row[index] for row in rows)]
    yield [_COLUMNS[language][index] for index in filled]
    yield ["---"] * len(filled)
    for row in rows:
        yield [row[index].replace("|", "\\|") for index in filled]


def _with_runbook(one: Term, language: str) -> str:
    link = f"[{one.runbook}](runbooks/{one.runbook}.md)" if one.runbook else ""
    return " ".join(filter(None, (one.do.get(language, ""), link)))


english = partial(render, "en")
spanish = partial(render, "es")
