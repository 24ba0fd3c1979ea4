"""A trace as the requester's desk hands it in: the reference table first, then the country of manufacture."""

from collections.abc import Callable, Container, Sequence

import msgspec

from allpoints.ground.refusal import Fault, Refusal
from allpoints.tracing import rules
from allpoints.tracing.answering import is_line
from allpoints.tracing.trace import MARKS_LIMIT, NAME_LIMIT, TEXT_LIMIT, Firearm, Priority, Trace, Why
from allpoints.vocabulary.countries import Countries

SHOWN_LIMIT = 8
"""References that a refusal lists, for the desk to choose from."""


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A firearm to trace. ``reference`` chooses among entries of the reference table that fit alike.

    ``unlisted`` says why it is traced although the table does not have it; ``to`` is then whom to ask first.
    """

    serial: str
    make: str
    model: str = ""
    calibre: str = ""
    type: str = ""
    importer_mark: str = ""
    marks: str = ""
    reference: str = ""
    unlisted: str = ""
    to: str = ""
    priority: str = Priority.ROUTINE.value
    circumstances: str = ""
    disclose: bool = False
    approve: bool = False


class Reference(msgspec.Struct, frozen=True):
    """One entry of the reference table: what was made where."""

    code: str
    make: str
    model: str
    calibre: str
    type: str
    made_in: str


References = Callable[[Firearm], Sequence[Reference]]
"""The reference table: whatever of it fits make, and model and calibre where they are known."""

_LINES = ("serial", "make", "model", "calibre", "type", "importer_mark", "reference", "to")
_TEXTS = {"marks": MARKS_LIMIT, "unlisted": TEXT_LIMIT, "circumstances": TEXT_LIMIT}


class Request(msgspec.Struct, frozen=True):
    """An order that holds: the firearm as the reference table has it, and whom to ask first."""

    firearm: Firearm
    priority: Priority
    first: str
    why: Why


def prepared(
    order: Order, references: References, countries: Countries, reachable: Container[str]
) -> Request:
    """Check an order and consult the reference table; refuses what is not clear enough to ask a country about."""
    order = _trimmed(order)
    faults = list(_faults(order))
    if faults:
        raise Refusal.of(faults)
    to = countries.understand(order.to, "to") if order.to else ""
    firearm = Firearm(
        order.serial,
        order.make,
        order.model,
        order.calibre,
        order.type,
        order.importer_mark,
        order.marks,
        order.reference,
    )
    found = _chosen(references(firearm), order, to)
    priority = Priority(order.priority)
    if found is None:
        unlisted = msgspec.structs.replace(firearm, reference="", unlisted=order.unlisted)
        return Request(unlisted, priority, _given(to, order), Why.CHOSEN)
    listed = msgspec.structs.replace(
        firearm,
        make=found.make,
        model=found.model,
        calibre=found.calibre or firearm.calibre,
        type=found.type or firearm.type,
        reference=found.code,
        made_in=found.made_in,
    )
    return _first(listed, priority, to, reachable)


def _trimmed(order: Order) -> Order:
    return msgspec.structs.replace(
        order, **{name: getattr(order, name).strip() for name in (*_LINES, *_TEXTS)}
    )


def _faults(order: Order) -> list[Fault]:
    needed = {"serial": "A trace names the serial number.", "make": "A trace names the make."}
    faults = [
        Fault("TRACE-NOT-GIVEN", said, name) for name, said in needed.items() if not getattr(order, name)
    ]
    faults += [
        Fault("TRACE-LINE", f"This is one line of at most {NAME_LIMIT} characters.", name)
        for name in _LINES
        if not is_line(getattr(order, name))
    ]
    faults += [
        Fault("TRACE-LONG", f"At most {limit} characters.", name)
        for name, limit in _TEXTS.items()
        if len(getattr(order, name)) > limit or "\0" in getattr(order, name)
    ]
    if order.priority not in set(Priority):
        faults.append(Fault("TRACE-PRIORITY", f"Priority is one of {', '.join(Priority)}.", "priority"))
    return faults


def _chosen(fitting: Sequence[Reference], order: Order, to: str) -> Reference | None:
    """The one entry that is meant, None for a firearm that is knowingly not in the table."""
    if order.reference:
        fitting = [one for one in fitting if one.code == order.reference]
    if len(set(fitting)) > 1:
        # The same pistol made in two countries: who names one of them has said which is meant.
        fitting = [one for one in fitting if one.made_in == to] or fitting
    if len(set(fitting)) == 1:
        return fitting[0]
    if fitting:
        listed = "; ".join(
            f"{one.code}: {one.make} {one.model} {one.calibre} ({one.made_in})"
            for one in fitting[:SHOWN_LIMIT]
        )
        raise Refusal(
            "TRACE-AMBIGUOUS",
            f"{len(fitting)} entries of the reference table fit: {listed}.",
            path="reference",
            hint="Give the reference that is meant, model and calibre, or the country that made it.",
        )
    if order.unlisted:
        return None
    raise Refusal(
        "TRACE-UNLISTED",
        "The reference table has no such make, model and calibre.",
        path="make",
        hint="Compare the marks again; if it is really not listed, say why you trace it all the same.",
    )


def _given(to: str, order: Order) -> str:
    if not to:
        raise Refusal(
            "TRACE-NO-COUNTRY",
            f"{order.make} is not in the reference table, so nobody knows which country to ask.",
            path="to",
            hint="Name the country whose marks it bears.",
        )
    return to


def _first(firearm: Firearm, priority: Priority, to: str, reachable: Container[str]) -> Request:
    """The country of manufacture is asked first, unless it cannot be asked."""
    if firearm.made_in in reachable:
        if to not in {"", firearm.made_in}:
            raise Refusal(
                "TRACE-MAKER-FIRST",
                f"It was made in {firearm.made_in}, which is asked first.",
                path="to",
                hint="Leave the country empty.",
            )
        return Request(firearm, priority, firearm.made_in, Why.MANUFACTURE)
    if not to:
        made = f"It was made in {firearm.made_in}, which is no active member of this network."
        raise Refusal(
            "TRACE-OUTSIDE",
            made if firearm.made_in else "The reference table does not say where it was made.",
            path="to",
            hint="Name a member that may know more, such as that of the importer's mark.",
        )
    return Request(firearm, priority, to, Why.CHOSEN)


def begun(trace: str, requester: str, request: Request, now_ms: int) -> Trace:
    return rules.begin(trace, requester, request.priority, request.firearm, now_ms)
