"""Every code with which the program refuses, collected from its source."""

import ast
import re
from typing import NamedTuple

from tools.reference.markdown import code, codes, page, table
from tools.reference.reading import called, calls, literal, modules

NAME = "refusals"
CODE = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")
SINGLE = re.compile(r"[A-Z][A-Z0-9-]+")
SAYS = {"Refusal", "Fault", "fault"}
"""What is called with a code; elsewhere only a code of several words counts."""


class Said(NamedTuple):
    code: str
    sentence: str
    status: str
    module: str
    sure: bool


def _status(call: ast.Call) -> str:
    for keyword in call.keywords:
        if keyword.arg == "status" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return ""


def said() -> list[Said]:
    """Every place that names a code with a sentence."""
    found = []
    for module in modules():
        for call in calls(module):
            wanted = SINGLE if called(call) in SAYS else CODE
            for at, argument in enumerate(call.args):
                text = literal(argument) if isinstance(argument, ast.Constant) else ""
                if wanted.fullmatch(text):
                    following = literal(call.args[at + 1]) if at + 1 < len(call.args) else ""
                    found.append(Said(text, following, _status(call), module.name, wanted is SINGLE))
                    break
    return found


def by_code() -> dict[str, list[Said]]:
    listed: dict[str, list[Said]] = {}
    for one in said():
        listed.setdefault(one.code, []).append(one)
    return {
        name: listed[name] for name in sorted(listed) if any(one.sentence or one.sure for one in listed[name])
    }


def write() -> str:
    rows = []
    for name, places in by_code().items():
        sentences = dict.fromkeys(one.sentence for one in places if one.sentence)
        statuses = sorted({one.status for one in places if one.status})
        rows.append(
            (
                code(name),
                " / ".join(list(sentences)[:3]),
                ", ".join(statuses) or "422",
                codes(dict.fromkeys(one.module for one in places)),
            )
        )
    return page(
        "Refusals",
        "Input or an act that is not accepted changes nothing and is answered with a code, a sentence, the path of the "
        "field and a hint, over HTTP as a problem document, on the command line as the same sentence. Codes are "
        "stable; sentences may improve. `{…}` is put in at run time. Refusals are counted by code in "
        "[`allpoints_refusals_total`](metrics.md).\n",
        table(["code", "sentence", "HTTP status", "said by"], rows),
    )
