"""One mapping of a file into one structure, with every fault in it and not only the first."""

import re
from typing import Any, TypeVar

import msgspec

from allpoints.ground.refusal import Fault
from allpoints.vocabulary.declaration import LANGUAGES, MAIN_LANGUAGE
from allpoints.vocabulary.reading import Said, Where

T = TypeVar("T", bound=msgspec.Struct)

_PATH = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_LABELLED = ("label", "plural", "description")


def section(said: Said, where: Where, value: object, wanted: type[T], faults: list[Fault]) -> T | None:
    """``value`` as a ``wanted``; None, and faults added, when a key is unknown, missing or of a wrong type."""
    if not isinstance(value, dict):
        faults.append(said.fault(where, "TYPE", "A mapping of keys and values is wanted here."))
        return None
    before = len(faults)
    fields = {field.encode_name: field for field in msgspec.structs.fields(wanted)}
    faults.extend(
        said.fault(
            (*where, key),
            "KEY-UNKNOWN",
            f"The key “{key}” is not known here.",
            f"Known are: {', '.join(fields)}.",
        )
        for key in value
        if key not in fields
    )
    for key, field in fields.items():
        if field.required and key not in value:
            faults.append(said.fault(where, "KEY-MISSING", f"“{key}” is missing.", f"Add {key}."))
    for key in _LABELLED:
        if key in value and key in fields:
            label_faults(said, (*where, key), value[key], faults)
    if len(faults) > before:
        return None
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        found = _PATH.search(str(error))
        steps = _steps(found.group(1)) if found else ()
        faults.append(said.fault((*where, *steps), "VALUE", _PATH.sub("", str(error)) + "."))
        return None


def label_faults(said: Said, where: Where, label: object, faults: list[Fault]) -> None:
    """Words must be there in English, and only in languages the network speaks."""
    if not isinstance(label, dict):
        faults.append(said.fault(where, "LABEL", "Words by language are wanted here.", "Write {en: …}."))
        return
    for language, text in label.items():
        if language not in LANGUAGES:
            faults.append(
                said.fault(
                    (*where, language),
                    "LANGUAGE",
                    f"“{language}” is none of the languages {', '.join(LANGUAGES)}.",
                    "Put words that hold a comma or a colon into quotes.",
                )
            )
        elif not isinstance(text, str) or not text.strip():
            faults.append(said.fault((*where, language), "LABEL", "The words are empty."))
    if MAIN_LANGUAGE not in label:
        faults.append(said.fault(where, "LABEL", "The English words are missing.", "Add en."))


def _steps(path: str) -> tuple[str | int, ...]:
    return tuple(
        int(index) if index.isdigit() else key for key, index in _STEP.findall(path) if key or index.isdigit()
    )


def sequence(said: Said, key: str, faults: list[Fault]) -> list[Any]:
    """The list under a top-level key, empty and a fault added when it is something else."""
    value = said.value.get(key, [])
    if isinstance(value, list):
        return value
    faults.append(said.fault((key,), "TYPE", f"“{key}” is a list."))
    return []
