"""What can be wrong in a register's head: statuses, retention, rules, facets, and who may read and write."""

from collections.abc import Iterator, Mapping

from allpoints.ground.refusal import Fault
from allpoints.vocabulary.declaration import Declared, FieldDeclaration
from allpoints.vocabulary.lint_fields import as_fields, kind_of
from allpoints.vocabulary.reading import Said, Where
from allpoints.vocabulary.rules import RULES
from allpoints.vocabulary.types.kind import Surroundings
from allpoints.vocabulary.types.kinds import parts_of

_BORN = frozenset({"birth-date", "date", "partial-date"})
_FACET = frozenset(
    {
        "code",
        "folder",
        "country",
        "integer",
        "boolean",
        "text",
        "calibre",
        "period",
        "list of code",
        "list of text",
        "list of country",
        "list of folder",
    }
)
_TEXT = frozenset({"text", "list of text", "code", "folder", "list of code", "person-name", "scripted-name"})

Fields = Mapping[str, FieldDeclaration]


def lint_head(said: Said, declared: Declared, around: Surroundings) -> Iterator[Fault]:
    """Every fault of the head of ``declared``."""
    fields = as_fields(declared.fields)
    yield from _status_faults(said, declared, fields, around)
    yield from _sensitive_faults(said, declared, fields)
    yield from _minors_faults(said, declared, fields)
    yield from _rule_faults(said, declared, fields)
    yield from _used(said, ("facets",), declared.head.facets, fields, _FACET)
    yield from _used(said, ("text",), declared.head.text, fields, _TEXT)
    for at, group in enumerate(declared.head.any_of):
        yield from _used(said, ("any_of", at), group, fields, None)
        if len(group) < 2:
            yield said.fault(
                ("any_of", at), "ANY-OF", "A group has at least two fields.", "Say required: true."
            )
    for field in declared.fields:
        if field.public and declared.head.readers != "outsiders":
            yield said.fault(
                _place(said, field.name),
                "PUBLIC",
                "Nobody outside may search this register.",
                "Say readers: outsiders.",
            )
    if declared.head.readers == "outsiders" and not any(field.public for field in declared.fields):
        yield said.fault(
            ("readers",), "PUBLIC", "Outsiders may search, but no field is public.", "Say public: true."
        )
    if declared.head.readers == "certified" and declared.head.effect != "none":
        yield said.fault(
            ("effect",),
            "EFFECT",
            "What only certified officers read has no effect at a border.",
            "Say effect: none.",
        )
    if declared.head.readers == "outsiders" and declared.head.person_data:
        yield said.fault(("readers",), "PUBLIC", "A register about persons is never open to outsiders.")


def _place(said: Said, name: str) -> Where:
    for at, field in enumerate(said.value.get("fields", [])):
        if isinstance(field, dict) and field.get("name") == name:
            return ("fields", at, "name")
    return ("fields",)


def _used(
    said: Said, where: Where, names: tuple[str, ...], fields: Fields, kinds: frozenset[str] | None
) -> Iterator[Fault]:
    for at, name in enumerate(names):
        if name not in fields:
            yield said.fault((*where, at), "FIELD-UNKNOWN", f"There is no field “{name}”.")
        elif kinds is not None and kind_of(fields[name]) not in kinds:
            yield said.fault(
                (*where, at), "FIELD-TYPE", f"“{name}” is not of type {' or '.join(sorted(kinds))}."
            )
        elif kinds is not None and fields[name].sensitive:
            yield said.fault(
                (*where, at), "SENSITIVE", f"“{name}” is sensitive, and what is sensitive is never searched."
            )


