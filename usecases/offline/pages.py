"""The documentation as pages that any browser opens from a USB key: no server, no Markdown viewer, no external address."""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Mapping
from html import escape
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from usecases import paths

PICTURES = (".png", ".svg", ".jpg", ".jpeg")
STYLE = """
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.55 system-ui, sans-serif; color: #1c2530; background: #fff }
pre { background: #f3f5f7; padding: .8rem; overflow-x: auto } code { font-size: .92em }
table { border-collapse: collapse; display: block; overflow-x: auto } td, th { border: 1px solid #cdd5dd; padding: .25rem .6rem }
img { max-width: 100% } a { color: #0b5cad } nav { font-size: .9rem; margin-bottom: 2rem }
"""
PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>{style}</style></head>
<body><nav>{nav}</nav>
{body}
</body></html>
"""


def sources() -> dict[str, Path]:
    """Find the documentation: its Markdown files and pictures.

    Returns
    -------
    dict of str to pathlib.Path
        Where each stands in the repository, to where it is on this machine.

    Examples
    --------
    >>> any(name.endswith(".md") for name in sources())
    True
    """
    root = paths.docs_root()
    found = {
        f"docs/{file.relative_to(root).as_posix()}": file
        for file in sorted(root.rglob("*"))
        if file.suffix.lower() in (".md", *PICTURES)
    }
    for folder in (
        root,
        root.parent,
    ):  # READMEs travel in the folder of a wheel, and stand above it in a checkout
        found |= {file.name: file for file in sorted(folder.glob("README*.md")) if file.name not in found}
    return {name: file for name, file in found.items() if not name.startswith("docs/README")}


def place(name: str) -> str:
    """Say where a source goes among the pages.

    Examples
    --------
    >>> place("docs/en/own_data.md"), place("README.fr.md"), place("docs/gallery/a.png")
    ('en/own_data.html', 'README.fr.html', 'gallery/a.png')
    """
    name = name.removeprefix("docs/")
    return f"{name.removesuffix('.md')}.html" if name.endswith(".md") else name


def language(name: str) -> str:
    """Tell the language of a source from its name.

    Examples
    --------
    >>> language("docs/fr/kit.md"), language("README.fr.md"), language("README.md")
    ('fr', 'fr', 'en')
    """
    return "fr" if re.search(r"(^|/)fr/|\.fr\.md$", name) else "en"


def write_pages(folder: Path, given: Mapping[str, Path] | None = None) -> list[Path]:
    """Write all pages, their pictures and a first page.

    Parameters
    ----------
    folder : pathlib.Path
        Where they go; what is there is replaced.
    given : mapping of str to pathlib.Path, optional
        By default `sources`.

    Returns
    -------
    list of pathlib.Path
        The pages.

    Examples
    --------
    >>> import tempfile
    >>> write_pages(Path(tempfile.mkdtemp()))[0].name
    'index.html'
    """
    given = sources() if given is None else given
    shutil.rmtree(folder, ignore_errors=True)
    titles, pages = {}, []
    for name, file in given.items():
        target = folder / place(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not name.endswith(".md"):
            shutil.copyfile(file, target)
            continue
        text = file.read_text(encoding="utf-8")
        heading = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
        titles[name] = re.sub(r"[`*]", "", heading.group(1)) if heading else Path(name).stem
        home = posixpath.relpath("index.html", posixpath.dirname(place(name)) or ".")
        label = "Toutes les pages" if language(name) == "fr" else "All pages"
        body = render(text, name, given)
        nav = f'<a href="{home}">{label}</a>'
        _write(target, titles[name], body, nav, language(name))
        pages.append(target)
    lists = ""
    for lang, heading_ in (("fr", "Documentation en français"), ("en", "Documentation in English")):
        items = [
            f'<li><a href="{escape(place(name))}">{escape(title)}</a></li>'
            for name, title in sorted(titles.items(), key=lambda item: not item[0].endswith("index.md"))
            if language(name) == lang
        ]
        lists += f'<h1 lang="{lang}">{heading_}</h1>\n<ul lang="{lang}">{"".join(items)}</ul>\n'
    _write(folder / "index.html", "usecases", lists, "", "fr")
    return [folder / "index.html", *pages]


def render(text: str, name: str, given: Mapping[str, Path]) -> str:
    r"""Turn one Markdown source into HTML whose links work among the pages.

    Parameters
    ----------
    text : str
        Markdown, with tables.
    name : str
        Its place in the repository.
    given : mapping of str to pathlib.Path
        All sources; a link to anything else becomes plain text, an external one shows its address.

    Examples
    --------
    >>> render("[a](../fr/b.md#c) [d](https://example.org) [e](../../x.py)", "docs/en/a.md", {"docs/fr/b.md": Path("b")})
    '<p><a href="../fr/b.html#c">a</a> d (https://example.org) e</p>\n'
    """
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    text = re.sub(r"<!--.*?-->\n?", "", text, flags=re.DOTALL)
    tokens = markdown.parse(text)
    for token in tokens:
        if token.type == "heading_open":
            following = tokens[tokens.index(token) + 1]
            token.attrSet("id", anchor(following.content))
        if token.children:
            token.children = _relink(token.children, name, given)
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def anchor(heading: str) -> str:
    """Name a heading as GitHub does, so that links inside a page work.

    Examples
    --------
    >>> anchor("Install and look"), anchor("L'été : `data`")
    ('install-and-look', 'lété--data')
    """
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _relink(children: list, name: str, given: Mapping[str, Path]) -> list:
    """Point links and pictures at the pages; what is not among them becomes text."""
    from markdown_it.token import Token

    kept, closing = [], []
    for token in children:
        if token.type == "link_open":
            address = str(token.attrGet("href"))
            target = _target(address, name, given)
            closing.append(
                None if target else f" ({address})" if urlsplit(address).scheme in ("http", "https") else ""
            )
            if target is None:
                continue
            token.attrSet("href", target)
        elif token.type == "link_close":
            shown = closing.pop()
            if shown is not None:
                text = Token("text", "", 0)
                text.content = shown
                kept.append(text)
                continue
        elif token.type == "image":
            target = _target(str(token.attrGet("src")), name, given)
            if target is None:
                text = Token("text", "", 0)
                text.content = token.content
                kept.append(text)
                continue
            token.attrSet("src", target)
        kept.append(token)
    return kept


def _target(address: str, name: str, given: Mapping[str, Path]) -> str | None:
    """Address of a link among the pages, or None when it leads out of them."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    if not parts.path:
        return address
    aimed = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path)))
    folder = [f"{aimed}/README.md", f"{aimed}/index.md"]
    found = next((option for option in [aimed, *folder] if option in given), None)
    if found is None:
        return None
    path = quote(posixpath.relpath(place(found), posixpath.dirname(place(name)) or "."))
    return f"{path}#{parts.fragment}" if parts.fragment else path


def _write(target: Path, title: str, body: str, nav: str, lang: str) -> None:
    page = PAGE.format(lang=lang, title=escape(title), style=STYLE, nav=nav, body=body)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page, encoding="utf-8", newline="\n")
