"""The forms of a batch of checks, and what becomes of one that takes too long."""

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.border.question import Question
from allpoints.ground.refusal import Refusal
from allpoints.web import batches
from allpoints.web.batches import Item, answered, is_packed, read, written

questions = st.lists(
    st.builds(Question, mrz=st.text(max_size=20), number=st.text(max_size=5), issuer=st.text(max_size=3)),
    min_size=1,
    max_size=5,
)


@given(many=questions)
def test_questions_are_read_in_order_in_either_form(many: list[Question]) -> None:
    lines = b"\n".join(map(msgspec.json.encode, many))
    assert read(lines, packed=False) == many
    assert read(lines + b"\r\n\n", packed=False) == many
    assert read(msgspec.msgpack.encode(many), packed=True) == many


@given(data=st.binary(max_size=60), packed=st.booleans())
def test_whatever_comes_is_questions_and_refusals_or_refused(data: bytes, *, packed: bool) -> None:
    try:
        items = read(data, packed=packed)
    except Refusal:
        return
    assert items
    assert all(isinstance(one, Question | Refusal) for one in items)


def test_what_answers_are_written_as_is_read_back_in_either_form() -> None:
    bodies = [b'{"check":"a"}', b'{"code":"B"}']
    assert written(bodies, packed=False) == b'{"check":"a"}\n{"code":"B"}\n'
    assert msgspec.msgpack.decode(written(bodies, packed=True)) == [{"check": "a"}, {"code": "B"}]


@pytest.mark.parametrize(
    ("given_type", "packed"),
    [
        (b"application/msgpack", True),
        (b"Application/MsgPack; charset=x", True),
        (b"application/jsonl", False),
        (b"", False),
    ],
)
def test_the_content_type_says_which_form_it_is(given_type: bytes, *, packed: bool) -> None:
    assert is_packed([(b"host", b"x"), (b"content-type", given_type)]) is packed


def test_what_is_not_answered_in_time_is_said_not_to_have_been_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = Refusal("CHECK-UNABLE", "Could not be checked.", status=503)
    items: list[Item] = [Question(number=str(at)) for at in range(2 * batches.SLICE + 1)]

    async def slow(part: object) -> list[bytes]:
        monkeypatch.setattr(batches, "BATCH_SECONDS", -1.0)
        assert isinstance(part, list)
        return [b"{}"] * len(part)

    whole = asyncio.run(answered(items, slow, late))
    assert whole == [b"{}"] * len(items)
    none = asyncio.run(answered(items, slow, late))
    assert [msgspec.json.decode(one)["code"] for one in none] == ["CHECK-UNABLE"] * len(items)
