"""Who sees which register, whoever asks; and that what is closed is in every answer what never was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.registers import readers
from tests.registers.readers import ANALYST, CLOSED, OPEN, PLAIN, thing

from allpoints.ground.refusal import Refusal
from allpoints.identity.officers import ROLES, Asker
from allpoints.registers.visibility import (
    certifiable,
    is_public,
    known,
    known_register,
    may_read,
    public_body,
    public_fields,
    readable,
)
from allpoints.vocabulary.register import Vocabulary

UNCERTIFIED = Asker("anna", frozenset({"reviewer"}))
CERTIFIED = Asker("anna", frozenset({"reviewer"}), certified=frozenset({CLOSED, "gone"}))


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    return readers.words(tmp_path_factory.mktemp("readers"))


def seen(words: Vocabulary, roles: set[str], certified: set[str]) -> set[str]:
    names = words.register_names()
    asker = Asker("anna", frozenset(roles), certified=frozenset(certified))
    return {names[code] for code in readable(words, asker)} & {
        PLAIN,
        CLOSED,
        OPEN,
        ANALYST,
    }


def test_each_kind_of_readers_sees_its_registers_and_no_other(words: Vocabulary) -> None:
    for role in ("desk", "command"):
        assert seen(words, {role}, set()) == {PLAIN, OPEN, ANALYST}
        assert seen(words, {role}, {CLOSED}) == {PLAIN, OPEN, ANALYST, CLOSED}
    for role in ("border", "reviewer", "administrator"):
        assert seen(words, {role}, {CLOSED}) == set()
    assert seen(words, {"outsider"}, set()) == seen(words, {"outsider"}, {CLOSED}) == {OPEN}
    assert seen(words, set(), {CLOSED}) == set()


@given(
    st.sets(st.sampled_from(ROLES)),
    st.sets(st.sampled_from((PLAIN, CLOSED, OPEN, "gone"))),
)
def test_a_closed_register_is_seen_by_certified_officers_of_desks_alone(
    words: Vocabulary, roles: set[str], certified: set[str]
) -> None:
    desk = bool(roles & {"desk", "command"}) and "outsider" not in roles
    assert (CLOSED in seen(words, roles, certified)) == (desk and CLOSED in certified)
    assert (PLAIN in seen(words, roles, certified)) == desk


def test_figures_and_declarations_of_a_closed_register_are_told_to_the_certified_alone(
    words: Vocabulary,
) -> None:
    assert CLOSED in certifiable(words)
    assert set(words.registers) - set(known(words, UNCERTIFIED)) == set(certifiable(words))
    assert set(known(words, CERTIFIED)) - set(known(words, UNCERTIFIED)) == {CLOSED}


def test_a_closed_register_is_refused_as_one_that_never_was(words: Vocabulary) -> None:
    refusals = []
    for name in (CLOSED, "never-things"):
        with pytest.raises(Refusal) as refused:
            known_register(words, UNCERTIFIED, name)
        problem = refused.value.problem()
        refusals.append((problem.detail.replace(name, "…"), problem.hint, problem.code, problem.status))
    assert refusals[0] == refusals[1]
    assert CLOSED not in refusals[0][1]
    assert known_register(words, CERTIFIED, CLOSED).name == CLOSED


def test_a_record_in_a_closed_register_is_refused_as_one_that_never_was(words: Vocabulary) -> None:
    desk = Asker("anna", frozenset({"desk"}))
    may_read(words, desk, words.registers[PLAIN].code)
    problems = []
    for code in (words.registers[CLOSED].code, None, 255):
        with pytest.raises(Refusal) as refused:
            may_read(words, desk, code)
        problems.append(refused.value.problem())
    assert problems[0] == problems[1] == problems[2]
    may_read(
        words, Asker("anna", frozenset({"desk"}), certified=frozenset({CLOSED})), words.registers[CLOSED].code
    )


def test_only_public_fields_of_an_open_register_are_for_outsiders(words: Vocabulary) -> None:
    assert public_fields(words.registers[OPEN]) == {"title", "kind", "tag"}
    assert public_fields(words.registers[PLAIN]) == public_fields(words.registers[CLOSED]) == frozenset()


@given(
    st.sets(st.sampled_from(("maker", "keeper", "story", "hidden_tag", "paper", "country", "tag", "kind")))
)
def test_what_is_public_of_a_body_is_all_that_captions_keys_words_and_facets_say(
    words: Vocabulary, left_out: set[str]
) -> None:
    register = words.registers[OPEN]
    raw = {name: value for name, value in thing("a").items() if name not in left_out}
    body = register.clean(raw)
    shown = public_body(register, body)
    said = repr(
        (
            register.caption(shown),
            register.describe(shown),
            register.keys(shown),
            register.partials(shown),
            register.names(shown),
            register.words(shown),
            register.facets(shown),
        )
    ).casefold()
    for hidden in ("osric", "sundvik", "cabinet", "hid98765", "pp0001000", "xav"):
        assert hidden not in said
    assert "quillfeather" in said
    assert ("av12345" in said) == ("tag" not in left_out)
    assert public_body(register, shown) == shown


def test_a_record_that_is_handled_with_more_care_than_the_least_is_not_public(words: Vocabulary) -> None:
    lowest, *others = words.handling
    assert is_public(words, lowest)
    assert others
    assert not any(is_public(words, one) for one in others)
    assert not is_public(words, "")
