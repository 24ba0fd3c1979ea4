from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.identity.names import ROLES, check_label, check_node, member_of

GOOD = [
    ("XSC", "secretariat", "XSC"),
    ("XSC/relay", "relay", "XSC"),
    ("XAV", "bureau", "XAV"),
    ("XBM/post-1", "post", "XBM"),
    ("XBM/7", "post", "XBM"),
]
BAD = [
    ("xav", "bureau", "xav"),
    ("XAV", "bureau", "XBM"),
    ("XAV/post-1", "bureau", "XAV"),
    ("XAV", "post", "XAV"),
    ("XAV/", "post", "XAV"),
    ("XAV/relay", "post", "XAV"),
    ("XSC/post-1", "relay", "XSC"),
    ("XAV/Post", "post", "XAV"),
    ("XAV/-a", "post", "XAV"),
    ("XAV/a-", "post", "XAV"),
    ("XAV/a/b", "post", "XAV"),
    ("XBM/post-1", "post", "XAV"),
    ("XAV/" + "a" * 33, "post", "XAV"),
    ("XAV\n", "bureau", "XAV\n"),
    ("XÄV", "bureau", "XÄV"),
    ("XAV", "king", "XAV"),
]


@pytest.mark.parametrize(("name", "role", "member"), GOOD)
def test_a_name_that_fits_its_role_is_taken(name: str, role: str, member: str) -> None:
    check_node(name, role, member)
    assert member_of(name) == member


@pytest.mark.parametrize(("name", "role", "member"), BAD)
def test_a_name_that_does_not_fit_its_role_is_refused(name: str, role: str, member: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_node(name, role, member)
    assert refused.value.code in {"BAD-NAME", "BAD-ROLE"}


@settings(max_examples=60, deadline=None)
@given(name=st.text(max_size=40), role=st.sampled_from(ROLES))
def test_arbitrary_names_are_taken_or_refused(name: str, role: str) -> None:
    with suppress(Refusal):
        check_node(name, role, name[:3])


@pytest.mark.parametrize("label", ["", " Arvandia", "Arvandia ", "a\nb", "a\u202eb", "x" * 101, "\ud800"])
def test_a_label_that_could_deceive_is_refused(label: str) -> None:
    assert check_label("Bureau nationale d’Arvandie") == "Bureau nationale d’Arvandie"
    with pytest.raises(Refusal) as refused:
        check_label(label)
    assert refused.value.code == "BAD-LABEL"
