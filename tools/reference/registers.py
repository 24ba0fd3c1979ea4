"""Registers and kinds of notices, with an example that was executed."""

from functools import cache
from typing import Any

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.vocabulary.loading import load
from allpoints.vocabulary.register import Register, Vocabulary
from tools.reference.markdown import code, codes, page, shown_json, table
from tools.reference.reading import faults_in

NAME = "registers"
PARTS = ("number", "issuer", "within", "first", "last", "family", "given", "born", "field")


@cache
def vocabulary() -> Vocabulary:
    return load()


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
    effects = {"document": "the document is bad", "bearer": "the bearer is the subject"}
    return [
        ("code", register.code),
        ("who may write", register.writer),
        ("who may read", register.readers),
        ("about persons", "yes" if register.person_data else "no"),
        ("a hit says", effects.get(register.effect, "nothing at a border")),
        ("kept", f"{register.retention_days} days"),
    ]


def section(register: Register) -> str:
    fields = [
        (
            code(field.name),
            field.shown_label(),
            field.type.name,
            "yes" if field.required else "",
            field.description.get("en", ""),
            codes(_shown(one) for one in field.examples[:2]),
        )
        for field in register.fields
    ]
    given, body = example(register)
    found = [(code(identifier.kind), _identified(identifier)) for identifier in register.identifiers]
    keys = [(code(key.kind), code(key.value)) for key in register.keys(body)]
    return "\n".join(
        [
            f"## {register.label['en']} (`{register.name}`, {register.short})\n",
            register.description["en"] + "\n",
            table(["what", "value"], _about(register)),
            table(["field", "label", "type", "required", "what it holds", "examples"], fields),
            "Found exactly by:\n",
            table(["identifier", "made of"], found),
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
    return ", ".join(f"{part} `{given[part]}`" for part in PARTS if given.get(part))


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
        *(section(known.registers[name]) for name in sorted(known.registers)),
        "## Closed lists\n",
        table(["list", "label", "codes"], lists),
    )


def _more(count: int) -> str:
    return f" and {count - 12} more" if count > 12 else ""
