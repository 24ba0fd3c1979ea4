import pytest

from allpoints.ground.refusal import Refusal
from allpoints.sealing.at_rest import open_at_rest, seal_at_rest

KEY = bytes(range(32))


def test_what_is_kept_opens_with_its_key_at_its_place_and_nowhere_else() -> None:
    sealed = seal_at_rest(KEY, b"letters/aa", b"words")
    assert open_at_rest(KEY, b"letters/aa", sealed) == b"words"
    assert b"words" not in sealed
    for key, place, data in (
        (bytes(32), b"letters/aa", sealed),
        (KEY, b"letters/bb", sealed),
        (KEY, b"letters/aa", sealed[:-1]),
    ):
        with pytest.raises(Refusal) as refused:
            open_at_rest(key, place, data)
        assert refused.value.code == "CANNOT-OPEN"
