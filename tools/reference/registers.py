"""Registers and kinds of notices, with an example that was executed."""

from functools import cache
from typing import Any

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.declaration import RegisterHead
from allpoints.vocabulary.loading import OWN_FOLDER, examined, load
from allpoints.vocabulary.register import Register, Vocabulary
from allpoints.vocabulary.rules import RULES
from allpoints.vocabulary.types.code import Code
from allpoints.vocabulary.types.listing import element_of
from tools.reference.markdown import code, codes, page, shown_json, table
from tools.reference.reading import faults_in

NAME = "registers"
PARTS = ("number", "issuer", "within", "first", "last", "family", "given", "born", "field")
WRITERS = {"owner": "every member, its own records", "secretariat": "only the secretariat's analysts"}
READERS = {
    "all": "officers of desks at every member",
    "certified": "only officers certified for it",
    "outsiders": "officers of desks, and vetted outsiders in part",
}
EFFECTS = {
    "document": "the document is bad",
    "bearer": "the bearer is the subject",
    "object": "the thing is reported",
}


@cache
def vocabulary() -> Vocabulary:
    return load()


@cache
def heads() -> dict[str, RegisterHead]:
    """The heads of all declarations by name."""
    linted = examined((OWN_FOLDER,), [])
    return {one.head.name: one.head for one in linted.declared} if linted is not None else {}


def example(register: Register) -> tuple[dict[str, Any], msgspec.Struct]:
    """An input made of the fields' own examples, less what does not go together, and the body it becomes."""
    required = {field.name for field in register.fields if field.required}
    given = {field.name: _first(field) for field in register.fields if field.examples or field.type.examples}
    while True:
        try:
            return given, register.clean(given)
        except Refusal as refusal:
            odd = {path.split(".")[0].split("[")[0] for path in faults_in(refusal)} - required
            if not odd & given.keys():
                raise
            given = {name: value for name, value in given.items() if name not in odd}


def _first(field: Any) -> Any:
    return msgspec.to_builtins((field.examples or field.type.examples)[0])


def _about(register: Register) -> list[tuple[str, object]]:
    return [
        ("code", register.code),
        (
            "who may write",
            WRITERS.get(register.writer, f"only the country in {code(register.writer.partition(':')[2])}"),
        ),
        ("who may read", READERS[register.readers]),
        ("owners ask how often it was opened", "yes" if register.openings else "no"),
        ("about persons", "yes" if register.person_data else "no"),
        ("a hit says", EFFECTS.get(register.effect, "nothing at a border")),
        ("kept", _kept(register.retention_days)),
        *(
            (f"kept as {code(status)}", _kept(days))
            for status, days in register.retention_by_status.items()
            if days != register.retention_days
        ),
        *([("ended at once by", codes(register.achieved))] if register.achieved else []),
    ]


def _kept(days: int) -> str:
    if not days:
        return "without end"
    years = days / 365.25
    return f"{days:,} days ({years:.0f} years)" if years >= 2 else f"{days:,} days"


def _rules(register: Register) -> list[str]:
    """What is asked of a record beyond its fields, in words."""
    head = heads()[register.name]
    said = [RULES[name].sentence for name in register.rules]
    said += [f"At least one of {codes(group)} is given." for group in head.any_of]
    if head.minors is not None:
        said.append(
            f"A person under eighteen is marked by {code(head.minors.flag)}; the record is restricted or higher."
        )
    if head.status and register.person_data:
        said.append("Records of victims and witnesses are restricted or higher.")
    sensitive = [field.name for field in register.fields if field.sensitive]
    if sensitive:
        said.append(f"{codes(sensitive)} only where {code(head.sensitive_reason)} says why; never searched.")
    public = [field.name for field in register.fields if field.public]
    if public:
        said.append(f"Vetted outsiders see {codes(public)}.")
    return said