def _status_faults(said: Said, declared: Declared, fields: Fields, around: Surroundings) -> Iterator[Fault]:
    head = declared.head
    if not head.status:
        for key in ("retention_by_status", "achieved"):
            if getattr(head, key):
                yield said.fault(
                    (key,), "STATUS", f"“{key}” needs a field that says the status.", "Add status."
                )
        return
    field = fields.get(head.status)
    if field is None or field.type != "code":
        yield said.fault(("status",), "STATUS", f"“{head.status}” is no field of type code.")
        return
    if not field.required and not declared.notice:
        yield said.fault(
            ("status",), "STATUS", f"“{head.status}” decides how long a record is kept: it is required."
        )
    terms = around.lists[field.list].terms if field.list in around.lists else {}
    for key, codes in (("retention_by_status", head.retention_by_status), ("achieved", head.achieved)):
        for code in codes:
            if code not in terms:
                yield said.fault((key,), "STATUS", f"“{head.status}” can never be “{code}”.")


def _sensitive_faults(said: Said, declared: Declared, fields: Fields) -> Iterator[Fault]:
    reason, head = declared.head.sensitive_reason, declared.head
    sensitive = {name for name, field in fields.items() if field.sensitive}
    if reason and kind_of(fields[reason]) != "text" if reason in fields else bool(reason):
        yield said.fault(("sensitive_reason",), "SENSITIVE", f"“{reason}” is no field of type text.")
    if sensitive and not reason:
        yield said.fault(
            _place(said, min(sensitive)),
            "SENSITIVE",
            "A sensitive field needs a field for the reason.",
            "Add sensitive_reason.",
        )
    if reason and not sensitive:
        yield said.fault(
            ("sensitive_reason",), "SENSITIVE", "There is no sensitive field.", "Say sensitive: true."
        )
    for name in sorted(sensitive & {name for group in head.names for name in group}):
        yield said.fault(
            ("names",), "SENSITIVE", f"“{name}” is sensitive, and what is sensitive is never searched."
        )
    for name in sorted(sensitive & {name for one in declared.identifiers for name in used_by(one)}):
        yield said.fault(
            ("identifiers",), "SENSITIVE", f"“{name}” is sensitive, and what is sensitive is never searched."
        )


def used_by(identifier: object) -> tuple[str, ...]:
    """The fields an identifier is made of."""
    names = [
        getattr(identifier, key)
        for key in ("number", "issuer", "first", "last", "family", "given", "born", "aliases", "field")
    ]
    return tuple(name for name in (*names, *getattr(identifier, "with_", ())) if name)


def _minors_faults(said: Said, declared: Declared, fields: Fields) -> Iterator[Fault]:
    minors = declared.head.minors
    if minors is None:
        return
    for key, name, kinds in (("born", minors.born, _BORN), ("flag", minors.flag, frozenset({"boolean"}))):
        if name not in fields:
            yield said.fault(("minors", key), "FIELD-UNKNOWN", f"There is no field “{name}”.")
        elif kind_of(fields[name]) not in kinds:
            yield said.fault(
                ("minors", key), "FIELD-TYPE", f"“{name}” is not of type {' or '.join(sorted(kinds))}."
            )


def _rule_faults(said: Said, declared: Declared, fields: Fields) -> Iterator[Fault]:
    for at, name in enumerate(declared.head.rules):
        rule = RULES.get(name)
        if rule is None:
            yield said.fault(
                ("rules", at),
                "RULE-UNKNOWN",
                f"There is no rule “{name}”.",
                f"Known are: {', '.join(RULES)}.",
            )
            continue
        for needed in rule.needs:
            if needed not in fields:
                yield said.fault(("rules", at), "RULE", f"The rule {name} needs a field “{needed}”.")
        for field in declared.fields:
            for kind in sorted(set(_kinds_in(field)) & set(rule.forbids)):
                yield said.fault(
                    _place(said, field.name),
                    "RULE",
                    f"The rule {name} allows no field of type {kind}: {rule.sentence}",
                )


def _kinds_in(field: FieldDeclaration) -> Iterator[str]:
    """The types of a field, of the values of its list and of the parts of its object."""
    yield from (field.type, field.of)
    for part in parts_of(field):
        yield from _kinds_in(part)
