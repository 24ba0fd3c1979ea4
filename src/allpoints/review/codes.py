"""The codes of reasons, how many officers each needs, and which ones the requester is never told."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

import msgspec
import yaml

RULES_FOLDER = resources.files("allpoints.review") / "rules"


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One code. ``sealed``: saying it would betray a refugee or a danger to the person."""

    code: str
    title: str
    officers: int = 1
    sealed: bool = False


class Reasons(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All codes, and the generic one that is told in place of a sealed one."""

    generic: Reason
    codes: tuple[Reason, ...]

    @property
    def by_code(self) -> Mapping[str, Reason]:
        return MappingProxyType({one.code: one for one in self.codes})


@cache
def reasons() -> Reasons:
    """The codes of ``rules/codes.yaml``."""
    written = (RULES_FOLDER / "codes.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(written), type=Reasons)


@cache
def known() -> Mapping[str, Reason]:
    return reasons().by_code


def needs_two(codes: Iterable[str]) -> frozenset[str]:
    """Those of the codes on which two officers must agree."""
    return frozenset(code for code in codes if known()[code].officers > 1)


def any_sealed(codes: Iterable[str]) -> bool:
    return any(known()[code].sealed for code in codes)


def tellable() -> tuple[str, ...]:
    """The codes that a member may be told, with the generic one that stands for the others."""
    return (*(one.code for one in reasons().codes if not one.sealed), reasons().generic.code)
