"""Strict reading of the fields of a decoded value: the right kind, the right size, or a refusal with the path."""

from typing import Any

from allpoints.ground.refusal import Refusal

TEXT_LIMIT_CHARACTERS = 64
TIME_LIMIT_MS = 2**53
"""Whole numbers above this are not the same number in every program."""


class Fields:
    """Reads fields and refuses with one code, naming the path of what is wrong."""

    def __init__(self, code: str) -> None:
        self._code = code

    def refuse(self, path: str, sentence: str) -> Refusal:
        return Refusal(self._code, sentence, path=path, status=400)

    def array(self, value: Any, size: int, path: str = "") -> list[Any]:
        if type(value) is not list or len(value) != size:
            raise self.refuse(path, f"Here stands an array of {size}.")
        return value

    def mapping(self, value: Any, path: str) -> dict[Any, Any]:
        if type(value) is not dict:
            raise self.refuse(path, "Here stands a map.")
        return value

    def listed(self, value: Any, path: str, limit: int) -> list[Any]:
        if type(value) is not list or not 0 < len(value) <= limit:
            raise self.refuse(path, f"Here stands a list of 1 to {limit}.")
        return value

    def data(self, value: Any, path: str, *, size: int | None = None, limit: int | None = None) -> bytes:
        if type(value) is not bytes:
            raise self.refuse(path, "Here stands a byte string.")
        if size is not None and len(value) != size:
            raise self.refuse(path, f"Here stand {size} bytes, not {len(value)}.")
        if limit is not None and len(value) > limit:
            raise self.refuse(path, f"Here stand at most {limit} bytes, not {len(value)}.")
        return value

    def text(self, value: Any, path: str, *, empty: bool = False) -> str:
        if type(value) is not str or len(value) > TEXT_LIMIT_CHARACTERS or not value.isprintable():
            raise self.refuse(
                path, f"Here stands a printable text of at most {TEXT_LIMIT_CHARACTERS} characters."
            )
        if not value and not empty:
            raise self.refuse(path, "This text may not be empty.")
        return value

    def number(self, value: Any, path: str, *, below: int = TIME_LIMIT_MS) -> int:
        if type(value) is not int or not 0 <= value < below:
            raise self.refuse(path, f"Here stands a whole number from 0 to {below - 1}.")
        return value
