"""Reads a page strictly: what a lenient browser would mend is a fault here."""

from collections import Counter
from html.parser import HTMLParser

VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr", "path", "circle"})
IMPLICIT_PARAGRAPH_END = frozenset(
    {
        "article",
        "details",
        "div",
        "dl",
        "fieldset",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "ol",
        "p",
        "section",
        "table",
        "ul",
    }
)


class Page(HTMLParser):
    """Elements of a page, and everything about them that is wrong."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.ids: Counter[str] = Counter()
        self.labelled: set[str] = set()
        self.title = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self._open]
        self.faults += [f"id {name} stands {count} times" for name, count in self.ids.items() if count > 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in IMPLICIT_PARAGRAPH_END and "p" in self._open:
            self.faults.append(f"<{tag}> inside <p> at line {self.getpos()[0]}")
        if len(values) < len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        self.elements.append((tag, values | {"#inside": " ".join(self._open)}))
        if "id" in values and "template" not in self._open:
            self.ids[values["id"]] += 1
        if tag == "label" and "for" in values:
            self.labelled.add(values["for"])
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1:]} at line {self.getpos()[0]}")
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title":
            self.title += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [values for name, values in self.elements if name == tag]
