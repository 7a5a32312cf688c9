"""Drawings of a report: what may enter a page, and that the zoom comes only with them."""

import pytest

from usecases import drawings, report
from usecases.contract import Drawing, Paragraph, Section, Text

HEAD = f'<svg xmlns="{drawings.SVG}" viewBox="0 0 10 10">'


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<circle r="1" onclick="alert(1)"/>',
        '<circle r="1" style="fill:url(http://x)"/>',
        '<circle r="1" fill="url(#a)"/>',
        '<text href="http://x">a</text>',
        "<foreignObject/>",
        '<image href="x.png"/>',
    ],
)
def test_only_shapes_and_texts_enter_a_page(inside):
    with pytest.raises(ValueError, match="expected"):
        drawings.checked(f"{HEAD}{inside}</svg>")


@pytest.mark.parametrize(
    "text", ["", "<p/>", "<svg/>", f'<svg xmlns="{drawings.SVG}"/>', "<!DOCTYPE svg><svg/>", HEAD]
)
def test_anything_but_one_drawing_is_refused(text):
    with pytest.raises(ValueError, match="expected"):
        drawings.checked(text)


def test_hostile_names_are_written_as_text():
    svg = drawings.canvas(10, 10)
    drawings.words(svg, 1, 2, "</svg><script>\x00é")
    drawings.tip(drawings.shape(svg, "circle", r=1), '"><script>')
    page = drawings.checked(drawings.text_of(svg))
    assert "<script" not in page
    assert "&lt;script&gt;é" in page


def test_a_rendered_drawing_keeps_its_caption_in_the_language():
    section = Section(
        Text("Map", "Carte"), (Drawing(lambda lang: f"{HEAD}<text>{lang}</text></svg>", Text("A", "B")),)
    )
    block = report.rendered_section(section, "fr")["blocks"][0]
    assert (block["type"], block["caption"]) == ("drawing", "B")
    assert ">fr</text>" in block["svg"]


def test_the_zoom_comes_only_with_a_drawing():
    drawn = {
        "plain": [
            report.rendered_section(
                Section(Text("a", "a"), (Drawing(lambda _: f"{HEAD}</svg>", Text("", "")),)), "en"
            )
        ]
    }
    plain = {"plain": [report.rendered_section(Section(Text("a", "a"), (Paragraph(Text("b", "b")),)), "en")]}
    assert report._has_drawing(drawn)
    assert not report._has_drawing(plain)


def test_the_script_loads_nothing():
    text = drawings.script()
    assert not any(word in text for word in ("http", "fetch", "import", "eval", "innerHTML"))
    assert text.count("addEventListener") >= 5
