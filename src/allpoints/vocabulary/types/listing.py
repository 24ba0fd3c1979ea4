"""Several values of one type."""

from typing import Annotated, Any, ClassVar

import msgspec

from allpoints.ground.refusal import Fault, Refusal
from allpoints.vocabulary.types.base import RAW_TEXT_LIMIT, FieldType, faults_of, too_long, wrong_type


class Listing(FieldType, frozen=True):
    """A list of at most ``most`` values of type ``of``, in the order given, no value twice."""

    of: FieldType
    most: int = 20

    name: ClassVar[str] = "list"
    absent: ClassVar[Any] = ()

    def clean(self, raw: object, path: str) -> tuple[Any, ...]:
        faults: list[Fault] = []
        found: list[Any] = []
        for position, item in enumerate(self._items(raw, path)):
            if item is None or item == "":
                continue
            try:
                value = self.of.clean(item, f"{path}[{position}]")
            except Refusal as refusal:
                faults.extend(faults_of(refusal))
                continue
            if value != self.of.absent and value not in found:
                found.append(value)
        if faults:
            raise Refusal.of(faults)
        return tuple(found)

    def _items(self, raw: object, path: str) -> list[Any] | tuple[Any, ...]:
        if isinstance(raw, str):
            if len(raw) > RAW_TEXT_LIMIT:
                raise too_long(path, RAW_TEXT_LIMIT)
            raw = [part.strip() for part in raw.split(self.of.separator, self.most + 1)]
        if not isinstance(raw, list | tuple):
            raise wrong_type(path, "A list", raw)
        if len(raw) > self.most:
            raise Refusal(
                "LIST-LONG", f"At most {self.most} values are allowed.", path=path, hint="Give fewer."
            )
        return raw

    def normal(self, value: tuple[Any, ...]) -> str:
        return self.of.separator.join(sorted(self.of.normal(item) for item in value))

    def compare(self, one: tuple[Any, ...], other: tuple[Any, ...]) -> float:
        """The best pair: one shared nationality, alias or document is what matters."""
        return max((self.of.compare(left, right) for left in one for right in other), default=0.0)

    def caption(self, value: tuple[Any, ...], language: str = "en") -> str:
        return "; ".join(self.of.caption(item, language) for item in value)

    @property
    def examples(self) -> tuple[tuple[Any, ...], ...]:
        return (self.of.examples[: self.most],)

    def annotation(self) -> Any:
        item: Any = self.of.annotation()
        listed: Any = tuple.__class_getitem__((item, ...))
        return Annotated[listed, msgspec.Meta(max_length=self.most)]

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.of.schema(), "maxItems": self.most}


def element_of(kind: FieldType) -> FieldType:
    """The type of one value: a list's elements, or the type itself."""
    return kind.of if isinstance(kind, Listing) else kind
