"""The invented world of the play: fictional members, invented people, generated documents."""

import csv
import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

from allpoints.vocabulary.mrz import Fields, build

SEED = 20_170_926
ALPHABET = "ABCDEFGHJKLMNPRSTUVWXYZ"

NOTICE = {
    "source_ref": "XAV-CRIM-2026-0417",
    "family_name": "Bellweather",
    "given_names": "Tomas Emil",
    "names_original": ["Беллуэзер Томас"],
    "aliases": ["Bellweather, Tomek"],
    "sex": "M",
    "birth_date": "1979-03-14",
    "birth_place": "Port Arven",
    "nationalities": ["XAV"],
    "documents": [{"number": "L8988901C", "issuer": "XAV", "type": "passport"}],
    "status_of_person": "wanted",
    "height_cm": 182,
    "marks": "Scar on the left cheek",
    "offences": ["PTW"],
    "facts": (
        "On 3 May 2026 in Port Arven the subject held up the Harbour Savings Bank with a pistol, wounded a "
        "clerk, took 410,000 crowns and left the country by sea the same night."
    ),
    "charge": "Armed robbery",
    "law": "Criminal Code of Arvandia, section 112",
    "request_for": "prosecution",
    "maximum_penalty_months": 180,
    "warrants": [
        {
            "reference": "PA 1187/26",
            "authority": "District Court of Port Arven",
            "issued_on": "2026-05-10",
            "country": "XAV",
            "judicial": True,
        }
    ],
    "extradition_assured": True,
    "international_interest": "Left by sea; believed to travel in the region under his own name.",
    "urgent": True,
    "public_extract": False,
    "contact": "Duty desk of the Arvandian bureau, day and night",
}

COLUMNS = (
    "source_ref",
    "document_number",
    "issuer",
    "document_type",
    "fraud",
    "theft_country",
    "theft_date",
    "expiry_date",
)


def write_documents(path: Path, issuer: str, count: int, seed: int = SEED) -> list[str]:
    """Write a CSV of ``count`` stolen and lost documents of ``issuer``; returns their numbers, in order."""
    numbers = []
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in _documents(issuer, count, random.Random(f"{seed}-{issuer}-{path.name}")):
            writer.writerow(row)
            numbers.append(row[1])
    return numbers


def _documents(issuer: str, count: int, chance: random.Random) -> Iterator[tuple[str, ...]]:
    taken: set[str] = set()
    begin = dt.date(2017, 1, 1)
    prefix = f"{chance.randrange(16**6):06x}"
    while len(taken) < count:
        number = f"{chance.choice(ALPHABET)}{chance.choice(ALPHABET)}{chance.randrange(10**6):06d}"
        if number in taken:
            continue
        taken.add(number)
        stolen = begin + dt.timedelta(days=chance.randrange(3_400))
        yield (
            f"{issuer}-{prefix}-{len(taken):07d}",
            number,
            issuer,
            chance.choice(("passport", "passport", "passport", "identity-card", "residence-permit")),
            chance.choice(("stolen", "lost", "lost", "revoked")),
            chance.choice(("XAV", "XBM", "XCS", "UTO")),
            stolen.isoformat(),
            (stolen + dt.timedelta(days=chance.randrange(30, 3_000))).isoformat(),
        )


def passport(
    number: str,
    issuer: str,
    family: str,
    given: str,
    birth: str,
    *,
    sex: str = "F",
    expiry: str = "2031-08-15",
) -> str:
    """The machine-readable zone of an invented passport, as a scanner sends it."""
    return "\n".join(
        build(
            Fields(
                format="TD3",
                issuer=issuer,
                number=number,
                family_name=family,
                given_names=given,
                nationality=issuer,
                birth_date=birth,
                sex=sex,
                expiry_date=expiry,
            )
        )
    )


def misread(zone: str) -> str:
    """The same zone with one digit of the document number read as another."""
    first, second = zone.split("\n")
    at = next(at for at, letter in enumerate(second[:9]) if letter.isdigit())
    wrong = str((int(second[at]) + 3) % 10)
    return f"{first}\n{second[:at]}{wrong}{second[at + 1 :]}"
