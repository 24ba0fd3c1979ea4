"""The how-to on keeping records current, typed as it stands into real processes: an owner, a reader, the secretariat."""

import re
import shlex

from tests.cli.processes import Town, Typed, until
from tests.docs.pages import blocks
from tools.tree import DOCS

PAGE = DOCS / "how-to/keep-records-current.md"
ASSIGNED = re.compile(r"([A-Z]+)=\$\(allpoints (.*)\)")


def typed(town: Town, words: list[str]) -> Typed:
    """One command of the page at the owner's node, or where it says; it may have to wait for the ledger."""
    words = words if "--dir" in words else [*words, "--dir", "xav"]
    done: Typed = until(lambda: (one := town.type(*words)).code == 0 and one)
    assert done, town.type(*words)
    return done


def type_the_page(town: Town) -> None:
    """Type every command of the page, and look at what comes of the last of each kind."""
    named: dict[str, str] = {}
    told: dict[str, str] = {}
    lines = [line for block in blocks(PAGE) for line in block.text.splitlines() if line.startswith("$ ")]
    assert len(lines) > 12
    for line in lines:
        command = line.removeprefix("$ ")
        assigned = ASSIGNED.fullmatch(command)
        words = shlex.split(assigned[2] if assigned else command.removeprefix("allpoints "))
        done = typed(town, [named.get(word.removeprefix("$"), word) for word in words])
        if assigned:
            named[assigned[1]] = done.out.strip()
        told[" ".join(words[:2])] = done.out + done.err
    assert "XSC" in told["record readers"]
    assert until(lambda: town.done("record", "exclusions", "--dir", "xav", "--json").json == [])
    assert "AV-8 is withdrawn." in told["record withdraw"]
    assert "has served its purpose" in told["record achieve"]
    assert re.search(r"is borne by BELLWEATHER", told["record show"], re.IGNORECASE)
    assert "entered by desk of XAV" in told["record show"]
    assert "The record is unblocked." in told["record unblock"]
    assert until(lambda: "It does." in town.done("record", "show", named["PASSPORT"], "--dir", "xbm").out)
    shown = town.done("record", "show", named["PASSPORT"], "--dir", "xbm").out
    assert "blocked by command of XSC" in shown or "blocked by reviewer of XSC" in shown
    assert "is borne by" not in shown
    gone = town.done("record", "show", named["RECORD"], "--dir", "xbm", "--json").json
    assert (gone["status"], gone["fields"], gone["history"][-1]["reason"]) == (
        *("withdrawn", {}),
        "Entered by mistake.",
    )
    refused = town.type("record", "block", named["PASSPORT"], "--reason", "Ours.", "--dir", "xbm")
    assert (refused.code, "Only the secretariat examines records." in refused.err) == (1, True)
    unknown = town.type("record", "expiring", "--before", "soon", "--dir", "xav")
    assert (unknown.code, "A day is written 2031-12-31." in unknown.err) == (1, True)
    assert town.done("record", "expiring", "--register", "persons", "--dir", "xav", "--ids").out == ""
