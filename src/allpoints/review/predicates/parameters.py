"""What a rule file may set for each test."""

import msgspec


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A test without parameters."""


class Stated(Parameters, frozen=True):
    """``min_characters`` counts for text only."""

    field: str
    min_characters: int = 1


class Affirmed(Parameters, frozen=True):
    field: str


class ExcludedConduct(Parameters, frozen=True):
    """``exception_*``: what makes a person weigh the case instead of the gate refusing it.

    ``codes`` are of the excluded conduct itself; ``unspecific_codes`` fit it too and name no other offence beside it.
    """

    terms: tuple[str, ...]
    codes: tuple[str, ...] = ()
    unspecific_codes: tuple[str, ...] = ()
    exception_terms: tuple[str, ...] = ()
    exception_codes: tuple[str, ...] = ()


class UnpaidCheques(Parameters, frozen=True):
    """``min_usd``: the sum from which one charge suffices."""

    terms: tuple[str, ...]
    repeated_terms: tuple[str, ...]
    min_usd: int


class PenaltyLimits(Parameters, frozen=True):
    min_maximum_months: int
    min_sentence_months: int
    min_remaining_months: int


class IdentityFields(Parameters, frozen=True):
    """Which fields of a body count as what the identity rule asks for."""

    documents: tuple[str, ...]
    description: tuple[str, ...]
    photo: tuple[str, ...]
    alias: tuple[str, ...]
    parent: tuple[str, ...]
    dna: tuple[str, ...]
    prints: tuple[str, ...]


class ClearFacts(Parameters, frozen=True):
    """``not_places``: capitalised words after a preposition that name no place."""

    min_characters: int
    conduct_terms: tuple[str, ...]
    person_terms: tuple[str, ...]
    place_words: tuple[str, ...]
    not_places: tuple[str, ...]


class WarrantFields(Parameters, frozen=True):
    required: tuple[str, ...]


class WordsToWeigh(Parameters, frozen=True):
    """``pure_terms`` are offences that are never publishable; ``factors`` is what the reviewer weighs."""

    fields: tuple[str, ...]
    terms: tuple[str, ...]
    pure_terms: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()


class CodesToWeigh(Parameters, frozen=True):
    codes: tuple[str, ...]
    why: str


class AgeLimit(Parameters, frozen=True):
    years: int


class AsylumSigns(Parameters, frozen=True):
    """``issuers``: codes that ICAO 9303 gives to stateless persons and refugees."""

    issuers: tuple[str, ...]
    terms: tuple[str, ...]
    fields: tuple[str, ...]
