"""Who may see which register, by the policies: the one place for searches, records, figures, lists and files.

What an asker may not see is, to that asker, what never was: the same refusal, the same counts, the same order.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.identity import policy
from allpoints.identity.officers import Asker
from allpoints.identity.policy import Act
from allpoints.vocabulary.register import Register, Vocabulary

CERTIFIED, OUTSIDERS = "certified", "outsiders"
"""Readers of a register: only officers certified for it; all officers of desks, and vetted outsiders in part."""


def readable(vocabulary: Vocabulary, asker: Asker) -> frozenset[int]:
    """Codes of the registers whose records ``asker`` may see."""
    return frozenset(
        one.code
        for one in vocabulary.registers.values()
        if policy.decide(vocabulary, asker, Act.READ_REGISTER, one).allowed
    )


def known(vocabulary: Vocabulary, asker: Asker) -> Mapping[str, Register]:
    """The registers that an officer is told of, by name: what they hold, and how much of it."""
    return MappingProxyType(
        {
            name: one
            for name, one in vocabulary.registers.items()
            if policy.decide(vocabulary, asker, Act.KNOW_REGISTER, one).allowed
        }
    )


def knows(vocabulary: Vocabulary, asker: Asker, code: int | None) -> bool:
    """Whether a record in the register of this code may be there for ``asker``; None for a record that is not."""
    name = vocabulary.register_names().get(code, "") if code is not None else ""
    return name not in vocabulary.registers or name in known(vocabulary, asker)


def known_register(vocabulary: Vocabulary, asker: Asker, name: str) -> Register:
    """The register of this name, as far as an officer is told of it.

    Raises Refusal UNKNOWN-REGISTER (404), the same for a register that is closed and for one that never was.
    """
    open_to = known(vocabulary, asker)
    found = open_to.get(name)
    if found is None:
        raise Refusal(
            "UNKNOWN-REGISTER",
            f"There is no register {name!r}.",
            path="register",
            hint=f"Known are: {', '.join(sorted(open_to))}.",
            status=404,
        )
    return found


def may_read(vocabulary: Vocabulary, asker: Asker, code: int | None) -> None:
    """Refuse (404) a record in a register that ``asker`` may not see, and one that is not there: code None.

    Ask before anything of the record is opened, so that neither answer takes longer than the other.
    """
    if code not in readable(vocabulary, asker):
        raise unknown_record()


def unknown_record() -> Refusal:
    """What is said of a record that is not there, or not for the asker."""
    return Refusal("UNKNOWN-RECORD", "There is no such record here.", path="record", status=404)


def certifiable(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Names of the registers that only certified officers read."""
    return tuple(name for name, one in vocabulary.registers.items() if one.readers == CERTIFIED)


def closed(vocabulary: Vocabulary, register: str | int | None) -> str:
    """The name of a register, given by name or code, that only certified officers read; empty for any other."""
    name = vocabulary.register_names().get(register, "") if isinstance(register, int) else register
    return name if name is not None and name in certifiable(vocabulary) else ""


# -- what an outsider sees of a record


def public_fields(register: Register) -> frozenset[str]:
    """Names of the fields that outsiders are shown; none where they may not search."""
    if register.readers != OUTSIDERS:
        return frozenset()
    return frozenset(field.name for field in register.fields if field.public)


def public_body(register: Register, body: msgspec.Struct) -> msgspec.Struct:
    """The body as outsiders may know it: every other field as if it had not been given."""
    shown = public_fields(register)
    return register.struct(
        **{
            field.name: getattr(body, field.name) if field.name in shown else field.type.absent
            for field in register.fields
        }
    )


def is_public(vocabulary: Vocabulary, handling: str) -> bool:
    """Whether outsiders are shown records of this handling code: only of the lowest.

    A minor's record is restricted at least, so that none of them is ever shown.
    """
    return handling == next(iter(vocabulary.handling))
