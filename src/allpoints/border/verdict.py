"""The words an officer reads, and how several findings become one verdict."""

import enum

import msgspec


class Verdict(enum.StrEnum):
    """What the check means for the officer, mildest first; the gravest finding speaks for the check.

    ``DOCUMENT`` and ``BEARER`` must never be merged: the first says that the document is bad, the second that
    the document is good and its bearer is the subject of a notice (domain reference 1.4).
    """

    CLEAR = "clear"
    UNREADABLE = "unreadable"
    UNABLE = "unable"
    POSSIBLE = "possible"
    OBJECT = "object"
    DOCUMENT = "document"
    BEARER = "bearer"

    @property
    def gravity(self) -> int:
        return list(Verdict).index(self)

    def with_(self, other: "Verdict") -> "Verdict":
        return max(self, other, key=lambda verdict: verdict.gravity)

    @property
    def is_hit(self) -> bool:
        return self in {Verdict.POSSIBLE, Verdict.OBJECT, Verdict.DOCUMENT, Verdict.BEARER}


HEADLINES = {
    Verdict.CLEAR: "No record found",
    Verdict.UNREADABLE: "Not read correctly: nothing was checked",
    Verdict.UNABLE: "Could not be checked",
    Verdict.POSSIBLE: "Possible match with a person",
    Verdict.OBJECT: "Thing reported stolen, lost or sought",
    Verdict.DOCUMENT: "Document reported stolen, lost or invalid",
    Verdict.BEARER: "Document valid; bearer is the subject of a notice",
}

ACTIONS = {
    Verdict.CLEAR: "Continue with your ordinary procedure.",
    Verdict.UNREADABLE: "Scan again, or type number and issuing country from the page.",
    Verdict.UNABLE: "Do not treat this as a clear result. Call your bureau.",
    Verdict.POSSIBLE: "Take to second line. A person must compare; do nothing on this answer alone.",
    Verdict.OBJECT: "Hold the thing as far as your law allows, note who has it, wait for the owner's confirmation.",
    Verdict.DOCUMENT: "Keep the document, take the bearer to second line, wait for the owner's confirmation.",
    Verdict.BEARER: "Take the bearer to second line and call your bureau. Confirm with the owner before you act.",
}


BOTH_HEADLINE = "Document reported stolen, lost or invalid; bearer is the subject of a notice"
BOTH_ACTION = (
    "Keep the document, take the bearer to second line and call your bureau. "
    "Confirm with both owners before you act."
)
"""When both findings stand, nobody may read that the document is valid."""


class Reason(msgspec.Struct, frozen=True):
    """Why something matched: a sentence, the value asked and the value held (empty off-line)."""

    sentence: str
    asked: str = ""
    held: str = ""


class Match(msgspec.Struct, frozen=True):
    """One record that answered. ``record`` is its identifier in hexadecimal."""

    record: str
    register: str
    verdict: Verdict
    owner: str
    published_ms: int
    version: int
    reasons: tuple[Reason, ...] = ()
    caption: str = ""
    reference: str = ""
    hit: str = ""


class Answer(msgspec.Struct, frozen=True):
    """The answer to one check: what to do, why, how fresh.

    ``source`` is ``live`` (the bureau answered) or ``extract`` (the post's own copy); ``as_of_ms`` is the
    instant up to which the source knew the network, ``took_us`` the time spent looking, in microseconds.
    """

    check: str
    verdict: Verdict
    headline: str
    action: str
    asked_ms: int
    source: str
    as_of_ms: int
    took_us: int = 0
    matches: tuple[Match, ...] = ()
    warnings: tuple[Reason, ...] = ()
    faults: tuple[Reason, ...] = ()
    number: str = ""
    issuer: str = ""
    document_type: str = ""
    bearer: str = ""
    birth_date: str = ""
    things: tuple[str, ...] = ()
    """What was asked beside document and bearer, each as “VIN: WVW…”."""

    @property
    def age_ms(self) -> int:
        return max(0, self.asked_ms - self.as_of_ms)
