"""Travellers, documents and persons of a play: few, so that checks and records meet often."""

import random
from typing import NamedTuple

from tests.simulator import keys

from allpoints.border.question import Question

FAMILIES = ("Bellweather", "Quillon", "Ostrander", "Vashti", "Morrow", "Tarnhelm")
GIVEN = ("Tomas", "Irena", "Casimir", "Odile", "Marek", "Sunniva")


class Document(NamedTuple):
    issuer: str
    number: str


class Person(NamedTuple):
    family: str
    given: str
    born: str
    document: Document


class People:
    """One seed's people and papers."""

    def __init__(self, luck: random.Random) -> None:
        self.luck = luck
        self.documents = [
            Document(issuer, f"{issuer[1]}{chr(65 + at)}{luck.randint(100_000, 999_999)}")
            for issuer in keys.BUREAUS
            for at in range(4)
        ]
        self.persons = [
            Person(
                family,
                given,
                f"19{luck.randint(50, 99)}-0{luck.randint(1, 9)}-1{luck.randint(0, 9)}",
                document,
            )
            for family, given, document in zip(
                FAMILIES, GIVEN, luck.sample(self.documents, len(FAMILIES)), strict=True
            )
        ]

    def question(self) -> Question:
        """What an officer asks of one traveller."""
        kind = self.luck.random()
        person = self.luck.choice(self.persons)
        if kind < 0.25:
            return Question(family_name=person.family, given_names=person.given, birth_date=person.born)
        if kind < 0.4:
            return Question(
                number=person.document.number,
                issuer=person.document.issuer,
                family_name=person.family,
                given_names=person.given,
                birth_date=person.born,
            )
        if kind < 0.5:
            number = f"Z{self.luck.randint(0, 9_999_999):07}"
            return Question(number=number, issuer=self.luck.choice(keys.BUREAUS))
        document = self.luck.choice(self.documents)
        return Question(number=document.number, issuer=document.issuer)

    def travel_document(self, owner: str, ref: str) -> dict[str, object]:
        number = self.luck.choice([one.number for one in self.documents if one.issuer == owner])
        fields: dict[str, object] = {
            "source_ref": ref,
            "document_number": number,
            "issuer": owner,
            "document_type": "passport",
            "fraud": self.luck.choice(("stolen", "lost", "revoked")),
        }
        if self.luck.random() < 0.15:
            tail = number[2:]
            fields |= {"fraud": "stolen-blank", "document_number": number[:2] + tail[:4] + "00"}
            fields["last_number"] = number[:2] + tail[:4] + "99"
        return fields

    def person(self, ref: str) -> dict[str, object]:
        person = self.luck.choice(self.persons)
        return {
            "source_ref": ref,
            "family_name": person.family,
            "given_names": person.given,
            "sex": "X",
            "birth_date": person.born,
            "nationalities": [person.document.issuer],
            "documents": [
                {"number": person.document.number, "issuer": person.document.issuer, "type": "passport"}
            ],
            "status_of_person": "wanted",
        }

    def notice(self, owner: str, ref: str) -> dict[str, object]:
        """A red notice that passes its gates."""
        person = self.luck.choice(self.persons)
        return {
            "source_ref": ref,
            "family_name": person.family,
            "given_names": person.given,
            "sex": "M",
            "birth_date": person.born,
            "nationalities": [person.document.issuer],
            "documents": [
                {"number": person.document.number, "issuer": person.document.issuer, "type": "passport"}
            ],
            "status_of_person": "wanted",
            "offences": ["ILM"],
            "facts": "On 3 May 2026 in Port Arven the subject shot and killed a shopkeeper during a robbery"
            " and fled across the border by sea the same night.",
            "charge": "Murder",
            "law": "Criminal code art. 112",
            "request_for": "prosecution",
            "maximum_penalty_months": 240,
            "warrants": [
                {
                    "reference": f"W-{ref}",
                    "authority": "District Court of Port Arven",
                    "issued_on": "2026-05-10",
                    "country": owner,
                    "judicial": True,
                }
            ],
            "extradition_assured": True,
            "international_interest": "Believed to travel in the region",
            "urgent": self.luck.random() < 0.5,
            "public_extract": False,
            "contact": "bureau@police.example",
            "marks": "Scar on left cheek",
            "height_cm": 182,
        }
