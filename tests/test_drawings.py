"""Drawings of a report: what may enter a page, and that the zoom comes only with them."""

import json
import re
import shutil
import subprocess

import pytest

from usecases import catalogue, config, drawings, report, runner
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


ZOOMED = """
const [map, times] = document.querySelectorAll("figure.drawing");
const facts = () => [...document.querySelectorAll("figure.drawing svg")].map((svg) => ({
  box: svg.getAttribute("viewBox"), touch: svg.style.touchAction,
  sizes: [...svg.querySelectorAll("circle, rect")].map((one) => one.getBoundingClientRect().width),
  names: [...svg.querySelectorAll("text")].map((one) => one.getBoundingClientRect().left),
}));
const before = facts();
for (const figure of [map, times]) figure.querySelector("[data-zoom=in]").click();
const after = facts();
map.scrollIntoView();
const seen = map.querySelector("circle").getBoundingClientRect();
map.querySelector("svg").dispatchEvent(new MouseEvent("click", { clientX: seen.x + 2, clientY: seen.y + 2 }));
const buttons = map.querySelector(".zoom").getBoundingClientRect(), top = map.querySelector("svg").getBoundingClientRect().top;
const told = map.querySelector(".told").textContent;
document.querySelector("[data-zoom=all]").click();
const scroll = times.querySelector(".scroll");
document.title = JSON.stringify({ before, after, told, above: buttons.bottom <= top, back: facts()[0].box,
  page: document.documentElement.scrollWidth - innerWidth, wide: scroll.scrollWidth > scroll.clientWidth });
"""


def page_with_drawings(monkeypatch):
    """Make a report with a map and a timeline."""

    def a_map(_lang):
        svg = drawings.canvas(960, 600)
        drawings.tip(drawings.shape(svg, "circle", cx=480, cy=300, r=5), "Order A")
        return drawings.text_of(svg)

    def a_timeline(_lang):
        svg = drawings.canvas(960, 200)
        svg.attrib |= {"data-from": "240", "data-top": "40"}
        drawings.words(svg, 8, 80, "courier 1")
        drawings.shape(svg, "rect", x=240 + 360 - 20, y=70, width=40, height=12)
        return drawings.text_of(svg)

    entry, card_task = catalogue.find_task("toy_cases/average")
    original = catalogue.load_task(entry, card_task)
    blocks = tuple(Drawing(draw, Text("a", "a")) for draw in (a_map, a_timeline))

    def sections(self, *given):
        return [*original.report(*given), Section(Text("Map", "Carte"), blocks)]

    task = type("Patched", (type(original),), {"report": sections})()
    monkeypatch.setattr(catalogue, "load_task", lambda *_: task)
    return (runner.execute(config.compose("toy_cases", "average")).folder / "report.html").read_text(
        encoding="utf-8"
    )


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium")
def test_zoom_separates_marks_keeps_names_and_tells_on_a_tap(monkeypatch, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        page_with_drawings(monkeypatch).replace("</body>", f"<script>{{{ZOOMED}}}</script></body>"),
        encoding="utf-8",
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    options += [f"--user-data-dir={tmp_path / 'profile'}", "--window-size=500,900", "--dump-dom"]
    done = subprocess.run(["chromium", *options, page.as_uri()], capture_output=True, text=True, timeout=100)
    found = json.loads(re.search(r"<title>(.*?)</title>", done.stdout, re.S)[1])
    (map_, times), (zoomed, longer) = found["before"], found["after"]
    assert zoomed["sizes"] == pytest.approx(map_["sizes"], rel=0.01), "a mark keeps its size on the screen"
    assert float(zoomed["box"].split()[2]) == pytest.approx(600)
    assert longer["box"] == times["box"]
    assert longer["sizes"] == pytest.approx([1.6 * size for size in times["sizes"]], rel=0.01)
    assert longer["names"] == times["names"], "names stay in view"
    assert [one["touch"] for one in found["after"]] == ["none", "none"]
    assert [one["touch"] for one in found["before"]] == ["", ""]
    assert found["told"] == "Order A"
    assert found["above"], "the buttons cover the drawing"
    assert found["back"] == map_["box"]
    assert found["wide"], "a timeline scrolls in its box"
    assert found["page"] <= 0, "and the page does not"
