"""Things about invented persons and documents, brought into a network by those who may."""

from functools import partial
from typing import NamedTuple

from tests.attack.calling import Caller
from tests.attack.endpoints import settled
from tests.node.samples import PERSON, RED
from tests.web.console_network import OWNER, SEARCHER, SECRETARIAT, Network

from allpoints.identity.officers import Asker
from allpoints.registers.entering import Carriage
from allpoints.review.case import Opinion

DANA = Asker("dana", frozenset({"desk"}), "border-control", "C-1")


def published(town: Network, submission: str) -> str:
    """Two reviewers approve; gives the notice's number as it stands in an address."""
    review = town.hosts[SECRETARIAT].desk().review
    assert review is not None
    for name in ("rita", "ruben"):
        asker = Asker(name, frozenset({"reviewer"}), "border-control", "C-1")
        view, _decisions = town.do(SECRETARIAT, partial(review.case, asker, submission))
        codes = {finding.code for _gate, finding in view.checklist if finding.result.value == "needs_human"}
        opinion = Opinion("approve", tuple(sorted(codes)), "Weighed." if codes else "")
        town.do(SECRETARIAT, partial(review.decide, asker, submission, opinion))
    settled(town)
    notices = town.hosts[OWNER].desk().notices
    held = town.do(OWNER, lambda: notices.submission(DANA, submission)).held
    return held.notice_id.replace("/", "-")


class Seeded(NamedTuple):
    """What names somebody or something, and where it lies: identifiers by the name that they have in a path."""

    words: tuple[str, ...]
    identifiers: dict[str, tuple[str, ...]]


NAME, UNDER_REVIEW, NUMBER, SERIAL = "Thistledown", "Pendlewick", "ZQ731904", "ZQ5518"
SUBJECT = f"About {NAME}"


def seeded(town: Network, callers: dict[str, Caller]) -> Seeded:
    """Arvandia's passport, person, notices, import, letter and trace; a hit of Belmora's on the passport."""
    passport = town.report(NUMBER)
    person = _person(town)
    out, waiting = _notice(town, NAME, "PURPOSE-1"), _notice(town, UNDER_REVIEW, "PURPOSE-2")
    notice = published(town, out)
    desk, searcher = callers[OWNER], callers[SEARCHER]
    check = searcher.call("POST", "/api/v1/checks", "border", json={"number": NUMBER, "issuer": OWNER}).json()
    letter = {"to": [SEARCHER], "subject": SUBJECT, "text": "t"}
    sent = desk.call("POST", "/api/v1/messages", "desk", json=letter).json()
    pistol = {"serial": SERIAL, "make": "Norvik", "unlisted": "A village maker.", "to": SEARCHER}
    trace = desk.call("POST", "/api/v1/traces", "desk", json=pistol).json()
    assert desk.call("GET", f"/api/v1/search?name={NAME}", "desk").json()["results"]
    identifiers = {
        "record": (passport, person),
        "notice": (notice,),
        "submissions/identifier": (out, waiting),
        "case": (out, waiting),
        "hit": tuple(one["hit"] for one in check["matches"]),
        "trace": (trace["trace"]["trace"],),
        "reference": (sent["reference"],),
        "imports/identifier": (_import(town, desk),),
        "name": ("travel-documents", "persons"),
        "form": ("jsonl",),
    }
    settled(town)
    return Seeded((NAME, UNDER_REVIEW, NUMBER, SERIAL), identifiers)


def _person(town: Network) -> str:
    raw = PERSON | {"source_ref": "PURPOSE-P", "family_name": NAME, "documents": []}
    records = town.hosts[OWNER].desk().records
    carriage = Carriage("border-control", "official-use")
    return town.do(OWNER, lambda: records.enter(DANA, "persons", raw, carriage))


def _notice(town: Network, name: str, ref: str) -> str:
    body = RED | {"family_name": name, "source_ref": ref, "documents": []}
    notices = town.hosts[OWNER].desk().notices
    submission = town.do(OWNER, lambda: notices.submit(DANA, "red", body, owner_ref=ref))
    settled(town)
    return submission


def _import(town: Network, desk: Caller) -> str:
    """A file whose one row is bad, for a reason that quotes it."""
    header = "source_ref,document_number,issuer,document_type,fraud"
    rows = f"{header}\nX-1,AB123456,XAV,{NAME},stolen\n"
    begun = desk.call("POST", "/api/v1/imports?register=travel-documents", "desk", content=rows.encode())
    identifier = str(begun.json()["id"])

    def ended() -> bool:
        row = (
            town.hosts[OWNER]
            .office.db.execute("SELECT ended_ms FROM office_imports WHERE id=?", (identifier,))
            .fetchone()
        )
        return bool(row and row[0])

    town.until(ended)
    return identifier
