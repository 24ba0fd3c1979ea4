"""What a country answers, checked: a finding that exists, with the country and holder that it needs and no other."""

import msgspec

from allpoints.ground.refusal import Fault, Refusal
from allpoints.tracing.trace import NAME_LIMIT, TEXT_LIMIT, Answer, Finding
from allpoints.vocabulary.countries import Countries
from allpoints.vocabulary.types.dates import PartialDate


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer as the desk of the country that was asked hands it in."""

    finding: str
    text: str
    country: str = ""
    party: str = ""
    dated: str = ""
    reference: str = ""


NEEDED = {Finding.EXPORTED: ("country",), Finding.SOLD: ("party",)}
ALLOWED = {
    Finding.EXPORTED: {"country", "party", "dated", "reference"},
    Finding.SOLD: {"party", "dated", "reference"},
    Finding.STOLEN: {"party", "dated", "reference"},
    Finding.DESTROYED: {"party", "dated", "reference"},
    Finding.NOT_OURS: {"country"},
    Finding.NO_RECORD: set[str](),
    Finding.MORE_MARKS: set[str](),
}
"""What each finding says beside its text: a holder with "no record" would be an answer that nobody can act on."""

SENTENCES = {
    "country": "To which country did it go?",
    "party": "To whom was it sold?",
}


def checked(reply: Reply, member: str, countries: Countries) -> Answer:
    """The answer of ``member`` in ``reply``; refuses with every fault at once."""
    finding = _finding(reply.finding)
    plain = {name: getattr(reply, name).strip() for name in ("text", *_PARTS)}
    faults = [*_shape(plain), *_fit(finding, plain)]
    for name, clean in (("country", countries.understand), ("dated", PartialDate().clean)):
        try:
            plain[name] = clean(plain[name], name) if plain[name] else ""
        except Refusal as refusal:
            faults.append(refusal.fault())
    if finding is Finding.EXPORTED and plain["country"] == member:
        sentence = "It cannot have been exported to the country that answers."
        faults.append(Fault("TRACE-EXPORTED-HOME", sentence, "country", "Answer sold, and name the holder."))
    if faults:
        raise Refusal.of(faults)
    return Answer(finding, **plain)


_PARTS = ("country", "party", "dated", "reference")


def _finding(text: str) -> Finding:
    try:
        return Finding(text)
    except ValueError:
        raise Refusal(
            "TRACE-FINDING",
            "There is no such finding.",
            path="finding",
            hint="Findings are " + ", ".join(Finding) + ".",
        ) from None


def _shape(plain: dict[str, str]) -> list[Fault]:
    faults = []
    if not plain["text"] or "\0" in plain["text"]:
        sentence = "An answer says what the files say."
        faults.append(Fault("TRACE-TEXT", sentence, "text", "Write it in a sentence."))
    if len(plain["text"]) > TEXT_LIMIT:
        faults.append(Fault("TRACE-LONG", f"At most {TEXT_LIMIT} characters.", "text"))
    faults.extend(
        Fault("TRACE-LINE", f"This is one line of at most {NAME_LIMIT} characters.", name)
        for name in _PARTS
        if not is_line(plain[name])
    )
    return faults


def _fit(finding: Finding, plain: dict[str, str]) -> list[Fault]:
    missing = [
        Fault("TRACE-NOT-SAID", SENTENCES[name], name, f"“{finding}” names it.")
        for name in NEEDED.get(finding, ())
        if not plain[name]
    ]
    return missing + [
        Fault("TRACE-NOT-MEANT", f"“{finding}” says nothing of this.", name, "Leave it empty.")
        for name in _PARTS
        if plain[name] and name not in ALLOWED[finding]
    ]


def is_line(text: str, limit: int = NAME_LIMIT) -> bool:
    return len(text) <= limit and "\0" not in text and len(text.splitlines()) <= 1
