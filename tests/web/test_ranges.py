"""What a Range header asks for: one part that is in the file, or the whole, or a refusal; never bytes beyond."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.ground.refusal import Refusal
from allpoints.web.ranges import Wanted, wanted

NUMBERS = st.integers(0, 200)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-", Wanted(0, 100, whole=False)),
        ("bytes=40-", Wanted(40, 100, whole=False)),
        ("bytes=99-", Wanted(99, 100, whole=False)),
        ("bytes=10-19", Wanted(10, 20, whole=False)),
        ("bytes=10-10", Wanted(10, 11, whole=False)),
        ("bytes=10-400", Wanted(10, 100, whole=False)),
        ("bytes=-1", Wanted(99, 100, whole=False)),
        ("bytes=-400", Wanted(0, 100, whole=False)),
        *(
            (header, Wanted(0, 100, whole=True))
            for header in ("", "bytes=", "bytes=-", "bytes=20-10", "bytes=0-1,5-6", "lines=1-2", "bytes=+1-2")
        ),
        ("bytes=" + "9" * 40 + "-", Wanted(0, 100, whole=True)),
        ("bytes=\u0661-", Wanted(0, 100, whole=True)),
    ],
)
def test_one_range_is_understood_and_all_else_asks_for_the_whole(header: str, expected: Wanted) -> None:
    assert wanted(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=999999-"])
def test_a_range_behind_the_end_is_refused(header: str) -> None:
    with pytest.raises(Refusal) as refused:
        wanted(header, 100)
    assert (refused.value.code, refused.value.status) == ("NO-SUCH-RANGE", 416)


@given(first=NUMBERS, last=st.none() | NUMBERS, size=st.integers(1, 150))
def test_what_is_wanted_lies_in_the_file(first: int, last: int | None, size: int) -> None:
    try:
        found = wanted(f"bytes={first}-{'' if last is None else last}", size)
    except Refusal:
        assert first >= size
    else:
        assert 0 <= found.start < found.end <= size
        assert found.whole or found.start == first
