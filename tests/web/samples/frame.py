"""Who looks, when, and what every sample shares."""

import msgspec

from allpoints.ground.clock import MINUTE
from allpoints.web.views.common import Cell, Contact, Event, Identity, Option, Section, State, View
from allpoints.web.views.session import Session

NOW = 1_795_516_925_000


COUNTRIES = {"XAV": "Arvandia", "XBM": "Belmora", "XCS": "Castrovia", "XSC": "Secretariat", "UTO": "Utopia"}


COUNTRY_OPTIONS = tuple(Option(code, name) for code, name in COUNTRIES.items() if code != "XSC")


PURPOSES = (
    Option("border-control", "Border management and control"),
    Option("wanted-person", "Find a wanted person"),
    Option("investigation", "Give or obtain information on an investigation"),
)


HANDLING = (Option("official", "For official use only"), Option("restricted", "Restricted"))


REGISTERS = (Option("travel-documents", "Stolen and lost travel documents"), Option("persons", "Persons"))


class Sample(msgspec.Struct, frozen=True):
    """A page in one state: ``name`` names the picture, ``template`` and ``view`` go to ``render``."""

    name: str
    template: str
    view: View
    session: Session


def session(path: str, *, node: str = "XAV", roles: tuple[str, ...] = ("desk",), **more: object) -> Session:
    labels = {
        "XAV": "Bureau of Arvandia",
        "XBM/post-1": "Belmora, harbour of Sundvik",
        "XSC": "Secretariat",
    }
    role = "secretariat" if node == "XSC" else "post" if "/" in node else "bureau"
    frame = Session(
        path=path,
        now_ms=NOW,
        csrf="sample-token",
        node=node,
        node_label=labels[node],
        node_role=role,
        member=node[:3],
        officer="A. Terlan",
        roles=roles,
        unread=2,
        open_hits=1,
        ends_ms=NOW + 30 * MINUTE,
    )
    return msgspec.structs.replace(frame, **more)


PERSON = Identity(
    title="ORHANLI Selim",
    names_original=(Cell("Original script", "سليم أورهانلي", "name", language="ar"),),
    state=State("Wanted", "bad"),
    handling="Restricted",
    warnings=("Armed", "Escape risk"),
    cells=(
        Cell("Date of birth", "1979-03-14", "partial-date"),
        Cell("Nationality", "XAV", "country"),
        Cell("Sex", "Male"),
    ),
)


PERSON_SECTIONS = (
    Section(
        "Identity",
        (
            Cell("Family name", "Orhanli", "name"),
            Cell("Given names", "Selim Dariush", "name"),
            Cell("Original script", "سليم أورهانلي", "name", language="ar"),
            Cell("Other names", "Селим Орханлы", "name", language="ru"),
            Cell("Date of birth", "1979-03", "partial-date"),
            Cell("Place of birth", ""),
            Cell("Nationality", "XAV", "country"),
        ),
    ),
    Section(
        "Description",
        (
            Cell("Height", "178 cm", mark="Confidential"),
            Cell("Eyes", "Brown"),
            Cell("Distinguishing marks", "Scar above the left eyebrow; tattoo of a swallow on the wrist"),
        ),
    ),
    Section("Documents", (Cell("Passport", "XAV AV7193004", "code"), Cell("Expires", "2031-04-11", "date"))),
)


TIMELINE = (
    Event(at_ms=NOW - 3 * MINUTE, title="Raised", by="XBM/post-1", tone="info"),
    Event(at_ms=NOW - 3 * MINUTE + 400, title="Owner told", by="Bureau of Arvandia", tone="info"),
    Event(at_ms=NOW - 3 * MINUTE + 700, title="Command centre told", by="Secretariat", tone="info"),
)


OWNER_CONTACT = Contact(
    name="Bureau of Arvandia",
    member="XAV",
    telephone="+999 1 555 0100",
    hours="day and night",
    compose="/en/messages/new?to=XAV",
)
