"""A value made of named parts, such as a document of a person or a warrant."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import msgspec

from allpoints.ground.refusal import Fault, Refusal
from allpoints.vocabulary.types.base import FieldType, faults_of, wrong_type
from allpoints.vocabulary.types.code import Code
from allpoints.vocabulary.types.number import Boolean


class Part(msgspec.Struct, frozen=True):
    """One named part: its type, whether it must be there, and its label by language."""

    name: str
    type: FieldType
    required: bool
    label: dict[str, str]

    @property
    def default(self) -> Any:
        """What a structure holds when the part was not given."""
        return self.type.presumed if isinstance(self.type, Boolean) else self.type.absent


class Composite(FieldType, frozen=True):
    """An object with declared parts; parts that are not declared are refused."""

    struct: type[msgspec.Struct]
    parts: tuple[Part, ...]

    name: ClassVar[str] = "object"
    absent: ClassVar[Any] = None

    def clean(self, raw: object, path: str) -> Any:
        if isinstance(raw, self.struct):
            raw = {part.name: getattr(raw, part.name) for part in self.parts}
        if not isinstance(raw, Mapping):
            raise wrong_type(path, "An object", raw)
        return cleaned(self.struct, self.parts, raw, f"{path}.")

    def normal(self, value: Any) -> str:
        return "|".join(
            part.type.normal(getattr(value, part.name)) for part in self.parts if _given(value, part)
        )

    def compare(self, one: Any, other: Any) -> float:
        """The mean over the parts that both have."""
        scores = [
            part.type.compare(getattr(one, part.name), getattr(other, part.name))
            for part in self.parts
            if _given(one, part) and _given(other, part)
        ]
        return sum(scores) / len(scores) if scores else 0.0

    def caption(self, value: Any, language: str = "en") -> str:
        return ", ".join(
            part.type.caption(getattr(value, part.name), language)
            for part in self.parts
            if _given(value, part)
        )

    @property
    def examples(self) -> tuple[Any, ...]:
        return (self.struct(**{part.name: part.type.examples[0] for part in self.parts}),)

    def annotation(self) -> Any:
        return self.struct

    def schema(self) -> dict[str, Any]:
        return object_schema(self.parts)


def _given(value: Any, part: Part) -> bool:
    return bool(getattr(value, part.name) != part.type.absent)


def object_schema(parts: tuple[Part, ...]) -> dict[str, Any]:
    """The JSON Schema of an object with these parts and no others."""
    return {
        "type": "object",
        "properties": {
            part.name: {"title": part.label.get("en", part.name), **part.type.schema()} for part in parts
        },
        "required": [part.name for part in parts if part.required],
        "additionalProperties": False,
    }


def structure(name: str, parts: tuple[Part, ...]) -> type[msgspec.Struct]:
    """A frozen structure with these parts, required ones first; a default is left out of what is encoded."""
    title = "".join(word.capitalize() for word in name.replace("-", "_").split("_"))
    wanted = [(part.name, part.type.annotation()) for part in parts if part.required]
    optional = [(part.name, _optional(part), part.default) for part in parts if not part.required]
    return msgspec.defstruct(
        title, [*wanted, *optional], frozen=True, omit_defaults=True, forbid_unknown_fields=True
    )


def _optional(part: Part) -> Any:
    if part.default is None:
        return part.type.annotation() | None
    if isinstance(part.type, Code):
        return Literal[("", *part.type.terms)]
    return part.type.annotation()


def unknown_part(name: object, path: str) -> Fault:
    shown = str(name)[:80]
    return Fault(
        "FIELD-UNKNOWN",
        f"There is no field “{shown}” here.",
        f"{path}{shown}",
        "Correct the name or leave it out.",
    )


def missing_part(name: str, label: str, path: str) -> Fault:
    return Fault("FIELD-REQUIRED", f"“{label}” is missing.", f"{path}{name}", "Give a value.")


def cleaned(
    struct: type[msgspec.Struct], parts: tuple[Part, ...], raw: Mapping[Any, object], prefix: str
) -> Any:
    """The structure for ``raw``, every part cleaned; raises one ``Refusal`` with all faults."""
    known = {part.name for part in parts}
    faults = [unknown_part(name, prefix) for name in raw if name not in known]
    values: dict[str, object] = {}
    for part in parts:
        value = raw.get(part.name)
        if value is not None and value != "":
            try:
                value = part.type.clean(value, prefix + part.name)
            except Refusal as refusal:
                faults.extend(faults_of(refusal))
                continue
            if value != part.type.absent:
                values[part.name] = value
                continue
        if part.required:
            faults.append(missing_part(part.name, part.label.get("en", part.name), prefix))
    if faults:
        raise Refusal.of(faults)
    return struct(**values)
