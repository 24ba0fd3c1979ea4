"""One flat row of numbers, texts and byte strings as canonical CBOR: the form of all that is signed here."""

from collections.abc import Sequence
from typing import Any

import cbor2

from allpoints.ground.refusal import Refusal

FIELDS_LIMIT = 23
_KINDS = {0: int, 2: bytes, 3: str}
_EXTENSION_BYTES = {24: 1, 25: 2, 26: 4, 27: 8}


def encode(*fields: int | str | bytes) -> bytes:
    """The canonical bytes of a row (at most 23 fields, numbers not negative)."""
    return cbor2.dumps(list(fields), canonical=True)


def decode(data: bytes, kinds: Sequence[type], *, what: str, limit: int) -> list[Any]:
    """Read a row whose fields have exactly these kinds; anything else is ``<WHAT>-UNREADABLE``.

    Only the bytes that ``encode`` would have written are read: shortest lengths, no tags, nothing after the end.
    """
    code = f"{what.upper().replace(' ', '-')}-UNREADABLE"
    if len(data) > limit:
        raise Refusal(code, f"The {what} has {len(data)} bytes; the limit is {limit}.", status=413)
    if data[:1] != bytes((0x80 | len(kinds),)):
        raise Refusal(code, f"This is no {what} of a version this program knows.", status=400)
    fields: list[Any] = []
    position = 1
    for index, kind in enumerate(kinds):
        try:
            value, position = _field(data, position)
        except (ValueError, IndexError) as error:
            raise Refusal(
                code, f"Field {index} of the {what} cannot be read.", path=f"[{index}]", status=400
            ) from error
        if type(value) is not kind:
            raise Refusal(
                code, f"Field {index} of the {what} has the wrong kind.", path=f"[{index}]", status=400
            )
        fields.append(value)
    if position != len(data):
        raise Refusal(code, f"There is something after the end of the {what}.", status=400)
    return fields


def _field(data: bytes, position: int) -> tuple[int | str | bytes, int]:
    major, low = divmod(data[position], 32)
    position += 1
    kind = _KINDS.get(major)
    size = _EXTENSION_BYTES.get(low, 0)
    if kind is None or (low > 23 and not size) or position + size > len(data):
        raise ValueError("not a number, text or byte string")
    argument = int.from_bytes(data[position : position + size], "big") if size else low
    if size and argument < (24 if size == 1 else 1 << (4 * size)):
        raise ValueError("not the shortest form")
    position += size
    if kind is int:
        return argument, position
    end = position + argument
    if end > len(data):
        raise ValueError("cut off")
    value = data[position:end]
    return (value if kind is bytes else value.decode("utf-8")), end
