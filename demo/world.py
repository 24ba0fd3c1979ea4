"""The invented world of the play: one notice of its own, and the documents of a sample world."""

import csv
import datetime as dt
from pathlib import Path

from allpoints.sample import traffic
from allpoints.sample.countries import country
from allpoints.sample.documents import PASSPORT, TABLE, Documents, row
from allpoints.sample.traffic import Bearer, Paper, zone_of
from allpoints.sample.world import World

SEED = 20_170_926

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


def write_documents(path: Path, issuer: str, count: int, first: int = 0) -> list[str]:
    """Write a CSV of ``count`` stolen and lost documents of ``issuer``; returns their numbers, in order.

    ``first`` is the number of the first of them in the sample world: files that do not overlap share no document.
    """
    documents = Documents(World(SEED), country(issuer))
    numbers = []
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, TABLE.columns)
        writer.writeheader()
        for number in range(first, first + count):
            reported = documents.reported(number)
            writer.writerow(row(reported))
            numbers.append(reported.number)
    return numbers


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
    paper = Paper(PASSPORT, number, issuer, dt.date.fromisoformat(expiry))
    return "\n".join(zone_of(paper, Bearer(family, given, sex, dt.date.fromisoformat(birth), issuer)))


def misread(zone: str) -> str:
    """The same zone with one digit of the document number read as another."""
    return "\n".join(traffic.misread(tuple(zone.split("\n"))))
