"""Names of people in their own script, with the Latin letters that their own country's documents print."""

from functools import cache
from typing import NamedTuple

import msgspec
import yaml

from allpoints.sample.chance import Chance, Odds
from allpoints.sample.countries import DATA, Country, country

MALE, FEMALE = "M", "F"


class Word(NamedTuple):
    """One name as its country writes it, and in Latin letters; the same where those are Latin already."""

    original: str
    latin: str


class Tongue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One list of names. ``feminine`` holds endings of family names and what they become for a woman.

    ``joined`` names stand together without a space; ``family_first`` is the order of the own script.
    """

    male: tuple[str, ...]
    female: tuple[str, ...]
    family: tuple[str, ...]
    feminine: tuple[tuple[str, ...], ...] = ()
    joined: bool = False
    family_first: bool = False


class Name(NamedTuple):
    """A person's name. ``original`` is empty where the documents' letters are the person's own."""

    family: str
    given: str
    original: str


@cache
def tongue(name: str) -> Tongue:
    """The list of names called so."""
    text = (DATA / "names" / f"{name}.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), Tongue)


@cache
def words(name: str, part: str) -> tuple[Word, ...]:
    """The names of one list: ``male``, ``female`` or ``family``."""
    pairs = (entry.partition("|") for entry in getattr(tongue(name), part))
    return tuple(Word(original, latin or original) for original, _, latin in pairs)


@cache
def _tongues(member: str) -> Odds[str]:
    return Odds(country(member).tongues.items())


def tongue_of(home: Country, chance: Chance) -> str:
    """The tongue of one family of a country."""
    return chance.weighed(_tongues(home.code))


def given_name(name: str, sex: str, chance: Chance) -> Word:
    """One given name, or two in every third case where names stand apart."""
    known = words(name, "male" if sex == MALE else "female")
    first = chance.one(known)
    if tongue(name).joined or not chance.in_hundred(33):
        return first
    second = chance.one(known)
    if second is first:
        return first
    return Word(f"{first.original} {second.original}", f"{first.latin} {second.latin}")


@cache
def family_name(name: str, number: int, sex: str) -> Word:
    """The family name with this number as a man or a woman bears it."""
    word = words(name, "family")[number]
    if sex == MALE:
        return word
    for ending in tongue(name).feminine:
        if word.original.endswith(ending[0]):
            original = word.original.removesuffix(ending[0]) + ending[1]
            latin = word.latin.removesuffix(ending[-2]) + ending[-1]
            return Word(original, latin)
    return word


def full_name(name: str, family: Word, given: Word) -> Name:
    """Both names as documents and files have them."""
    if given.original == given.latin:
        return Name(family.latin, given.latin, "")
    known = tongue(name)
    order = (family.original, given.original) if known.family_first else (given.original, family.original)
    return Name(family.latin, given.latin, ("" if known.joined else " ").join(order))
