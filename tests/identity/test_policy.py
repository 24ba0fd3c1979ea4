"""Decisions: the role first, then the purpose, then the rest; the same question once; a bureau's own rules narrow."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import FRESH_MS, ROLES, Asker
from allpoints.identity.policy import Act, Around, could, decide, require, require_could
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.policy_set import load_policies
from allpoints.vocabulary.register import Vocabulary

DESK = Asker("dana", frozenset({"desk"}), "border-control", "C-1")
NOSY = Asker("dana", frozenset({"desk"}))
FRESH = Around(fresh=True)
ABOUT_REGISTERS = {Act.KNOW_REGISTER, Act.READ_REGISTER}
NO_EXPORTS = """
@id("no-exports-for-dana")
@says("Dana exports nothing.")
forbid (principal == Officer::"dana", action == Action::"export-records", resource);
"""


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return load()


def code(words: Vocabulary, asker: Asker, act: Act) -> str:
    try:
        require(words, asker, act)
    except Refusal as refusal:
        return f"{refusal.status} {refusal.code}"
    return ""


def test_the_role_comes_before_the_purpose(words: Vocabulary) -> None:
    assert code(words, DESK, Act.SEARCH) == ""
    assert code(words, NOSY, Act.SEARCH) == "403 NO-PURPOSE"
    assert code(words, Asker("rita", frozenset({"reviewer"})), Act.SEARCH) == "403 NOT-ALLOWED"
    assert code(words, Asker("nobody", frozenset(), "border-control"), Act.SEARCH) == "403 NOT-ALLOWED"


def test_a_refusal_says_for_whom_it_is_and_which_purpose_is_missing(words: Vocabulary) -> None:
    refused = decide(words, Asker("rita", frozenset({"reviewer"})), Act.SEARCH).refusal()
    assert refused.problem().detail == "This is for officers with the role desk or command."
    for purpose, sentence in (
        ("", "A question states its purpose."),
        ("curiosity", "This purpose is not known."),
    ):
        refused = decide(words, Asker("dana", frozenset({"desk"}), purpose), Act.SEARCH).refusal()
        assert (refused.problem().detail, refused.path) == (sentence, "purpose")


def test_a_form_is_offered_before_a_purpose_is_stated_and_to_nobody_else(words: Vocabulary) -> None:
    assert could(words, NOSY, Act.SEARCH)
    require_could(words, NOSY, Act.SEARCH)
    rita = Asker("rita", frozenset({"reviewer"}), "border-control")
    assert not could(words, rita, Act.SEARCH)
    with pytest.raises(Refusal) as refused:
        require_could(words, rita, Act.SEARCH)
    assert refused.value.code == "NOT-ALLOWED"


def test_an_act_that_needs_a_fresh_proof_is_refused_after_role_and_purpose(words: Vocabulary) -> None:
    person = Asker("dana", frozenset({"desk"}), "border-control", "C-1", verified_ms=1_000)
    policy.require_proved(words, person, Act.EXPORT, 1_000 + FRESH_MS - 1)
    for asker, expected in (
        (person, "VERIFY-AGAIN"),
        (Asker("dana", frozenset({"desk"})), "NO-PURPOSE"),
        (Asker("rita", frozenset({"reviewer"}), "border-control"), "NOT-ALLOWED"),
    ):
        with pytest.raises(Refusal) as refused:
            policy.require_proved(words, asker, Act.EXPORT, 1_000 + FRESH_MS)
        assert (refused.value.code, refused.value.status) == (expected, 403)
    assert could(words, person, Act.EXPORT)


@pytest.mark.parametrize(
    ("act", "role", "permission"),
    [
        (Act.EXPORT, "desk", "export"),
        (Act.CHANGE_OFFICERS, "administrator", "administer"),
        (Act.CHANGE_ACCOUNT, "desk", ""),
        (Act.OPEN_EMERGENCY, "desk", ""),
    ],
)
def test_a_token_stands_for_a_proof_only_where_it_was_made_for_the_act(
    words: Vocabulary, act: Act, role: str, permission: str
) -> None:
    for may in ({"export"}, {"administer"}, {"export", "administer"}, set[str]()):
        asker = Asker("p", frozenset({role}), "border-control", "C-1", may=frozenset(may))
        if permission and permission in may:
            policy.require_proved(words, asker, act, 10 * FRESH_MS)
            continue
        with pytest.raises(Refusal) as refused:
            policy.require_proved(words, asker, act, 10 * FRESH_MS)
        assert refused.value.code == "VERIFY-AGAIN"
        assert (f"--may {permission}" in refused.value.hint) is bool(permission)


def test_measures_are_ordered_at_the_secretariat_alone(words: Vocabulary) -> None:
    adam = Asker("adam", frozenset({"administrator"}))
    require(words, adam, Act.ORDER_MEASURE, Around(central=True))
    assert code(words, adam, Act.ORDER_MEASURE) == "403 NOT-SECRETARIAT"


def test_a_post_passes_on_checks_and_nothing_else(words: Vocabulary) -> None:
    at_post = DESK.at_post("XAV/post-1")
    assert code(words, at_post, Act.CHECK) == ""
    for act in set(Act) - {Act.CHECK} - ABOUT_REGISTERS:
        assert code(words, at_post, act) in {"403 FORBIDDEN", "403 NOT-ALLOWED"}


def test_an_outsider_says_why_it_asks(words: Vocabulary) -> None:
    assert code(words, Asker("gil", frozenset({"outsider"}), case="Offered to us"), Act.SEARCH_OUTSIDE) == ""
    assert code(words, Asker("gil", frozenset({"outsider"}), case=" "), Act.SEARCH_OUTSIDE) == "403 NO-REASON"


@settings(deadline=None)
@given(st.sampled_from(sorted(set(Act) - ABOUT_REGISTERS)), st.sets(st.sampled_from(ROLES)), st.booleans())
def test_more_roles_never_allow_less_unless_one_is_an_outsiders(
    words: Vocabulary, act: Act, roles: set[str], purpose: bool
) -> None:
    roles -= {"outsider"}
    stated = "border-control" if purpose else ""
    each = [decide(words, Asker("dana", frozenset({role}), stated), act).allowed for role in roles]
    assert decide(words, Asker("dana", frozenset(roles), stated), act).allowed == any(each)
    outside = decide(words, Asker("gil", frozenset(roles | {"outsider"}), stated, "why"), act)
    assert outside.allowed == (act is Act.SEARCH_OUTSIDE)


def test_a_bureaus_own_rule_narrows_for_one_officer_and_is_named(tmp_path: Path, words: Vocabulary) -> None:
    (tmp_path / "ours.cedar").write_text(NO_EXPORTS)
    narrowed = load(policies=load_policies([tmp_path]))
    decision = decide(narrowed, DESK, Act.EXPORT, None, FRESH)
    assert (decision.allowed, decision.rules, decision.sentence) == (
        False,
        ("no-exports-for-dana",),
        "Dana exports nothing.",
    )
    assert (decision.refusal().code, "no-exports-for-dana" in str(decision.refusal().problem().hint)) == (
        "FORBIDDEN",
        True,
    )
    assert decide(words, DESK, Act.EXPORT, None, FRESH).allowed
    other = Asker("otto", frozenset({"desk"}), "border-control")
    assert decide(narrowed, other, Act.EXPORT, None, FRESH).allowed


def test_a_purpose_that_is_missing_is_said_before_a_bureaus_own_rule(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text(NO_EXPORTS)
    assert code(load(policies=load_policies([tmp_path])), NOSY, Act.EXPORT) == "403 NO-PURPOSE"


def test_a_decision_is_made_once_and_anew_when_anything_it_follows_from_changes(words: Vocabulary) -> None:
    policy._decided.cache_clear()
    for _ in range(3):
        decide(words, DESK, Act.SEARCH)
    assert policy._decided.cache_info().misses == 1
    decide(words, Asker("dana", frozenset({"desk", "command"}), "border-control", "C-1"), Act.SEARCH)
    decide(words, NOSY, Act.SEARCH)
    decide(load(), DESK, Act.SEARCH)
    assert policy._decided.cache_info().misses == 4


def test_no_more_decisions_are_kept_than_the_limit(words: Vocabulary) -> None:
    policy._decided.cache_clear()
    assert policy._decided.cache_info().maxsize == policy.REMEMBERED
    require(words, DESK, Act.SEARCH)
    assert policy._decided.cache_info().currsize == 1


def test_a_rule_that_cannot_be_worked_out_lets_nobody_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overflow = NO_EXPORTS.replace(
        "resource);", "resource) when { 9223372036854775807 * 2 > (if context.own then 1 else 2) };"
    )
    (tmp_path / "ours.cedar").write_text(overflow)
    broken = load(policies=load_policies([tmp_path]))
    with pytest.raises(Refusal) as refused:
        require(broken, DESK, Act.EXPORT)
    assert (refused.value.code, refused.value.status) == ("POLICY-BROKEN", 500)
