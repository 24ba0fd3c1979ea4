"""The page that lies beside the files of a world and says what is what."""

from collections.abc import Sequence
from textwrap import dedent
from typing import Protocol

from allpoints.sample.countries import SECRETARIAT
from allpoints.sample.world import World


class Listed(Protocol):
    """What the page says of one file."""

    @property
    def file(self) -> str: ...
    @property
    def rows(self) -> int: ...
    @property
    def member(self) -> str: ...
    @property
    def register(self) -> str: ...
    @property
    def handling(self) -> str: ...


_TOP = """\
    An invented world for allpoints
    ===============================

    No person, country, place, vehicle, vessel or weapon in these files is real; names were put together by chance,
    and whoever bears one of them is not meant. Written with

        allpoints sample --seed {seed} --scale {scale:g}

    and the same command writes the same bytes again. The world ends on {today}.

    Each folder belongs to one member; its files are imported at that member's bureau, and those of {secretariat}
    at the secretariat:

        allpoints import XAV/travel-documents.csv --register travel-documents --purpose border-control
        allpoints import XAV/persons-restricted.jsonl --register persons --handling restricted --purpose find-wanted

    Registers with certified readers are imported by an officer who is certified for them, and found by no other:

        allpoints officer certify NAME dna-profiles

    traffic/day.csv holds a day at all borders in the order of crossing. "mrz" is the zone as one run, as a scanner
    sends it; "expected" is the verdict that a check should give when everything here is imported, "because" says
    why, and "register", "owner" and "record" name the record; the last columns say the same of the vehicle.
    links.csv says which records belong together. truth.csv says what no register may: whose DNA a sample is, who
    left a mark, which weapon fired a shot. It is the answer sheet for whoever searches, and is never imported.

    Pictures and prints themselves are not here: records name hashes of files that nobody has, and the hashes of
    child-exploitation-hashes.csv are of random bits.
"""


def readme(world: World, files: Sequence[Listed]) -> str:
    """The page for these files."""
    top = dedent(_TOP).format(
        seed=world.seed, scale=world.scale, today=world.today.isoformat(), secretariat=SECRETARIAT
    )
    members = [f"    {one.code}  {one.name}, {', '.join(one.tongues)}" for one in world.members]
    width = max((len(one.file) for one in files), default=0)
    listed = [f"    {one.file.ljust(width)}  {one.rows:>12,}  {one.handling}".rstrip() for one in files]
    return "\n".join(
        [
            top,
            "Members, and the names their people have",
            "",
            *members,
            "",
            "Files, with their rows",
            "",
            *listed,
            "",
        ]
    )
