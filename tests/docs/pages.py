"""The pages of the documentation, as the tests read them."""

import re
from pathlib import Path
from typing import NamedTuple

from tools.tree import DOCS, ROOT

TOP = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "changelog.d/README.md")
FENCE = re.compile(r"^```(\S*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)


class Block(NamedTuple):
    """One fenced block: its language, the file it stands for (``title=``), its text."""

    language: str
    title: str
    text: str


def pages() -> list[Path]:
    return [*(ROOT / name for name in TOP), *sorted(DOCS.rglob("*.md"))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path) -> list[Block]:
    found = FENCE.findall(path.read_text(encoding="utf-8"))
    return [Block(language, rest.strip().removeprefix("title="), text) for language, rest, text in found]


def prose(path: Path) -> str:
    """The page without fenced blocks."""
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """The anchors that a page's headings get."""
    titles = (title for _, title in HEADING.findall(prose(path)))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
