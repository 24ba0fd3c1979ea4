"""Kinds of notices and the states of one."""

from allpoints.notices.state import TRANSITIONS
from tools.reference import registers
from tools.reference.markdown import code, codes, page, table

NAME = "notices"


def write() -> str:
    known = registers.vocabulary()
    states = [
        (code(state), codes(sorted(following)), "yes" if state.in_force else "", "yes" if state.ended else "")
        for state, following in TRANSITIONS.items()
    ]
    return page(
        "Notices",
        "A notice is submitted by its owner, examined at the secretariat against the [gates](review-gates.md) and "
        "published by it. A notice asks; it binds nobody.\n",
        *(
            f"## {kind.label['en']} (`{name}`, {kind.short})\n\n{registers.section(kind)}"
            for name, kind in sorted(known.notices.items())
        ),
        "## States\n",
        table(["state", "may become", "in force", "ended"], states),
    )
