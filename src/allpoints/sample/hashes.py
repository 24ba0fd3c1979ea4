"""Hashes of material of child sexual exploitation: here they are of nothing but random bits."""

from collections.abc import Iterator

from allpoints.sample.chance import Chance
from allpoints.sample.countries import Country
from allpoints.sample.table import Row, Table
from allpoints.sample.world import World, number_of

IDENTIFIED, NOT_IDENTIFIED = "identified", "not-identified"
FILES_OF_A_SERIES = 6
RECORDS_OF_A_SERIES = 5
"""A series is met several times, at one member or at several: so many records there are for one."""

BITS = 256
_DAYS = 12 * 365


def rows(world: World, member: Country) -> Iterator[Row]:
    """What one member has recorded of series that other members may know too."""
    series_count = max(1, world.total("hashes") // RECORDS_OF_A_SERIES)
    for number in range(world.count("hashes", member.code)):
        chance = world.chance("hash", number_of(member.code), number)
        series = chance.below(series_count)
        file = world.chance("file", series, chance.below(FILES_OF_A_SERIES))
        about = world.chance("series", series)
        identified = about.in_hundred(55)
        known_by = {about.one(world.members).code for _ in range(3)}
        film = file.in_hundred(25)
        yield {
            "source_ref": f"{member.code}-X-{number:07d}",
            "victim_status": IDENTIFIED if identified else NOT_IDENTIFIED,
            "offender_status": IDENTIFIED if about.in_hundred(40) else NOT_IDENTIFIED,
            "place_status": IDENTIFIED if about.in_hundred(30) else NOT_IDENTIFIED,
            "media": "video" if film else "image",
            "sha256": f"{file.below(1 << BITS):064x}",
            "sha1": f"{file.below(1 << 160):040x}" if file.in_hundred(40) else "",
            "md5": f"{file.below(1 << 128):032x}" if file.in_hundred(40) else "",
            "pdq": "" if film else _seen_again(file.below(1 << BITS), chance),
            "frame_hashes": tuple(f"{file.below(1 << BITS):064x}" for _ in range(4)) if film else (),
            "series": f"S-{series:06d}",
            "baseline": about.in_hundred(20),
            "known_by": tuple(sorted(known_by | {member.code})),
            "found_in": member.code,
            "found_on": world.day_before(chance, _DAYS).isoformat(),
            "identified_by": min(known_by) if identified else "",
            "unit": f"Victim identification unit of {member.cities[0]}",
        }


def _seen_again(picture: int, chance: Chance) -> str:
    """A perceptual hash as it comes out of one copy of a picture: a few bits apart from that of another copy."""
    for _ in range(chance.below(8)):
        picture ^= 1 << chance.below(BITS)
    return f"{picture:064x}"


TABLE = Table(
    "child-exploitation-hashes",
    (
        "source_ref", "victim_status", "offender_status", "place_status", "media", "sha256", "sha1", "md5", "pdq",
        "frame_hashes", "series", "baseline", "known_by", "found_in", "found_on", "identified_by", "unit",
    ),
    rows,
)  # fmt: skip
