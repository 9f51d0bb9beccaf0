"""A page of HTML, read as a browser would."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"br", "meta", "img", "input"}


class Page(HTMLParser):
    """Elements with their attributes, the visible text, and whether every element was closed in order."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(data.decode())
        self.close()
        self.text = " ".join(self.texts)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.texts.append(data)

    def values(self, name: str, *, of: str | None = None) -> list[str]:
        return [a[name] or "" for tag, a in self.elements if name in a and of in (None, tag)]
