"""Every setting of a node."""

from allpoints.node.settings import FILE_NAME, SETTINGS
from tools.reference.markdown import code, page, table

NAME = "settings"
KINDS = {str: "text", int: "whole number", bool: "true or false"}


def write() -> str:
    rows = [
        (
            code(one.path),
            code(one.variable),
            KINDS[one.kind],
            code(str(one.default).lower()) or "empty",
            one.sentence,
        )
        for one in SETTINGS
    ]
    return page(
        "Settings",
        f"A node reads `{FILE_NAME}` in its folder; the environment overrides it. What a running node uses, and where "
        "each value comes from, is told by `GET /api/v1/settings`. An unknown name or a wrong type stops the start.",
        "",
        table(["setting", "variable", "type", "default", "what it does"], rows),
    )
