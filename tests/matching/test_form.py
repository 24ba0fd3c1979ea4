import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.matching import form as forms
from allpoints.matching.form import Form
from allpoints.matching.ordering import Rows

BYTES = st.sampled_from([0, 1, 2, 255])
POSTINGS = st.lists(st.lists(BYTES, min_size=32, max_size=32).map(bytes), max_size=12)
ALIKE = st.tuples(st.binary(min_size=32, max_size=32), POSTINGS, st.integers(16, 31)).map(
    lambda given: [given[0][: given[2]] + one[given[2] :] for one in given[1]]
)


def rows(listed: list[bytes]) -> Rows:
    return np.frombuffer(b"".join(listed), np.uint8).reshape(-1, 32)


@given(st.one_of(POSTINGS, ALIKE))
@settings(max_examples=200, deadline=None)
def test_postings_come_back_from_their_form_one_by_one_and_together(listed: list[bytes]) -> None:
    form = Form.of(rows(listed))
    encoded = form.encode(rows(listed))
    assert encoded.shape == (len(listed), form.row_bytes)
    assert form.decode(encoded).tobytes() == b"".join(listed)
    decoded = form.decoder()
    assert [decoded(row.tobytes()) for row in encoded] == listed


@given(POSTINGS, POSTINGS)
@settings(max_examples=100, deadline=None)
def test_a_joined_form_holds_what_each_of_its_forms_holds(one: list[bytes], other: list[bytes]) -> None:
    joined = Form.joined([Form.of(rows(one)), Form.of(rows(other)), Form.of(rows([]))])
    together = rows(one + other)
    assert joined == Form.of(together)
    assert joined.decode(joined.encode(together)).tobytes() == together.tobytes()


def test_what_all_postings_share_is_not_written_again() -> None:
    posting = b"r" * 16 + bytes((1, 2, 3, 4, 5, 6)) + b"\x01\x02XAV" + b"\x00\x00\x01" + bytes(2)
    assert Form.of(rows([posting])).row_bytes == 16
    later = posting[:20] + b"\x07\x08" + posting[22:]
    assert Form.of(rows([posting, later])).row_bytes == 18
    elsewhere = posting[:24] + b"XBM" + posting[27:]
    assert Form.of(rows([posting, elsewhere])).row_bytes == 17


def test_a_posting_of_another_form_is_refused_and_one_of_the_form_is_taken() -> None:
    posting = bytes(16) + bytes(range(6)) + b"\x01\x02XAV" + b"\x00\x00\x01" + bytes(2)
    form = Form.of(rows([posting]))
    assert form.encode(rows([posting])).shape == (1, 16)
    for place in (16, 21, 22, 26, 27, 29, 30, 31):
        other = posting[:place] + bytes([posting[place] ^ 1]) + posting[place + 1 :]
        with pytest.raises(Refusal) as refused:
            form.encode(rows([other]))
        assert refused.value.code == "SEGMENT-FORM"


def test_more_kinds_than_a_segment_lists_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "KINDS_LIMIT", 2)
    listed = [bytes(22) + bytes([kind]) + bytes(9) for kind in range(3)]
    assert len(Form.of(rows(listed[:2])).kinds) == 2
    with pytest.raises(Refusal) as refused:
        Form.of(rows(listed))
    assert refused.value.code == "SEGMENT-KINDS"


@pytest.mark.parametrize(("kinds", "width"), [(1, 0), (2, 1), (256, 1), (257, 2), (65_537, 3)])
def test_a_kind_has_the_shortest_number_that_tells_it_apart(kinds: int, width: int) -> None:
    numbers = tuple(number.to_bytes(7, "big") for number in range(kinds))
    assert Form(bytes(6), bytes(3), numbers).code_bytes == width
