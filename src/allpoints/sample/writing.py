"""Writing a world into a folder: one folder for each member, the day at the borders, the links, and what is what."""

import csv
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec

from allpoints.ground.refusal import Refusal
from allpoints.sample import links, traffic, truth
from allpoints.sample.countries import SECRETARIAT
from allpoints.sample.readme import readme
from allpoints.sample.table import Row, Table, cell
from allpoints.sample.tables import REGISTERS, TABLES
from allpoints.sample.world import World

BUFFER_BYTES = 1024 * 1024
TOLD_EVERY = 5_000
"""So many rows are written between two words about the progress."""

TRAFFIC_FILE = "traffic/day.csv"
LINKS_FILE = "links.csv"
TRUTH_FILE = "truth.csv"
README_FILE = "README.txt"

Told = Callable[[str, int], None]
"""Called with the file being written and how many rows have been written since the last call."""

T = TypeVar("T")

_encode = msgspec.json.Encoder().encode


class File(msgspec.Struct, frozen=True):
    """One file that was written; a file of the whole world has no member."""

    file: str
    rows: int
    member: str = ""
    register: str = ""
    handling: str = ""


class Part(msgspec.Struct, frozen=True):
    """What of a world is wanted; empty means all of it."""

    registers: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        return not self.registers and not self.members

    def check(self, world: World) -> None:
        """Refuse a register or member that no world has."""
        _known("register", self.registers, REGISTERS)
        _known("member", self.members, (*(one.code for one in world.members), SECRETARIAT))

    def wants(self, register: str, member: str) -> bool:
        return (not self.registers or register in self.registers) and (
            not self.members or member in self.members
        )


def _known(what: str, asked: Collection[str], known: Collection[str]) -> None:
    for one in asked:
        if one not in known:
            raise Refusal(
                "SAMPLE-UNKNOWN",
                f"There is no {what} {one} in a sample world.",
                path=what,
                hint=f"Known are: {', '.join(known)}.",
            )


def write(world: World, folder: Path, part: Part, told: Told) -> list[File]:
    """Write the wanted part of a world into a folder that is empty or not there yet; returns what was written."""
    part.check(world)
    _make(folder)
    try:
        files = [_table(folder, one, told) for one in _wanted(world, part)]
        if part.is_whole:
            files.append(_rows(folder, TRAFFIC_FILE, traffic.COLUMNS, traffic.Day(world).rows(), told))
            files.append(_rows(folder, LINKS_FILE, links.COLUMNS, links.rows(world), told))
            files.append(_rows(folder, TRUTH_FILE, truth.COLUMNS, truth.rows(world), told))
        (folder / README_FILE).write_text(readme(world, files), encoding="utf-8", newline="\n")
    except OSError as error:
        raise _unwritable(folder, error) from error
    return files


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except OSError as error:
        raise _unwritable(folder, error) from error
    if taken:
        raise Refusal(
            "SAMPLE-FOLDER",
            f"{folder} is not empty.",
            path="out",
            hint="Name another folder with --out; nothing is ever written over.",
            status=409,
        )


def _unwritable(folder: Path, error: OSError) -> Refusal:
    return Refusal("FILE-UNWRITABLE", f"{folder} cannot be written: {error.strerror}.", path="out")


def _wanted(world: World, part: Part) -> Iterator[tuple[Table, str, Iterator[Row]]]:
    """Each file to write: its table, its member, its rows."""
    for table in TABLES:
        if table.by_secretariat:
            if part.wants(table.register, SECRETARIAT):
                yield table, SECRETARIAT, _everywhere(world, table)
            continue
        for member in world.members:
            if part.wants(table.register, member.code):
                yield table, member.code, table.rows(world, member)


def _everywhere(world: World, table: Table) -> Iterator[Row]:
    for member in world.members:
        yield from table.rows(world, member)


def _table(folder: Path, wanted: tuple[Table, str, Iterator[Row]], told: Told) -> File:
    table, member, rows = wanted
    name = f"{member}/{table.file}"
    if table.columns:
        columns = table.columns
        cells = ([cell(row.get(column, "")) for column in columns] for row in rows)
        written = _rows(folder, name, columns, cells, told)
    else:
        written = _lines(folder, name, rows, told)
    return msgspec.structs.replace(written, member=member, register=table.register, handling=table.handling)


def _rows(
    folder: Path, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]], told: Told
) -> File:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    told(name, 0)
    with path.open("w", encoding="utf-8", newline="", buffering=BUFFER_BYTES) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        total = 0
        for some in batched(rows):
            writer.writerows(some)
            total += len(some)
            told(name, len(some))
    return File(name, total)


def _lines(folder: Path, name: str, rows: Iterator[Row], told: Told) -> File:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    told(name, 0)
    with path.open("wb", buffering=BUFFER_BYTES) as file:
        total = 0
        for some in batched(rows):
            file.writelines(_encode(row) + b"\n" for row in some)
            total += len(some)
            told(name, len(some))
    return File(name, total)


def batched(rows: Iterable[T]) -> Iterator[list[T]]:
    """The rows in lists of at most ``TOLD_EVERY``."""
    left = iter(rows)
    while some := list(islice(left, TOLD_EVERY)):
        yield some
