"""Reading the source for what no running program lists: literals and where they stand."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from allpoints.ground.refusal import Refusal
from tools.tree import SOURCE


class Module(NamedTuple):
    """One module of the program: its dotted name and its tree."""

    name: str
    tree: ast.Module


@cache
def modules() -> tuple[Module, ...]:
    return tuple(
        Module(_dotted(path), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(SOURCE.rglob("*.py"))
    )


def _dotted(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def calls(module: Module) -> Iterator[ast.Call]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield node


def called(call: ast.Call) -> str:
    """The last part of the name of what is called."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def literal(node: ast.expr | None) -> str:
    """A text as it stands in the source, with ``{…}`` for what is put in at run time; empty for anything else."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(literal(one) if isinstance(one, ast.Constant) else "{…}" for one in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return literal(left) + (literal(right) or " {…}")
    return ""


def where_written(pattern: str) -> dict[str, list[str]]:
    """Every text constant that matches ``pattern`` as a whole, with the modules in which it stands."""
    wanted = re.compile(pattern)
    found: dict[str, list[str]] = {}
    for module in modules():
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and wanted.fullmatch(node.value)
            ):
                places = found.setdefault(node.value, [])
                if module.name not in places:
                    places.append(module.name)
    return found


def sentence(thing: Any) -> str:
    """The first paragraph of something's docstring."""
    text = (getattr(thing, "__doc__", "") or "").strip().split("\n\n")[0]
    return " ".join(text.split()).replace("``", "`")


def faults_in(refusal: Refusal) -> list[str]:
    return [fault.path for fault in refusal.faults] or [refusal.path]
