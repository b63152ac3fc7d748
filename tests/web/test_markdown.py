import pytest

from exporter.web.markdown import rendered


def html(markdown: str) -> str:
    return rendered(markdown, lambda target: target).html


def test_the_title_is_the_first_heading_in_plain_words() -> None:
    found = rendered(
        "Before.\n\n# The `state` of *one* [campaign](x.md)\n\n# Another\n", lambda target: target
    )
    assert found.title == "The state of one campaign"
    assert rendered("No heading.", lambda target: target).title == ""


def test_headings_have_the_anchors_of_forges() -> None:
    text = html(
        "## Hojas de cálculo\n\n## `token_info`: what, and why?\n\n## Twice\n\n## Twice\n\n## Twice\n"
    )
    for anchor in ("hojas-de-cálculo", "token_info-what-and-why", "twice", "twice-1", "twice-2"):
        assert f'<h2 id="{anchor}">' in text


def test_a_link_that_leads_nowhere_is_plain_text() -> None:
    known = {"a.md": "../docs/a.md?theme=dark&x"}
    text = rendered("[one](a.md) [*two* `b`](b.py) [three](a.md)\n", known.get).html
    link = '<a href="../docs/a.md?theme=dark&amp;x">'
    assert text == f"<p>{link}one</a> <em>two</em> <code>b</code> {link}three</a></p>\n"


def test_an_image_is_its_description() -> None:
    text = rendered('![a < b & "c"](a.png) [![alone](b.png)](b.png)\n', lambda _: None).html
    assert text == "<p><em>a &lt; b &amp; &quot;c&quot;</em> <em>alone</em></p>\n"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "text <img src=x onerror=alert(1)>",
        "<br onclick=alert(1)>",
        "<!-- a\n-->\n<b onclick='alert(1)'>x</b>",
        "<svg/onload=alert(1)>\n\ntext",
        "[a](javascript:alert(1)) ![b](javascript:alert(1))",
        "[a](data:text/html,<script>alert(1)</script>)",
        "[a]('\"onclick=alert(1))",
        '```x" onclick="alert(1)\n</code><script>\n```',
        "# <script>alert(1)</script>",
        "| a |\n|--:|\n| <script>alert(1)</script> |",
    ],
)
def test_nothing_of_a_text_becomes_markup_or_a_script(hostile: str) -> None:
    text = html(hostile)
    for tag in ("<script", "<img", "<svg", "<b ", "<br "):
        assert tag not in text
    assert "javascript:" not in text.replace("[a](javascript:", "").replace("![b](javascript:", "")
    assert 'href="data:' not in text
    assert "&quot;onclick" in text or '"onclick' not in text


def test_comments_are_left_out_and_tables_may_break_lines() -> None:
    text = html("<!-- begin -->\n\n| a |\n|---|\n| b<br>c |\n\ntext <!-- d --> e\n\n<!--\nx\n-->\n")
    assert "<td>b<br>c</td>" in text
    assert "<p>text  e</p>" in text
    assert "--" not in text


def test_tables_are_aligned_without_styles_and_an_empty_head_is_none() -> None:
    text = html("| | n | c |\n|---|--:|:-:|\n| a | 1 | |\n")
    assert "style" not in text
    assert text.count('class="right"') == text.count('class="center"') == 2
    assert "<td></td>\n<th" in text
    assert '<div class="wide" tabindex="0"><table>' in text
