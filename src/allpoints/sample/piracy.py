"""Attacks at sea as the secretariat writes them down: the incident, who took part, the calls and the ransom."""

from collections.abc import Iterator

from allpoints.sample.chance import Chance, Odds
from allpoints.sample.countries import Country
from allpoints.sample.persons import ACCUSED, OnFile, OnRecord
from allpoints.sample.places import near
from allpoints.sample.table import Row, Table
from allpoints.sample.vessels import Vessels
from allpoints.sample.world import World, number_of

HIJACKED = "hijacked"
KINDS = Odds((("approached", 28), ("attempted", 22), ("boarded", 27), (HIJACKED, 23)))
WEAPONS = ("knives", "pistols", "rifles", "grenade launcher")
ROLES = ("attacker", "leader", "negotiator", "financier")
SUMMARIES = {
    "approached": "Two skiffs followed for half an hour and fell back when the alarm was sounded.",
    "attempted": "Hooks were thrown twice; the crew cut the ropes and the boats turned away.",
    "boarded": "Boarded at night over the stern; stores and the cash box were taken, nobody was hurt.",
    HIJACKED: "Taken over at dawn and led to an anchorage; the crew was held ashore.",
}
CURRENCY = "XTS"
"""The code that ISO 4217 keeps for tests."""

PERSON_MARK = "-P"
"""What the number of the file about a person has behind that of the incident."""

TRIES_LIMIT = 40
_DAYS = 4 * 365


def rows(world: World, member: Country) -> Iterator[Row]:
    """What happened off one member's coast, each incident followed by what is known around it."""
    files = OnFile(world, member)
    for number in range(world.count("piracy", member.code)):
        chance = world.chance("piracy", number_of(member.code), number)
        incident = _incident(world, member, number, chance)
        yield incident
        if incident["kind"] != HIJACKED:
            continue
        stem = str(incident["source_ref"])
        yield _call(stem, incident, chance)
        yield _ransom(stem, incident, chance)
        suspect = _suspect(world, files, number)
        if suspect is not None:
            yield _person(stem, incident, suspect, chance)


def suspects(world: World, member: Country) -> Iterator[tuple[str, OnRecord]]:
    """Who took part in attacks off a member's coast: the number of the incident, and the person's own file."""
    files = OnFile(world, member)
    for number in range(world.count("piracy", member.code)):
        chance = world.chance("piracy", number_of(member.code), number)
        if chance.weighed(KINDS) == HIJACKED and (suspect := _suspect(world, files, number)) is not None:
            yield ref_of(member.code, number), suspect


def ref_of(member: str, number: int) -> str:
    """The secretariat's number of an incident."""
    return f"XSC-N-{member[1:]}{number:07d}"


def _incident(world: World, member: Country, number: int, chance: Chance) -> dict[str, object]:
    kind = chance.weighed(KINDS)
    vessel = Vessels(world, member).afloat(number)
    place = near(member, chance, 3)
    return {
        "source_ref": ref_of(member.code, number),
        "about": "incident",
        "status": "ended" if chance.in_hundred(70) else "open",
        "kind": kind,
        "date": world.day_before(chance, _DAYS).isoformat(),
        "place": f"{chance.between(5, 200)} miles off {place.name}",
        "coordinates": place.coordinates,
        "vessel_name": vessel.name,
        "imo": vessel.imo,
        "mmsi": vessel.mmsi,
        "call_sign": vessel.call_sign,
        "flag": vessel.member,
        "attackers": chance.between(2, 14),
        "held": chance.between(3, 24) if kind == HIJACKED else 0,
        "weapons": chance.some(WEAPONS, chance.between(1, 2)),
        "ransom": f"{chance.between(2, 60) * 50_000}.00 {CURRENCY}" if kind == HIJACKED else "",
        "summary": SUMMARIES[kind],
    }


def _call(stem: str, incident: Row, chance: Chance) -> Row:
    return {
        "source_ref": f"{stem}-C",
        "about": "communication",
        "status": incident["status"],
        "date": incident["date"],
        "phones": tuple(f"+999{chance.below(10**9):09d}" for _ in range(chance.between(1, 3))),
        "e_mails": (f"{chance.below(16**8):08x}@mail.example",) if chance.in_hundred(40) else (),
        "summary": "Used by the negotiator while the crew was held.",
    }


def _ransom(stem: str, incident: Row, chance: Chance) -> Row:
    series = chance.below(90_000)
    return {
        "source_ref": f"{stem}-M",
        "about": "money",
        "status": incident["status"],
        "date": incident["date"],
        "ransom": incident["ransom"],
        "bank_accounts": (f"XA{chance.below(10**18):020d}",) if chance.in_hundred(50) else (),
        "bank": "Harbour Savings Bank" if chance.in_hundred(50) else "",
        "banknotes": tuple(f"AV{series:05d}{at:03d}H" for at in range(chance.between(5, 12))),
        "summary": "Banknotes recorded before they were handed over.",
    }


def _suspect(world: World, files: OnFile, number: int) -> OnRecord | None:
    """Somebody accused at the member off whose coast it was; a world may be too small to have one."""
    chance = world.chance("pirate", number_of(files.member.code), number)
    for _ in range(TRIES_LIMIT if files.count else 0):
        for one in files.of(chance.below(files.count)):
            if one.status in ACCUSED:
                return one
    return None


def _person(stem: str, incident: Row, suspect: OnRecord, chance: Chance) -> Row:
    person = suspect.person
    return {
        "source_ref": f"{stem}{PERSON_MARK}",
        "about": "person",
        "status": suspect.status,
        "date": incident["date"],
        "role": chance.one(ROLES),
        "family_name": person.name.family,
        "given_names": person.name.given,
        "names_original": (person.name.original,) if person.name.original else (),
        "aliases": suspect.aliases,
        "sex": person.sex,
        "birth_date": person.birth_date.isoformat(),
        "nationalities": (person.member,),
        "phones": suspect.phones,
    }


TABLE = Table(
    "maritime-piracy",
    (
        "source_ref", "about", "status", "kind", "date", "place", "coordinates", "vessel_name", "imo", "mmsi",
        "call_sign", "flag", "attackers", "held", "weapons", "ransom", "bank_accounts", "bank", "banknotes",
        "phones", "e_mails", "role", "family_name", "given_names", "names_original", "aliases", "sex",
        "birth_date", "nationalities", "summary",
    ),
    rows,
    by_secretariat=True,
)  # fmt: skip
