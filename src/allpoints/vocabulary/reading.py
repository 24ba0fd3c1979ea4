"""YAML files read with the line of every key, so that each fault can be named where it stands."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import yaml

from allpoints.ground.refusal import Fault

FILE_LIMIT_BYTES = 1_000_000
"""Largest file of the vocabulary."""

DEPTH_LIMIT = 12
"""Deepest nesting of a file; a declaration needs about six."""

Where = tuple[str | int, ...]

# The same parser in C where the wheel brings it: every command loads the vocabulary.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}", re.ASCII)


class Said(msgspec.Struct, frozen=True):
    """One file's content as plain values, and the line of each path into it."""

    file: str
    value: dict[str, Any]
    lines: dict[Where, int]

    def at(self, where: Where) -> str:
        """File and line of ``where``, or of the nearest thing around it."""
        while where and where not in self.lines:
            where = where[:-1]
        return f"{self.file}:{self.lines.get(where, 1)}"

    def fault(self, where: Where, code: str, sentence: str, hint: str = "") -> Fault:
        return Fault(f"VOCABULARY-{code}", sentence, self.at(where), hint or "Correct the file.")


def read(path: Path, faults: list[Fault]) -> Said | None:
    """The file's content, None (and faults added) when it is no mapping, ambiguous or too large."""
    try:
        data = path.read_bytes()
        text = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        faults.append(_whole(path, "UNREADABLE", f"The file cannot be read: {type(error).__name__}."))
        return None
    if len(data) > FILE_LIMIT_BYTES:
        faults.append(_whole(path, "LARGE", f"The file has more than {FILE_LIMIT_BYTES:,} bytes."))
        return None
    try:
        refused = next(_refused_events(text), None)
        if refused is not None:
            faults.append(Fault("VOCABULARY-YAML", refused[1], f"{path.name}:{refused[0]}", "Write it out."))
            return None
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        what = getattr(error, "problem", None) or "not YAML"
        faults.append(
            Fault("VOCABULARY-YAML", f"This is not YAML: {what}.", f"{path.name}:{line}", "Correct it.")
        )
        return None
    if not isinstance(node, yaml.MappingNode):
        faults.append(_whole(path, "EMPTY", "The file declares nothing."))
        return None
    lines: dict[Where, int] = {}
    found: list[tuple[Where, str]] = []
    value = _plain(node, (), lines, found)
    said = Said(path.name, value, lines)
    faults.extend(said.fault(where, "YAML", sentence, "Keep one.") for where, sentence in found)
    return said


def _whole(path: Path, code: str, sentence: str) -> Fault:
    return Fault(f"VOCABULARY-{code}", sentence, f"{path.name}:1", "Correct or remove the file.")


def _refused_events(text: str) -> Iterator[tuple[int, str]]:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            yield line, "Anchors and aliases are not allowed."
        if getattr(event, "tag", None):
            yield line, "Tags are not allowed."
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_LIMIT:
                yield line, f"The file is nested deeper than {DEPTH_LIMIT} levels."
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _plain(node: yaml.Node, where: Where, lines: dict[Where, int], found: list[tuple[Where, str]]) -> Any:
    lines.setdefault(where, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, where, lines, found)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*where, at), lines, found) for at, item in enumerate(node.value)]
    return _scalar(node)


def _mapping(
    node: yaml.MappingNode, where: Where, lines: dict[Where, int], found: list[tuple[Where, str]]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        if key in values:
            spot = (*where, f"{key} again")
            lines[spot] = line
            found.append((spot, f"The key “{key}” stands here twice."))
            continue
        lines[(*where, key)] = line
        values[key] = _plain(value_node, (*where, key), lines, found)
    return values


def _scalar(node: yaml.Node) -> str | int | bool:
    """Plain ``true``, ``false`` and whole numbers; everything else is text, so that NO stays a country."""
    text = str(node.value)
    # The parser in C says "" and the one in Python None for text without quotes.
    if not getattr(node, "style", None):
        if text in {"true", "false"}:
            return text == "true"
        if _INTEGER.fullmatch(text):
            return int(text)
    return text
