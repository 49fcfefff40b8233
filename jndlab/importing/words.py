"""HTML and Markdown of other tools -> the plain paragraphs of a study's texts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"p", "div", "br", "li", "ul", "ol", "tr", "table", "section", "article"}
    | {f"h{number}" for number in range(1, 7)}
)
MOST_CHARACTERS = 50_000
_SILENT = frozenset({"script", "style", "head", "title", "template"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self.parts.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        if tag in _BLOCKS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def plain_text(text: str) -> str:
    """Paragraphs without HTML tags and Markdown signs, blank lines between them.

    >>> plain_text("<p>Hello <b>you</b>.</p><p>Bye</p>")
    'Hello you.\\n\\nBye'
    >>> plain_text("# **Welcome!**\\nListen to *all* of it.")
    'Welcome!\\n\\nListen to all of it.'
    """
    text = text[:MOST_CHARACTERS]
    if re.search(r"<[A-Za-z!/][^<>]*>|&[A-Za-z#0-9]{1,32};", text):
        reader = _Reader()
        reader.feed(text)
        reader.close()
        text = "".join(reader.parts)
    text = re.sub(r"^[ \t]{0,8}#{1,6}(?!#)(.*)$", r"\n\n\1\n\n", text, flags=re.MULTILINE)
    text = re.sub(r"(\*\*|__)(?=\S)([^*_\n]+)\1", r"\2", text)
    text = re.sub(r"(?<![\w*])\*(?=\S)([^*\n]+)\*(?![\w*])", r"\1", text)
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    return "\n\n".join(part for part in paragraphs if part)


def joined(paragraphs: list[str]) -> str:
    """Texts under one another, each once."""
    return "\n\n".join(dict.fromkeys(part for part in paragraphs if part))