def _searched(register: Register) -> list[tuple[str, str, str]]:
    """How its records are found: by what, made of which fields, and in which ways."""
    rows = []
    for one in register.identifiers:
        ways = ["a range of numbers"] if one.kind in {"range", "document-range"} else ["exact"]
        ways += ["near misses as a warning"] if one.near or one.kind == "document" else []
        ways += ["in part, with ? and *"] if one.partial else []
        rows.append((code(one.key or one.kind), _identified(one), ", ".join(ways)))
    machine = register.machine
    rows += [("name", codes(group), "its words, in any order") for group in machine.names]
    rows += [("text", codes(machine.text), "every word asked for")] if machine.text else []
    rows += (
        [("filters", codes(machine.facets), "counted; a folder finds all below it")] if machine.facets else []
    )
    return [*rows, ("reference", code("source_ref"), "exact")]


def _type(field: Any) -> str:
    of = element_of(field.type)
    name = of.name if of is field.type else f"list of {of.name}"
    return f"{name} ({code(of.list_name)})" if isinstance(of, Code) and of.list_name else name


def section(register: Register) -> str:
    fields = [
        (
            code(field.name),
            field.shown_label(),
            _type(field),
            "yes" if field.required else "",
            field.description.get("en", ""),
            codes(_shown(one) for one in field.examples[:2]),
        )
        for field in register.fields
    ]
    given, body = example(register)
    keys = [(code(key.kind), code(key.value)) for key in register.keys(body)]
    rules = _rules(register)
    return "\n".join(
        [
            register.description["en"] + "\n",
            table(["what", "value"], _about(register)),
            *(["Rules:\n", "\n".join(f"- {rule}" for rule in rules) + "\n"] if rules else []),
            table(["field", "label", "type", "required", "what it holds", "examples"], fields),
            "Found by:\n",
            table(["what is asked", "made of", "how"], _searched(register)),
            f"Columns of an import file: {codes(register.columns())}.\n",
            "Example, as given:\n",
            shown_json(given),
            f"Shown as: {register.caption(body)}. Indexed under:\n",
            table(["kind of key", "key"], keys),
        ]
    )


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _identified(identifier: Any) -> str:
    given = msgspec.to_builtins(identifier)
    parts = [f"{part} {code(given[part])}" for part in PARTS if given.get(part)]
    return ", ".join([*parts, *([f"with {codes(identifier.with_)}"] if identifier.with_ else [])])


def page_of(name: str) -> str:
    return f"register-{name}.md"


def listed() -> list[tuple[str, str]]:
    """Every register's page, in the order of their codes."""
    known = sorted(vocabulary().registers.values(), key=lambda one: one.code)
    return [(f"[{one.name}]({page_of(one.name)})", f"{one.plural['en']} ({one.short})") for one in known]


def write_each() -> dict[str, str]:
    """A page for each register, by its file's name."""
    return {
        page_of(name): page(f"{register.plural['en']} (`{name}`, {register.short})", section(register))
        for name, register in vocabulary().registers.items()
    }


def write() -> str:
    known = vocabulary()
    lists = [
        (
            code(name),
            declared.label.get("en", ""),
            codes(list(declared.terms)[:12]) + _more(len(declared.terms)),
        )
        for name, declared in sorted(known.lists.items())
    ]
    return page(
        "Registers",
        "From one YAML file each come storage, validation, import columns, API schema, forms and this page. A register "
        "of one's own is one more file: see [how to add a register](../how-to/add-a-register.md).\n",
        table(
            ["register", "short", "who may read", "a hit says", "kept"],
            [
                (
                    f"[{one.plural['en']}]({page_of(one.name)})",
                    one.short,
                    READERS[one.readers],
                    EFFECTS.get(one.effect, ""),
                    _kept(one.retention_days),
                )
                for one in sorted(known.registers.values(), key=lambda one: one.code)
            ],
        ),
        "## Closed lists\n",
        table(["list", "label", "codes"], lists),
    )


def _more(count: int) -> str:
    return f" and {count - 12} more" if count > 12 else ""
