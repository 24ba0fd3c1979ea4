"""A post that was lost is withdrawn: nothing it signs counts from then on, and it forgets its extract when it calls."""

import pytest
from tests.node.federation import Federation
from tests.node.samples import ANNA, ASKS_PASSPORT, POST, post_certificate

from allpoints.border.verdict import Answer, Verdict
from allpoints.ground.clock import DAY, HOUR
from allpoints.ground.refusal import Refusal
from allpoints.identity import sessions
from allpoints.identity.officers import Asker, add_officer
from allpoints.ledger import audit
from allpoints.node import frames

OTHER = "XBM/post-2"


@pytest.fixture
def carried(posted: Federation) -> Federation:
    """Two posts of Belmora that carry the stolen passport in their extracts."""
    posted.add_post(OTHER)
    posted.enter()
    for _ in range(2):
        posted.tick()
    return posted


def withdraw(world: Federation, name: str = POST, asker: Asker = ANNA) -> list[str]:
    """Withdraw a post; gives whose lines ended."""
    bureau, ended = world.bureau("XBM"), list[str]()
    bureau.network.on_withdrawn = ended.append
    bureau.do(lambda: bureau.network.withdraw_post(asker, name, "Stolen from a car"))
    world.wire.queue.clear()
    return ended


def tokens(world: Federation, name: str = POST) -> int:
    return int(world.post(name).db.execute("SELECT count(*) FROM post_extract").fetchone()[0])


def test_a_withdrawn_post_is_answered_nothing_and_others_go_on(carried: Federation) -> None:
    assert withdraw(carried) == [POST]
    bureau = carried.bureau("XBM")
    assert [one.name for one in bureau.posts.list_()] == [OTHER]
    assert bureau.posts.certificate(POST) is None
    assert audit.lines(bureau.db)[-1].event == "post:withdrawn"
    carried.post().do(lambda: carried.post().check(ANNA, ASKS_PASSPORT, lambda _answer: None))
    before = len(carried.wire.seen)
    carried.pump()
    answers = [one.frame for one in carried.wire.seen[before:] if one.to == POST]
    assert {type(one) for one in answers} == {frames.Word}
    assert bureau.hits.list_(ANNA) == []
    (shown,) = carried.check_at_post(ASKS_PASSPORT, OTHER)
    assert isinstance(shown, Answer)
    assert shown.verdict == Verdict.DOCUMENT


def test_it_forgets_its_extract_and_its_sessions_when_it_next_calls(carried: Federation) -> None:
    carried.disconnect(POST)
    post = carried.post()
    post.do(lambda: add_officer(post.db, "boris", ("border",), carried.clock.now()))
    post.do(lambda: sessions.begin(post.db, "boris", "password", carried.clock.now()))
    withdraw(carried)
    carried.tick(HOUR)
    # Until it calls it can be asked: who stole it can keep it from calling, for as long as the extract lasts.
    (alone,) = carried.check_at_post(ASKS_PASSPORT)
    assert isinstance(alone, Answer)
    assert alone.verdict == Verdict.DOCUMENT
    assert tokens(carried)
    assert carried.bureau("XBM").posts.withdrawn.list_()[0].wiped_ms == 0
    key = post.extract.key
    carried.connect(POST)
    assert tokens(carried) == 0
    assert post.db.execute("SELECT count(*) FROM office_sessions").fetchone() == (0,)
    shown: list[Answer | Refusal] = []
    post.do(lambda: post.check(ANNA, ASKS_PASSPORT, shown.append))
    carried.tick()
    (after,) = shown
    assert isinstance(after, Answer)
    assert after.verdict == Verdict.UNABLE
    assert carried.bureau("XBM").posts.withdrawn.list_()[0].wiped_ms
    files = [one.read_bytes() for one in (carried.folder / POST.replace("/", "-")).glob("node.sqlite*")]
    assert files
    assert not any(key in data for data in files)
    assert carried.post(OTHER).extract.key == key
    carried.restart(POST)
    assert tokens(carried) == 0
    assert "withdrawn by its bureau" in carried.post().alerts.recent()[0].title


def test_what_it_did_alone_is_believed_no_more(carried: Federation) -> None:
    carried.disconnect(POST)
    carried.check_at_post(ASKS_PASSPORT)
    withdraw(carried)
    carried.connect(POST)
    carried.tick(5_000)
    bureau = carried.bureau("XBM")
    assert bureau.hits.list_(ANNA) == []
    assert "check:told" not in [line.event for line in audit.lines(bureau.db)]


def test_only_an_administrator_of_its_bureau_withdraws_a_post_that_there_is(carried: Federation) -> None:
    desk = Asker("dora", frozenset({"desk"}), ANNA.purpose, ANNA.case)
    for name, asker, code in ((POST, desk, "NOT-ALLOWED"), ("XBM/post-9", ANNA, "POST-UNKNOWN")):
        with pytest.raises(Refusal) as caught:
            withdraw(carried, name, asker)
        assert caught.value.code == code
    assert [one.name for one in carried.bureau("XBM").posts.list_()] == [POST, OTHER]
    withdraw(carried)
    with pytest.raises(Refusal):
        withdraw(carried)


def test_another_device_may_come_under_its_name_and_ended_certificates_are_forgotten(
    carried: Federation,
) -> None:
    withdraw(carried)
    bureau = carried.bureau("XBM")
    assert bureau.posts.withdrawn.knows(post_certificate(POST))
    assert not bureau.posts.withdrawn.knows(post_certificate(OTHER))
    bureau.do(lambda: bureau.posts.admit(post_certificate(POST), carried.clock.now()))
    bureau.do(lambda: bureau.posts.withdrawn.admitted_again(POST))
    assert not bureau.posts.withdrawn.knows(post_certificate(POST))
    carried.restart(POST)
    carried.tick()
    (shown,) = carried.check_at_post(ASKS_PASSPORT)
    assert isinstance(shown, Answer)
    assert shown.verdict == Verdict.DOCUMENT
    withdraw(carried)
    carried.clock.now_ms += 31 * DAY
    withdraw(carried, OTHER)
    assert [one.name for one in bureau.posts.withdrawn.list_()] == [OTHER]
