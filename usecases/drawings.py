"""Vector drawings of a report (maps, timelines): made with the standard library, checked before they enter a page.

A drawing is one ``<svg>`` element. A ``<title>`` inside a shape shows when one points at it; the page's script adds zoom.

>>> svg = canvas(100, 50)
>>> spot = shape(svg, "circle", cx=10, cy=10, r=3)
>>> tip(spot, "Order A & B")
>>> print(text_of(spot))
<circle cx="10" cy="10" r="3"><title>Order A &amp; B</title></circle>
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

SVG = "http://www.w3.org/2000/svg"
ALLOWED = frozenset(
    ["svg", "g", "title", "path", "polyline", "polygon", "line", "circle", "rect", "text", "tspan"]
)
SCRIPT = Path(__file__).resolve().parent / "templates" / "zoom.js"


def canvas(width: float, height: float) -> ElementTree.Element:
    """Begin a drawing of this size; the page scales it.

    Examples
    --------
    >>> canvas(20, 10).get("viewBox")
    '0 0 20 10'
    """
    return ElementTree.Element("svg", {"xmlns": SVG, "viewBox": f"0 0 {_number(width)} {_number(height)}"})


def shape(parent: ElementTree.Element, tag: str, **attributes: Any) -> ElementTree.Element:
    """Add a shape; ``stroke_width`` becomes ``stroke-width``, ``class_`` becomes ``class``.

    Examples
    --------
    >>> shape(canvas(9, 9), "line", x1=0.123456, stroke_width=2).attrib
    {'x1': '0.12', 'stroke-width': '2'}
    """
    return ElementTree.SubElement(
        parent, tag, {k.rstrip("_").replace("_", "-"): _number(v) for k, v in attributes.items()}
    )


def words(parent: ElementTree.Element, x: float, y: float, text: str, **attributes: Any) -> None:
    """Write a text at a place."""
    shape(parent, "text", x=x, y=y, **attributes).text = printable(text)


def tip(parent: ElementTree.Element, text: str) -> None:
    """Say what shows when one points at a shape."""
    shape(parent, "title").text = printable(text)


def printable(text: str) -> str:
    r"""Leave out what XML does not allow.

    Examples
    --------
    >>> printable("a\x00b")
    'ab'
    """
    return re.sub(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", str(text))


def text_of(drawing: ElementTree.Element) -> str:
    """Write the drawing as text."""
    return ElementTree.tostring(drawing, encoding="unicode")


def checked(svg: str) -> str:
    """Accept a drawing into a page: plain shapes and texts only.

    Parameters
    ----------
    svg : str
        What ``Drawing.draw`` returned.

    Returns
    -------
    str
        The same drawing, written anew.

    Raises
    ------
    ValueError
        If it is not one ``<svg>`` with a ``viewBox``, or holds anything but shapes and texts: a script, a link, a style.

    Examples
    --------
    >>> checked('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script/></svg>')
    Traceback (most recent call last):
    ...
    ValueError: a drawing holds <script>; shapes and texts expected
    """
    if "<!" in svg:
        raise ValueError("a drawing holds a declaration; one <svg> element expected")
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError as error:
        raise ValueError(f"a drawing is not XML ({error}); one <svg> element expected") from error
    if root.tag != f"{{{SVG}}}svg" or not root.get("viewBox"):
        raise ValueError(f"a drawing begins with {root.tag!r}; one <svg> element with a viewBox expected")
    for element in root.iter():
        tag = str(element.tag).removeprefix(f"{{{SVG}}}")
        if tag not in ALLOWED:
            raise ValueError(f"a drawing holds <{tag}>; shapes and texts expected")
        for name, value in element.attrib.items():
            if name.startswith("on") or "href" in name or name == "style" or "url(" in value:
                raise ValueError(
                    f"a drawing holds the attribute {name}={value!r}; plain shapes and texts expected"
                )
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def script() -> str:
    """Write the script that zooms drawings: wheel, drag, buttons; it loads nothing, and it is the only one of a report.

    Examples
    --------
    >>> script().startswith("<script>"), "http" in script()
    (True, False)
    """
    return f"<script>\n{SCRIPT.read_text(encoding='utf-8')}</script>"


def _number(value: Any) -> str:
    """Two decimals are a hundredth of a pixel."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
