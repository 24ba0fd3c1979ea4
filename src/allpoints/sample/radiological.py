"""Radioactive material out of control, as the secretariat writes it down from what members tell."""

from collections.abc import Iterator

from allpoints.sample.chance import Odds
from allpoints.sample.countries import Country
from allpoints.sample.places import near
from allpoints.sample.table import Row, Table
from allpoints.sample.world import World, number_of

KINDS = Odds(
    (
        ("lost", 30),
        ("stolen", 30),
        ("found", 22),
        ("trafficked", 10),
        ("contamination", 5),
        ("disposal", 3),
    )
)
NUCLIDES = Odds((("Cs-137", 40), ("Ir-192", 25), ("Co-60", 12), ("Am-241", 12), ("Ra-226", 8), ("Sr-90", 3)))
DEVICES = {
    "Cs-137": ("Sealed source in a gauge", "Tarn Gauges", "TG 7"),
    "Ir-192": ("Camera for testing welds", "Rocamar Radiografía", "Gama 2"),
    "Co-60": ("Medical source", "Doris Medical", "DM Co"),
    "Am-241": ("Gauge of soil moisture", "Tarn Gauges", "TG 2"),
    "Ra-226": ("Dials of old instruments", "", ""),
    "Sr-90": ("Source of an eye applicator", "Doris Medical", "DM Sr"),
}
"""What material of each nuclide is found in."""

SUMMARIES = {
    "lost": "Missing after a transport between two sites.",
    "stolen": "Taken from a locked vehicle during the night.",
    "found": "Set off the alarm at the gate of a scrap yard.",
    "trafficked": "Offered for sale to an undercover officer.",
    "contamination": "Traces on a load of steel that came from abroad.",
    "disposal": "Left in its shielding beside a road.",
}
_DAYS = 15 * 365


def rows(world: World, member: Country) -> Iterator[Row]:
    """What happened in one member's country."""
    for number in range(world.count("radiological", member.code)):
        chance = world.chance("radiological", number_of(member.code), number)
        kind, nuclide = chance.weighed(KINDS), chance.weighed(NUCLIDES)
        form, make, model = DEVICES[nuclide]
        place = near(member, chance, 1)
        yield {
            "source_ref": f"XSC-R-{member.code[1:]}{number:07d}",
            "status": "recovered" if kind == "found" or chance.in_hundred(35) else "open",
            "kind": kind,
            "date": world.day_before(chance, _DAYS).isoformat(),
            "country": member.code,
            "place": place.name,
            "coordinates": place.coordinates,
            "nuclide": nuclide,
            "category": chance.between(1, 5),
            "activity_mbq": 10 ** chance.between(0, 5) * chance.between(1, 9),
            "form": form,
            "shielded": chance.in_hundred(60),
            "make": make,
            "model": model,
            "device_serial": f"{model[:2]}-{chance.below(100_000):05d}" if make else "",
            "source_serials": (f"{nuclide[:2].upper()}-{chance.below(100_000):05d}",) if make else (),
            "summary": SUMMARIES[kind],
        }


TABLE = Table(
    "radiological-incidents",
    (
        "source_ref", "status", "kind", "date", "country", "place", "coordinates", "nuclide", "category",
        "activity_mbq", "form", "shielded", "make", "model", "device_serial", "source_serials", "summary",
    ),
    rows,
    by_secretariat=True,
)  # fmt: skip
