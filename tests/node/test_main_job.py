"""The main job through all nodes: what one country enters is checked, found and answered in another."""

from tests.node.federation import Federation
from tests.node.samples import ANNA, ASKS_PASSPORT

from allpoints.border.verdict import Answer, Verdict


def test_what_one_country_enters_is_found_at_another_countrys_post_and_answered(posted: Federation) -> None:
    posted.enter()
    (answer,) = posted.check_at_post(ASKS_PASSPORT)
    assert isinstance(answer, Answer)
    assert (answer.verdict, answer.source) == (Verdict.DOCUMENT, "live")
    owner, searcher = posted.bureau("XAV"), posted.bureau("XBM")
    (hit,) = owner.hits.list_(ANNA)
    assert (hit.state, hit.side) == ("notified", "owner")
    owner.do(lambda: owner.hits.answer(ANNA, hit.hit.hit, "confirmed", "Number and holder compared."))
    posted.pump()
    for node, side in ((owner, "owner"), (searcher, "searcher"), (posted.centre, "centre")):
        (view,) = node.hits.list_(ANNA)
        assert (view.state, view.side) == ("confirmed", side)
    assert posted.post().outcomes.of(answer.check) == ("confirmed", "Number and holder compared.")
    assert posted.refusals() == {}
