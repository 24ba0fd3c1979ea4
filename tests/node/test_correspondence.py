"""Letters between officers: written with a purpose, read with a trace, answered in their thread."""

from collections.abc import Callable

import pytest
from tests.node.federation import Federation, dump
from tests.node.samples import ALL_ROLES, ANNA, CENTRE, PURPOSE

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import Asker
from allpoints.ledger import audit
from allpoints.messages.letter import Draft, LetterView


def send(federation: Federation, draft: Draft, sender: str = "XAV") -> LetterView:
    node = federation.bureau(sender)
    view: LetterView = node.do(lambda: node.letters.send(ANNA, draft))
    federation.pump()
    return view


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def test_a_letter_arrives_as_it_was_written_at_each_recipient(two: Federation) -> None:
    draft = Draft(("XBM", CENTRE), "Hello", "Do you know this person?", "urgent")
    sent = send(two, draft)
    for name in ("XBM", CENTRE):
        node = two.bureau(name)
        (view,) = node.do(lambda n=node: n.letters.list_(ANNA, "inbox"))  # type: ignore[misc]
        assert (view.reference, view.sender, view.to) == (sent.reference, "XAV", ("XBM", CENTRE))
        assert (view.letter, view.priority, view.purpose) == (sent.letter, "urgent", PURPOSE)
        assert [alert.kind for alert in node.alerts.recent()] == ["message"]


def test_a_letter_needs_a_role_a_purpose_and_a_member_to_go_to(two: Federation) -> None:
    node = two.bureau("XAV")
    good = Draft(("XBM",), "Hello", "text")
    cases = {
        "NOT-ALLOWED": (Asker("b", frozenset({"border"}), PURPOSE), good),
        "NO-PURPOSE": (Asker("b", ALL_ROLES), good),
        "LETTER-UNKNOWN": (ANNA, Draft(("XAV",), "Hello", "to oneself")),
        "LETTER-REPLY": (ANNA, Draft(("XBM",), "Hello", "text", reply_to="00" * 32)),
    }
    before = dump(node.db)
    for code, (asker, draft) in cases.items():
        assert refused(lambda a=asker, d=draft: node.do(lambda: node.letters.send(a, d))) == code  # type: ignore[misc]
    assert dump(node.db) == before
    send(two, good)


def test_an_answer_names_the_letter_it_answers(two: Federation) -> None:
    first = send(two, Draft(("XBM",), "Question", "text"))
    answer = send(two, Draft(("XAV",), "Answer", "text", reply_to=first.reference), "XBM")
    node = two.bureau("XAV")
    held = node.do(lambda: node.letters.read(ANNA, answer.reference))
    assert held.letter.reply_to == first.reference


def test_reading_leaves_a_line_each_time_and_a_receipt_once(two: Federation) -> None:
    sent = send(two, Draft(("XBM",), "Hello", "text"))
    reader = two.bureau("XBM")
    for _ in range(2):
        reader.do(lambda: reader.letters.read(ANNA, sent.reference))
        two.pump()
    assert [line.event for line in audit.lines(reader.db)] == ["message:read", "message:read"]
    (view,) = two.bureau("XAV").letters.list_(ANNA, "sent")
    assert [one.kind for one in view.receipts].count("read") == 1


def test_a_letter_or_a_folder_that_is_not_there_is_said_so(two: Federation) -> None:
    node = two.bureau("XAV")
    assert refused(lambda: node.do(lambda: node.letters.read(ANNA, "00" * 32))) == "LETTER-UNKNOWN"
    assert refused(lambda: node.do(lambda: node.letters.list_(ANNA, "drafts"))) == "LETTER-FOLDER"
    asker = Asker("b", frozenset({"border"}), PURPOSE)
    assert refused(lambda: node.do(lambda: node.letters.list_(asker, "inbox"))) == "NOT-ALLOWED"
    assert node.do(lambda: node.letters.list_(ANNA, "inbox")) == []


def test_a_letter_is_listed_and_read_for_a_purpose_only(two: Federation) -> None:
    sent = send(two, Draft(("XBM",), "Hello", "text"))
    node, nosy = two.bureau("XBM"), Asker("nils", ALL_ROLES)
    before = dump(node.db)
    assert refused(lambda: node.do(lambda: node.letters.list_(nosy, "inbox"))) == "NO-PURPOSE"
    assert refused(lambda: node.do(lambda: node.letters.read(nosy, sent.reference))) == "NO-PURPOSE"
    assert dump(node.db) == before
    assert node.do(lambda: node.letters.read(ANNA, sent.reference)).letter.text == "text"


def test_one_can_write_to_every_other_member_and_to_the_secretariat(two: Federation) -> None:
    assert set(two.bureau("XAV").letters.addressees()) == {"XBM", CENTRE}
    assert set(two.centre.letters.addressees()) == {"XAV", "XBM"}
