"""The few forms of Markdown that the reference is made of."""

import json
from collections.abc import Iterable, Sequence
from typing import Any


def cell(text: object) -> str:
    """Text that fits one cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def code(text: object) -> str:
    """Text set as code, or nothing."""
    return f"`{' '.join(str(text).split())}`" if str(text) else ""


def codes(texts: Iterable[object]) -> str:
    return ", ".join(code(one) for one in texts)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table, or one sentence when there is nothing in it."""
    listed = [[cell(one) for one in row] for row in rows]
    if not listed:
        return "There are none.\n"
    lines = [head, ["---"] * len(head), *listed]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def fenced(text: str, language: str = "") -> str:
    return f"```{language}\n{text.rstrip()}\n```\n"


def shown_json(value: Any) -> str:
    return fenced(json.dumps(value, indent=2, ensure_ascii=False), "json")


def page(title: str, *parts: str) -> str:
    """A whole page, which says where it comes from."""
    return "\n".join(
        [f"# {title}", "", "<!-- Written by `make docs` from the code: change it there. -->", "", *parts]
    )
