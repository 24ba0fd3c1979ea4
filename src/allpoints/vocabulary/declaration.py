"""What a YAML file of the vocabulary may say: the structures its parts are read into."""

import re
from typing import Annotated, Any, Literal

import msgspec

Label = dict[str, str]
"""Words by language: en always, fr, es, ar where there are any."""

LANGUAGES = ("en", "fr", "es", "ar")
MAIN_LANGUAGE = "en"

FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
SHORT_LIMIT = 8
FIELDS_LIMIT = 120
"""Most fields of one register: a form longer than this is no form."""

CodeNumber = Annotated[int, msgspec.Meta(ge=1, le=255)]
Longest = Annotated[int, msgspec.Meta(ge=1, le=20_000)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
Days = Annotated[int, msgspec.Meta(ge=0, le=40_000)]
"""Days of retention; 0 for what is never deleted, such as a reference table."""


def words(label: Label, language: str = MAIN_LANGUAGE) -> str:
    """The words in ``language``, in English when there are none."""
    return label.get(language) or label.get(MAIN_LANGUAGE, "")


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One code of a closed list.

    ``mrz`` holds the first letters of the document codes that mean this term, longest match first;
    ``fields`` what an audit line of this event must say, ``subject`` who does it.
    """

    code: str
    label: Label
    description: Label = {}
    group: str = ""
    mrz: tuple[str, ...] = ()
    subject: str = ""
    fields: tuple[str, ...] = ()

    def caption(self, language: str = MAIN_LANGUAGE) -> str:
        return words(self.label, language)


class ListHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The head of a file that declares a closed list."""

    name: str = msgspec.field(name="list")
    label: Label
    description: Label = {}


class FieldDeclaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field; which of the options below a type takes is said in ``types.kinds``."""

    name: str
    type: str
    label: Label
    required: bool = False
    description: Label = {}
    examples: tuple[Any, ...] = ()
    max: Longest | None = None
    multiline: bool = False
    list: str = ""
    from_: int | None = msgspec.field(name="from", default=None)
    to: int | None = None
    unit: str = ""
    presumed: bool | None = None
    of: str = ""
    at_most: Count | None = None
    fields: tuple[Any, ...] = ()
    sensitive: bool = False
    """Held only for a stated reason, and never searched."""
    public: bool = False
    """Shown to vetted outsiders where the register lets them search."""


class Identifier(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"with_": "with"}):
    """How records are found exactly.

    ``document``: ``number`` and ``issuer``, of the record or of each object in the list ``within``.
    ``document-range``: from ``first`` to ``last``, allowed only when the fields of ``only_when`` have one
    of the values listed; ``range`` is the same for other numbers, under a ``key`` and ``with`` other fields.
    ``person``: ``family``, ``given``, ``born``, and names in ``aliases`` that are written “family, given”.
    ``exact``: the normal form of ``field`` (each value of a list, or of the objects ``within``), after those of
    the fields ``with``, under the kind ``key``; ``near`` warns of values one slip away, ``partial`` lets it be
    asked with unknown characters.
    """

    kind: Literal["document", "document-range", "person", "exact", "range"]
    number: str = ""
    issuer: str = ""
    within: str = ""
    first: str = ""
    last: str = ""
    only_when: dict[str, tuple[str, ...]] = {}
    at_most: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] = 10_000_000
    family: str = ""
    given: str = ""
    born: str = ""
    aliases: str = ""
    field: str = ""
    key: str = ""
    with_: tuple[str, ...] = ()
    near: bool = False
    partial: bool = False


class Minors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which field says when a person was born, and which that the person is a minor."""

    born: str
    flag: str


class RegisterHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a file says of a register beside its fields and identifiers.

    ``writer``: ``owner``, ``secretariat``, or ``issuer:`` and the field that names the only country that may write.
    ``readers``: ``all`` officers of desks, only those ``certified`` for it, or ``outsiders`` too.
    ``openings``: whether an owner may ask other members how often its records were opened, on which days and why.
    ``status`` names the code field that decides how long a record is kept (``retention_by_status``, days) and, by
    ``achieved``, when its purpose is served. ``any_of`` are groups of fields of each of which one must be given.
    ``facets`` are filtered by and counted, ``text`` is searched by its words.
    ``includes`` names a register whose fields, names and identifiers come first; ``relaxes`` and
    ``requires`` say which of its fields need not, or must, be given here.
    """

    name: str = msgspec.field(name="register")
    code: CodeNumber
    short: str
    label: Label
    plural: Label
    description: Label
    writer: str
    person_data: bool
    retention_days: Days
    featured: tuple[str, ...]
    caption: str
    readers: Literal["all", "certified", "outsiders"] = "all"
    openings: bool = False
    effect: Literal["document", "bearer", "object", "none"] = "none"
    status: str = ""
    retention_by_status: dict[str, Days] = {}
    achieved: tuple[str, ...] = ()
    sensitive_reason: str = ""
    minors: Minors | None = None
    rules: tuple[str, ...] = ()
    any_of: tuple[tuple[str, ...], ...] = ()
    facets: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    includes: str = ""
    relaxes: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    names: tuple[tuple[str, ...], ...] = ()
    colour: str = ""


class Declared(msgspec.Struct, frozen=True):
    """One register or notice kind as declared, its faults already looked for.

    ``notice`` says that it is a notice kind; included fields and identifiers are in place.
    """

    head: RegisterHead
    fields: tuple[FieldDeclaration, ...]
    identifiers: tuple[Identifier, ...]
    notice: bool = False


class DeclaredList(msgspec.Struct, frozen=True):
    """A closed list with its terms in order."""

    name: str
    label: Label
    terms: dict[str, Term]
