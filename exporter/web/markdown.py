"""Markdown as HTML: nothing that the policy of pages forbids, anchors of headings, links that lead on."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

Linker = Callable[[str], str | None]
"""Returns the address for a link's target; None where it leads to nothing that there is."""

_CELLS = ("th_open", "td_open")
_PLAIN = {"text", "code_inline"}
_COMMENT = re.compile(r"\s*<!--.*-->\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RenderedText:
    """A text as HTML, and the words of its first heading."""

    title: str
    html: str


def rendered(markdown: str, link: Linker) -> RenderedText:
    """Return a text as HTML.

    A link without an address becomes plain text, an image its description. Of HTML in the text only `<br>`
    passes, which tables need, and comments are left out.
    """
    tokens = _parser().parse(markdown)
    headings: list[str] = []
    anchors: Counter[str] = Counter()
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if token.children is None:
            continue
        token.children = list(_linked(token.children, link))
        if before.type == "heading_open":
            headings.append("".join(child.content for child in token.children if child.type in _PLAIN))
            anchor = _anchor(headings[-1])
            before.attrSet("id", f"{anchor}-{anchors[anchor]}" if anchors[anchor] else anchor)
            anchors[anchor] += 1
        elif before.type in _CELLS:
            # The policy forbids inline styles.
            if align := str(before.attrs.pop("style", "")).removeprefix("text-align:"):
                before.attrSet("class", align)
            if not token.content:
                # A head without words heads nothing.
                before.tag = after.tag = "td"
    html = _parser().renderer.render(tokens, _parser().options, {})
    return RenderedText(headings[0] if headings else "", html)


def _anchor(heading: str) -> str:
    """Return the anchor that forges give a heading, before they tell several apart by numbers."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _linked(tokens: Sequence[Token], link: Linker) -> Iterator[Token]:
    dropped = False
    for token in tokens:
        if token.type == "link_open":
            address = link(str(token.attrGet("href")))
            dropped = address is None
            token.attrSet("href", address or "")
        # Links do not nest: the next end is that of this one.
        if not (dropped and token.type in {"link_open", "link_close"}):
            yield token


class _Renderer(RendererHTML):
    """Each method renders a kind of token, and has its name."""

    def html_inline(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        text = tokens[idx].content
        if _COMMENT.fullmatch(text):
            return ""
        return text if text == "<br>" else escapeHtml(text)

    def html_block(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        return self.html_inline(tokens, idx)

    def image(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, object]
    ) -> str:
        return f"<em>{escapeHtml(self.renderInlineAsText(tokens[idx].children, options, env))}</em>"

    def fence(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        # What may be wider than the page can be moved by the keyboard.
        return f'<pre tabindex="0"><code>{escapeHtml(tokens[idx].content)}</code></pre>\n'

    def table_open(self, *_: object) -> str:
        return '<div class="wide" tabindex="0"><table>\n'

    def table_close(self, *_: object) -> str:
        return "</table></div>\n"


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", renderer_cls=_Renderer).enable("table")
