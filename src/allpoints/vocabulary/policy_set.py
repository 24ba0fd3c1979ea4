"""The policy set: who may do what, as Cedar rules that come with the program and those that a bureau adds.

Every rule has a name (``@id``) and a sentence (``@says``). A bureau's own rules narrow what is allowed, and widen it
only where the setting says so.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cedarpy
import msgspec

from allpoints.ground.refusal import Fault, Refusal

OWN_FOLDER = Path(__file__).parent / "policies"
"""The rules that come with the program, their schema, and their version."""
SCHEMA_FILE, VERSION_FILE, ENDING = "schema.cedarschema", "VERSION", ".cedar"
FILES_LIMIT = 100
FILE_LIMIT_BYTES = 64 * 1024
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
NAME_LIMIT_CHARACTERS = 60
SAYS_LIMIT_CHARACTERS = 200


class Rule(msgspec.Struct, frozen=True):
    """One rule: its name, whether it forbids, what it says in words, its file, its Cedar text.

    ``added`` says that it came from a bureau's own folder.
    """

    name: str
    forbids: bool
    says: str
    file: str
    text: str
    added: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PolicySet:
    """All rules in force at a node, parsed once.

    ``digest`` is the SHA-256, in hexadecimal, over version, schema and every file, each with its name and length:
    the same digest means the same rules to the byte.
    """

    version: str
    digest: str
    rules: Mapping[str, Rule]
    parsed: cedarpy.PolicySet = field(repr=False)
    permits: cedarpy.PolicySet = field(repr=False)
    actions: cedarpy.Entities = field(repr=False)

    def without(self, name: str) -> "PolicySet":
        """The same set less one rule, to try what the rule is for."""
        return _parsed(self.version, self.digest, [rule for rule in self.rules.values() if rule.name != name])


def load_policies(extra: Sequence[Path] = (), *, widening: bool = False) -> PolicySet:
    """Read and parse the rules of the program and of ``extra`` folders; a ``Refusal`` lists every fault.

    ``widening`` lets the rules of ``extra`` permit, not only forbid.
    """
    faults: list[Fault] = []
    version = (OWN_FOLDER / VERSION_FILE).read_text(encoding="utf-8").strip()
    said = [(path, _text(path, faults)) for folder in (OWN_FOLDER, *extra) for path in _files(folder, faults)]
    schema = (OWN_FOLDER / SCHEMA_FILE).read_text(encoding="utf-8")
    if len(said) > FILES_LIMIT:
        faults.append(Fault("POLICY-FILES", f"There are more than {FILES_LIMIT} files.", "policies.folders"))
    rules: list[Rule] = []
    for path, text in said if not faults else ():
        rules += _rules(path, text, schema, faults)
    _check(rules, faults, widening=widening)
    if faults:
        raise Refusal.of(faults)
    return _parsed(version, _digest(version, schema, said), rules)


def _files(folder: Path, faults: list[Fault]) -> list[Path]:
    if not folder.is_dir():
        faults.append(
            Fault("POLICY-FOLDER", "There is no such folder.", str(folder), "Correct policies.folders.")
        )
        return []
    return sorted(folder.glob(f"*{ENDING}"))


def _text(path: Path, faults: list[Fault]) -> str:
    data = path.read_bytes()
    try:
        if len(data) <= FILE_LIMIT_BYTES:
            return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    faults.append(
        Fault("POLICY-UNREADABLE", f"A policy file is text of at most {FILE_LIMIT_BYTES} bytes.", str(path))
    )
    return ""


def _rules(path: Path, text: str, schema: str, faults: list[Fault]) -> list[Rule]:
    try:
        read = json.loads(cedarpy.policies_to_json_str(text))
        checked = cedarpy.validate_policies(text, schema)
    except ValueError as error:
        faults.append(Fault("POLICY-UNREADABLE", f"This is no Cedar: {_first_line(error)}.", str(path)))
        return []
    faults += [
        Fault("POLICY-WRONG", f"A rule speaks of what is not there: {one.error}.", str(path))
        for one in checked.errors
    ]
    if read["templates"]:
        faults.append(Fault("POLICY-TEMPLATE", "A rule has no slots to be filled in.", str(path)))
    ordered = sorted(read["staticPolicies"].items(), key=lambda item: int(item[0].removeprefix("policy")))
    return [_rule(path, policy) for _, policy in ordered]


def _rule(path: Path, policy: Mapping[str, Any]) -> Rule:
    notes = {name: value or "" for name, value in policy["annotations"].items()}
    one = {"staticPolicies": {"policy0": policy}, "templates": {}, "templateLinks": []}
    return Rule(
        name=notes.get("id", ""),
        forbids=policy["effect"] == "forbid",
        says=notes.get("says", ""),
        file=path.name,
        added=path.parent != OWN_FOLDER,
        text=cedarpy.policies_from_json_str(json.dumps(one)).strip(),
    )


def _check(rules: Sequence[Rule], faults: list[Fault], *, widening: bool) -> None:
    """Every rule is named once and says what it does; a bureau's own do not widen unless they may."""
    seen: set[str] = set()
    for rule in rules:
        if not _NAME.fullmatch(rule.name) or len(rule.name) > NAME_LIMIT_CHARACTERS:
            faults.append(Fault("POLICY-NAME", "A rule's @id has small letters, digits and -.", rule.file))
        if not 0 < len(rule.says) <= SAYS_LIMIT_CHARACTERS:
            faults.append(Fault("POLICY-SAYS", f"The rule {rule.name} needs a sentence, @says.", rule.file))
        if rule.name in seen:
            faults.append(Fault("POLICY-TWICE", f"There are two rules {rule.name}.", rule.file))
        seen.add(rule.name)
        if rule.added and not rule.forbids and not widening:
            faults.append(
                Fault(
                    "POLICY-WIDENS",
                    f"The rule {rule.name} permits; a bureau's own rules forbid.",
                    rule.file,
                    "Set policies.widening where national law allows more.",
                )
            )


def _parsed(version: str, digest: str, rules: Sequence[Rule]) -> PolicySet:
    schema = cedarpy.Schema.from_str((OWN_FOLDER / SCHEMA_FILE).read_text(encoding="utf-8"))
    return PolicySet(
        version,
        digest,
        MappingProxyType({rule.name: rule for rule in rules}),
        cedarpy.PolicySet.from_str("\n".join(rule.text for rule in rules)),
        cedarpy.PolicySet.from_str("\n".join(rule.text for rule in rules if not rule.forbids)),
        cedarpy.Entities.from_json_str("[]", schema),
    )


def _digest(version: str, schema: str, said: Sequence[tuple[Path, str]]) -> str:
    running = hashlib.sha256()
    for name, text in ((VERSION_FILE, version), (SCHEMA_FILE, schema), *((p.name, t) for p, t in said)):
        for part in (name.encode(), text.encode()):
            running.update(len(part).to_bytes(8, "big"))
            running.update(part)
    return running.hexdigest()


def _first_line(error: ValueError) -> str:
    return str(error).splitlines()[0][:200].rstrip(".")
