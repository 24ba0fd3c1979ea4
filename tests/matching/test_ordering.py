import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from allpoints.matching.ordering import distinct_order, words

# Few different halves, so that ties in the first, the second and both halves of a key all happen.
HALVES = st.sampled_from([bytes(8), bytes(7) + b"\x01", b"\x80" + bytes(7), b"\xff" * 8])
ROWS = st.lists(st.tuples(HALVES, HALVES, st.integers(0, 2)), max_size=40)


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_rows_come_in_order_of_key_each_once_and_otherwise_as_given(
    rows: list[tuple[bytes, bytes, int]],
) -> None:
    listed = [(high + low, bytes([last]) + bytes(31)) for high, low, last in rows]
    keys = np.frombuffer(b"".join(key for key, _ in listed), np.uint8).reshape(-1, 16)
    postings = np.frombuffer(b"".join(posting for _, posting in listed), np.uint8).reshape(-1, 32)
    ordered = [listed[place] for place in distinct_order(keys, postings)]
    assert ordered == sorted(dict.fromkeys(listed), key=lambda row: row[0])


def test_words_sort_as_the_bytes_of_the_key_do() -> None:
    keys = np.frombuffer(bytes(7) + b"\x01" + b"\x02" + bytes(7), np.uint8).reshape(1, 16)
    assert words(keys).tolist() == [[1, 2 << 56]]
