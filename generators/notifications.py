"""Makes the templates of Alertmanager: one shape for every channel and language, from notifications.toml."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exporter.glossary import LANGUAGES, term

FOLDER = Path(__file__).resolve().parents[1] / "alertmanager" / "templates"
SOURCE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
WORDS: Mapping[str, Mapping[str, str]] = SOURCE["words"]
SHAPES: Mapping[str, str] = SOURCE["shapes"]
SEVERITIES = ("critical", "warning", "info")
RESOLVED_COLOR = "#2E7D32"
MOST_ALERTS = 10
MOST_CHARACTERS = 40
"""Of a campaign's name: what is wrong with it must be on a lock screen, too."""

_TURNS = r"[\\x{202A}-\\x{202E}\\x{2066}-\\x{2069}]"
"""What turns the direction of all that follows a name (Unicode, UAX #9), not only of the name."""

HEAD = """\
{{/* Made by `make generate` from generators/notifications.toml; wolkvox-links.tmpl has your addresses. */}}
"""


@dataclass(frozen=True, slots=True)
class Channel:
    """How a channel wants its text; `name` is what its templates have after the language."""

    name: str
    line: tuple[str, str] = ("", "\n")
    bold: tuple[str, str] = ("", "")
    link: tuple[str, str] = ("WORD: ", "\n")
    """Around an address; WORD stands for what to call it."""
    escaped: Mapping[str, str] = field(default_factory=dict)
    """Patterns, and what takes their place in texts, in this order."""
    escaped_address: Mapping[str, str] = field(default_factory=dict)
    most_alerts: int = MOST_ALERTS


_SLACK = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
PLAIN = Channel("")
SLACK = Channel(".slack", link=("<", "|WORD>\n"), escaped=_SLACK, escaped_address=_SLACK)
# Teams shows the backslash of an escape on telephones, so what would be markup is written otherwise.
TEAMS = Channel(
    ".teams",
    line=("", "\n\n"),
    link=("[WORD](", ")\n\n"),
    escaped={
        "[*]": "\N{ASTERISK OPERATOR}",
        "`": "'",
        r"\\]\\(": "] (",
        r"(^|[^\\pL\\pN_])_+": "${1}\N{MODIFIER LETTER LOW MACRON}",
    },
)
# Alertmanager fills in these two as HTML, and escapes what it fills in. It cuts a message to Telegram after
# 4,096 characters, perhaps within a tag, and Telegram refuses that.
TELEGRAM = Channel(".telegram", bold=("<b>", "</b>"), link=('<a href="', '">WORD</a>\n'), most_alerts=4)
MAIL = Channel(
    ".html",
    line=('<p style="margin: 0 0 12px">', "</p>\n"),
    bold=("<b>", "</b>"),
    link=('<p style="margin: 0 0 8px"><a style="color: #094D79" href="', '">WORD</a></p>\n'),
)


def filled(shape: str, words: Mapping[str, str]) -> str:
    """Return a shape with its marks of the form [[name]] replaced, and without its line breaks.

    Raises KeyError for a mark without a word.
    """
    text = ""
    for line in SHAPES[shape].splitlines():
        said = re.sub(r"\[\[(\w+)\]\]", lambda mark: words[mark[1]], line)
        # A line break between two actions can stay in the file, because they can trim it away.
        if text.endswith(" }}") and said.startswith("{{"):
            text = f"{text[:-2]}-}}}}\n"
        text += said
    return text


def define(name: str, text: str) -> str:
    """Return the definition of a template."""
    return f'{{{{ define "{name}" }}}}{text}{{{{ end }}}}\n\n'


def words(language: str, channel: Channel) -> dict[str, str]:
    """Return what stands for the marks of the shapes in a language and a channel."""
    own = WORDS[language]
    found = {
        **own,
        "language": language,
        "Campaign": term("term", "campaign").words[language],
        "Reason": term("term", "reason").words[language],
        "most": str(channel.most_alerts),
        "cut": _replacing({_TURNS: "", f"^(.{{{MOST_CHARACTERS}}}).+$": "${1}…"}),
        # Alerts of others may have no Spanish, or no words at all.
        "summary": f"(or .Annotations.summary{own['suffix']} .Annotations.summary .Labels.alertname)",
        "escaped": _replacing(channel.escaped),
        "escaped_address": _replacing(channel.escaped_address),
    }
    for name, (opened, closed) in (("line", channel.line), ("bold", channel.bold)):
        found |= {name: opened, f"{name}_end": _broken(closed)}
    for name, word in (("dashboard", own["Dashboard"]), ("runbook", own["Runbook"])):
        opened, closed = (_broken(part.replace("WORD", word)) for part in channel.link)
        found[f"{name}_link"] = filled(name, {**found, "open": opened, "close": closed})
    return {**found, "what": filled("what", found), "which": filled("which", found)}


def render() -> Mapping[Path, str]:
    """Return the text of each file of templates but that of the addresses."""
    colors = {name: term("severity", name).color for name in SEVERITIES}
    texts = {
        "common": define("wolkvox.since", filled("since", {}))
        + define("wolkvox.lasted", filled("lasted", {}))
        + define("wolkvox.color", filled("worst", {**colors, "resolved": RESOLVED_COLOR})),
        **{language: _of_language(language) for language in LANGUAGES},
        "slack": "".join(_messages(language, SLACK) for language in LANGUAGES)
        + define("wolkvox.slack.color", '{{ template "wolkvox.color" . }}'),
        "teams": "".join(_messages(language, TEAMS) for language in LANGUAGES),
    }
    return {FOLDER / f"wolkvox-{name}.tmpl": HEAD + text.rstrip("\n") + "\n" for name, text in texts.items()}


def _of_language(language: str) -> str:
    """Return what a language has for pagers, for Telegram and for mail."""
    severities = {name: term("severity", name).words[language].upper() for name in SEVERITIES}
    address = filled("dashboard", {**words(language, PLAIN), "open": "", "close": ""})
    telegram, mail = (words(language, channel) for channel in (TELEGRAM, MAIL))
    title = f'<b>{{{{ template "wolkvox.{language}.title" . }}}}</b>{{{{ "\\n" }}}}'
    return (
        define(f"wolkvox.{language}.status", filled("worst", {**WORDS[language], **severities}))
        + define("wolkvox.dashboard" if language == "en" else f"wolkvox.dashboard.{language}", address)
        + _messages(language, PLAIN)
        + define(f"wolkvox.{language}.telegram", title + filled("text", telegram))
        + define(f"wolkvox.{language}.html", filled("page", {**mail, "text": filled("text", mail)}))
    )


def _messages(language: str, channel: Channel) -> str:
    """Return the title and the text of a channel."""
    return "".join(
        define(f"wolkvox.{language}{channel.name}.{part}", filled(part, words(language, channel)))
        for part in ("title", "text")
    )


def _replacing(patterns: Mapping[str, str]) -> str:
    return "".join(f' | reReplaceAll "{pattern}" "{to}"' for pattern, to in patterns.items())


def _broken(text: str) -> str:
    """Return a text of a channel with its line breaks as actions, which nothing trims."""
    return text.replace("\n", '{{ "\\n" }}')
