"""Canaries: words that must be readable at their recipient and lie nowhere else, looked for in real files."""

from pathlib import Path
from typing import Any

import pytest
from tests.node.federation import AnyNode, Federation
from tests.node.samples import ANNA, CENTRE, PERSON, POST, RED, RELAY, keys

from allpoints.border.question import Question
from allpoints.identity.officers import Asker
from allpoints.messages.letter import Draft
from allpoints.review.case import Opinion

CANARY = "Quetzalcoatlus"
"""A word that no schema, library or header contains."""


def spellings(word: str) -> list[bytes]:
    return [
        form.encode(code) for form in (word, word.upper(), word.lower()) for code in ("utf-8", "utf-16-le")
    ]


def files_with(node: AnyNode, word: str) -> list[str]:
    """The files of a node, write-ahead log and all, in which a word can be read."""
    folder: Path = node.disk.folder
    found = []
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        if any(form in data for form in spellings(word)):
            found.append(path.name)
    return found


def memory_with(federation: Federation, word: str) -> list[str]:
    """Frames to or from the relay in which a word can be read."""
    return [
        f"{one.sender} to {one.to}"
        for one in federation.wire.seen
        if RELAY in {one.sender, one.to} and any(form in one.data for form in spellings(word))
    ]


def publish(federation: Federation, excluded: tuple[str, ...] = (), **fields: Any) -> None:
    """Submit a red notice of Arvandia and let two reviewers approve it."""
    owner, centre = federation.bureau("XAV"), federation.centre
    case = owner.do(
        lambda: owner.notices.submit(ANNA, "red", RED | fields, owner_ref="A-77", excluded=excluded)
    )
    federation.pump()
    view, _ = centre.do(lambda: centre.review.case(ANNA, case))  # type: ignore[union-attr]
    codes = tuple(finding.code for _, finding in view.checklist if str(finding.result) != "passed")
    for name in ("rita", "rolf"):
        asker = Asker(name, frozenset({"reviewer"}), "border-control")
        centre.do(lambda a=asker: centre.review.decide(a, case, Opinion("approve", codes, "weighed")))  # type: ignore[misc, union-attr]
    federation.pump()


def test_a_letter_is_readable_at_its_recipient_and_not_at_the_relay(three: Federation) -> None:
    sender, reader = three.bureau("XAV"), three.bureau("XBM")
    three.disconnect("XBM")
    sender.do(lambda: sender.letters.send(ANNA, Draft(("XBM",), f"On {CANARY}", f"What of {CANARY}?")))
    three.pump()
    assert three.relay.db.execute("SELECT count(*) FROM relay_mail").fetchone() == (1,)
    assert files_with(three.relay, CANARY) == []
    three.connect("XBM")
    assert [view.letter.text for view in reader.letters.list_(ANNA, "inbox")] == [f"What of {CANARY}?"]
    assert files_with(reader, CANARY)
    for other in (three.relay, three.bureau("XCS"), three.centre):
        assert files_with(other, CANARY) == []
    assert memory_with(three, CANARY) == []


def test_a_record_is_readable_at_its_readers_and_not_at_the_relay_or_an_excluded_member(
    three: Federation,
) -> None:
    three.enter(raw=PERSON, register="persons", family_name=CANARY, excluded=("XCS",))
    asks = Question(family_name=CANARY, given_names="Tomas", birth_date="1979-03-14")
    assert three.check("XBM", asks).verdict == "possible"
    assert files_with(three.bureau("XBM"), CANARY)
    assert files_with(three.relay, CANARY) == []
    assert files_with(three.bureau("XCS"), CANARY) == []
    assert memory_with(three, CANARY) == []
    excluded = three.bureau("XCS")
    assert excluded.db.execute("SELECT count(*) FROM state_records").fetchone() == (0,)
    assert excluded.following.size == three.relay.size


def test_an_excluded_member_finds_nothing_and_an_included_one_does(three: Federation) -> None:
    three.enter(raw=PERSON, register="persons", excluded=("XCS",))
    asks = Question(number="P1234567", issuer="XAV")
    assert three.check("XBM", asks).verdict == "bearer"
    assert three.check("XCS", asks).verdict == "clear"
    three.enter("XAV", PERSON | {"source_ref": "P-2"}, register="persons")
    assert three.check("XCS", asks).verdict == "bearer"


def test_an_excluded_member_that_joined_later_is_given_no_key_either(three: Federation) -> None:
    three.enter(raw=PERSON, register="persons", family_name=CANARY, excluded=("XDV",))
    three.enter(source_ref="OPEN")
    three.admit("XDV")
    three.start("XDV")
    three.connect("XDV")
    for _ in range(3):
        three.tick()
    newcomer = three.bureau("XDV")
    assert newcomer.db.execute("SELECT ref FROM state_records").fetchall() == [("OPEN",)]
    assert files_with(newcomer, CANARY) == []


def test_a_notice_is_readable_where_it_was_published_and_not_at_the_relay_or_an_excluded_member(
    three: Federation,
) -> None:
    publish(three, ("XCS",), family_name=CANARY)
    assert three.check("XBM", Question(number="P1234567", issuer="XAV")).verdict == "bearer"
    assert three.check("XCS", Question(number="P1234567", issuer="XAV")).verdict == "clear"
    assert files_with(three.bureau("XBM"), CANARY)
    assert files_with(three.centre, CANARY)
    assert files_with(three.relay, CANARY) == []
    assert files_with(three.bureau("XCS"), CANARY) == []
    assert memory_with(three, CANARY) == []


def test_a_hit_is_readable_at_owner_searcher_and_centre_and_not_at_the_relay_or_a_fourth(
    three: Federation,
) -> None:
    three.enter(raw=PERSON, register="persons")
    number = CANARY.upper()
    three.enter(source_ref="S-1", document_number=number)
    three.check("XBM", Question(number=number, issuer="XAV"))
    assert len(three.bureau("XAV").hits.list_(ANNA)) == 1
    for name in ("XAV", "XBM", CENTRE):
        assert any(number in view.hit.asked for view in three.bureau(name).hits.list_(ANNA))
    assert three.bureau("XCS").hits.list_(ANNA) == []
    assert files_with(three.relay, CANARY) == []
    assert memory_with(three, CANARY) == []


def test_an_extract_shows_no_name_and_no_number(posted: Federation) -> None:
    posted.enter(raw=PERSON, register="persons", family_name=CANARY)
    posted.enter(document_number=CANARY.upper())
    posted.tick()
    posted.disconnect(POST)
    answers = posted.check_at_post(Question(number=CANARY, issuer="XAV"))
    assert [getattr(answer, "verdict", "") for answer in answers] == ["document"]
    assert files_with(posted.post(), CANARY) == []
    assert files_with(posted.bureau("XBM"), CANARY)


@pytest.mark.parametrize("name", ["XAV", CENTRE, RELAY, POST])
def test_no_private_key_lies_in_a_database(posted: Federation, name: str) -> None:
    signing, reception = keys(name)
    for path in posted.nodes[name].disk.folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert signing.seeds not in data
        assert reception.seeds not in data
