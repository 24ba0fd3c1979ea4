"""Alerts about forgeries: which document was imitated, by what it can be told, which numbers were seen."""

from collections.abc import Iterator

from allpoints.sample.chance import Odds
from allpoints.sample.countries import Country
from allpoints.sample.documents import CARD
from allpoints.sample.papers import OTHERS, Papers
from allpoints.sample.specimens import Specimens
from allpoints.sample.table import Row, Table
from allpoints.sample.world import World, number_of

STATUSES = Odds((("in-circulation", 75), ("not-seen", 25)))
FORGERIES = {
    "counterfeit": "The hologram does not change when tilted; small letters run together.",
    "page-substituted": "The stitching of the middle pages is of another thread; page numbers are of another height.",
    "image-substituted": "The laminate was lifted at the edge of the portrait and glued again.",
    "data-altered": "The last digit of the expiry date was scratched and printed over.",
    "chip-altered": "The chip answers, but its signature is of no known certificate.",
    "stamp": "The entry stamp has the wrong letter for its border post.",
    "blank-filled": "Genuine blank; the personal data were printed by inkjet, which smears when moist.",
}
PRINTING = {
    "counterfeit": ("offset", "screen"),
    "blank-filled": ("inkjet",),
    "data-altered": ("toner",),
}
"""How it was printed, where that tells it from the genuine document."""

MOST_NUMBERS = 6
_APART = 10
_DAYS = 9 * 365


def rows(world: World, member: Country) -> Iterator[Row]:
    """What was detected in one member's country."""
    issuers = world.owners("specimens")
    for number in range(world.count("alerts", member.code)):
        chance = world.chance("alert", number_of(member.code), number)
        issuer = chance.weighed(issuers)
        copied = Specimens(world, issuer).specimen(chance.below(world.count("specimens", issuer.code)))
        papers = Papers(world, issuer)
        numbered = papers.card if copied.kind == CARD else papers.passport
        first = (number_of(member.code) + number * len(world.members)) * _APART
        forgery = chance.one(tuple(FORGERIES))
        yield {
            "source_ref": f"{member.code}-Q-{number:07d}",
            "title": f"{copied.title} of {issuer.name}: {forgery.replace('-', ' ')}",
            "status": chance.weighed(STATUSES),
            "document_type": copied.kind,
            "issuer": issuer.code,
            "forgery": forgery,
            "specimen": copied.code,
            "numbers": tuple(numbered(OTHERS, first + at) for at in range(chance.between(1, MOST_NUMBERS))),
            "marks": FORGERIES[forgery],
            "printing": PRINTING.get(forgery, ()),
            "detected_on": world.day_before(chance, _DAYS).isoformat(),
            "detected_in": member.code,
            "place": f"{chance.one(tuple(member.posts)).replace('-', ' ').capitalize()} of {member.name}",
        }


TABLE = Table(
    "counterfeit-alerts",
    (
        "source_ref", "title", "status", "document_type", "issuer", "forgery", "specimen", "numbers", "marks",
        "printing", "detected_on", "detected_in", "place",
    ),
    rows,
)  # fmt: skip
