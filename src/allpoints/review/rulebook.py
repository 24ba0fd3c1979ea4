"""Versions of the rules as dated files: read once, checked in full, and chosen by the day."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.abc import Traversable
from typing import Any, Literal

import msgspec
import yaml

from allpoints.ground.refusal import Fault, Refusal
from allpoints.review.codes import RULES_FOLDER, known
from allpoints.review.predicates.catalogue import CATALOGUE
from allpoints.review.predicates.parameters import Parameters

GATES_LIMIT = 200


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gate as a rule file has it."""

    id: str
    code: str
    article: str
    title: str
    test: str
    severity: Literal["refuse", "query", "human"]
    parameters: dict[str, Any] = {}
    waivable: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    kind: str
    valid_from: date
    words: str
    gates: list[_Written]


class Gate(msgspec.Struct, frozen=True):
    """One ordered check. ``severity`` says what a failure leads to: refusal, a query to the source, or a person."""

    id: str
    code: str
    article: str
    title: str
    test: str
    severity: Literal["refuse", "query", "human"]
    parameters: Parameters
    waivable: bool = False


class Rules(msgspec.Struct, frozen=True):
    """One version of the gates of one kind of notice, in force from a day on until the next version."""

    version: str
    kind: str
    valid_from: date
    gates: tuple[Gate, ...]

    def gate(self, gate_id: str) -> Gate:
        """Refuses RULES-UNKNOWN-GATE."""
        for one in self.gates:
            if one.id == gate_id:
                return one
        raise Refusal(
            "RULES-UNKNOWN-GATE", f"{self.version} has no gate {gate_id!r}.", path="gate", status=404
        )


class Rulebook(msgspec.Struct, frozen=True):
    """Every version there ever was, so that an old decision can be replayed."""

    versions: tuple[Rules, ...]

    def version(self, name: str) -> Rules:
        """Refuses RULES-UNKNOWN-VERSION."""
        for one in self.versions:
            if one.version == name:
                return one
        raise Refusal(
            "RULES-UNKNOWN-VERSION", f"There are no rules {name!r}.", path="rule_version", status=404
        )

    def in_force(self, kind: str, now_ms: int) -> Rules:
        """The latest version of the kind that is in force on this day (UTC); refuses RULES-NONE-IN-FORCE."""
        today = datetime.fromtimestamp(now_ms // 1000, UTC).date()
        begun = [one for one in self.versions if one.kind == kind and one.valid_from <= today]
        if not begun:
            raise Refusal("RULES-NONE-IN-FORCE", f"No rules for {kind} notices were in force on {today}.")
        return max(begun, key=lambda one: one.valid_from)


@cache
def load() -> Rulebook:
    """The shipped rules; raises Refusal with every fault of every file."""
    files = [one for one in RULES_FOLDER.iterdir() if one.name.endswith(".yaml")]
    return compile_files(sorted(files, key=lambda one: one.name))


def compile_files(files: Iterable[Traversable]) -> Rulebook:
    """Rules from the files of a folder: ``codes.yaml`` is left out, ``words-*.yaml`` are lists that rules name."""
    written = {
        one.name.removesuffix(".yaml"): yaml.safe_load(one.read_text(encoding="utf-8")) for one in files
    }
    words = {name: content for name, content in written.items() if name.startswith("words-")}
    faults: list[Fault] = []
    versions = [
        _rules(name, content, words, faults)
        for name, content in written.items()
        if name != "codes" and name not in words
    ]
    if faults:
        raise Refusal.of(faults)
    return Rulebook(tuple(one for one in versions if one is not None))


def _rules(name: str, content: object, words: Mapping[str, Any], faults: list[Fault]) -> Rules | None:
    path = f"{name}.yaml"
    try:
        file = msgspec.convert(content, type=_File)
    except msgspec.ValidationError as cause:
        faults.append(Fault("RULES-FAULT", str(cause), path))
        return None
    if file.version != name:
        faults.append(Fault("RULES-FAULT", f"The file is named {name}, the version {file.version}.", path))
    if file.words not in words:
        faults.append(Fault("RULES-FAULT", f"There is no list {file.words}.yaml.", f"{path}:words"))
        return None
    if not 0 < len(file.gates) <= GATES_LIMIT:
        faults.append(Fault("RULES-FAULT", f"Rules have 1 to {GATES_LIMIT} gates.", f"{path}:gates"))
    ids = [one.id for one in file.gates]
    faults += [
        Fault("RULES-FAULT", f"Two gates are named {one}.", f"{path}:gates")
        for one in sorted({one for one in ids if ids.count(one) > 1})
    ]
    gates = [_gate(one, f"{path}:gates.{one.id}", words[file.words], faults) for one in file.gates]
    return Rules(file.version, file.kind, file.valid_from, tuple(one for one in gates if one is not None))


def _gate(written: _Written, path: str, words: Mapping[str, Any], faults: list[Fault]) -> Gate | None:
    test = CATALOGUE.get(written.test)
    if written.code not in known():
        faults.append(Fault("RULES-FAULT", f"{written.code} is no code of codes.yaml.", f"{path}.code"))
    if test is None:
        faults.append(Fault("RULES-FAULT", f"There is no test {written.test!r}.", f"{path}.test"))
        return None
    try:
        resolved = {key: _resolved(value, words) for key, value in written.parameters.items()}
        parameters = msgspec.convert(resolved, type=test.parameters)
    except (msgspec.ValidationError, KeyError) as cause:
        faults.append(Fault("RULES-FAULT", f"Parameters: {cause}.", f"{path}.parameters"))
        return None
    return Gate(
        written.id,
        written.code,
        written.article,
        written.title,
        written.test,
        written.severity,
        parameters,
        written.waivable,
    )


def _resolved(value: object, words: Mapping[str, Any]) -> object:
    """``"@political"`` stands for the list of that name."""
    return words[value[1:]] if isinstance(value, str) and value.startswith("@") else value
