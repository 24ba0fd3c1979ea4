"""What a command prints: data to standard output as tables or JSON, talk to standard error."""

import datetime as dt
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

import msgspec

from allpoints.ground.refusal import Problem, Refusal

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

Rows = Sequence[Sequence[object]]

PLAIN_WIDTH = 200
"""Columns of a table that goes into a pipe or file: wide enough that no cell is cut."""


def console(stream: TextIO) -> "Console":
    """A console on ``stream``: colour only on a terminal and without NO_COLOR."""
    from rich.console import Console

    terminal = stream.isatty()
    plain = not terminal or bool(os.environ.get("NO_COLOR"))
    return Console(
        file=stream,
        no_color=plain,
        force_terminal=terminal,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=not terminal,
        width=None if terminal else PLAIN_WIDTH,
    )


def say(sentence: str) -> None:
    """Tell the person at the keyboard something; never data."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def data(text: str) -> None:
    """Print data as it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def raw(piece: bytes) -> None:
    """Print a piece of a file as it is."""
    sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def json(value: Any) -> None:
    """Print ``value`` as indented JSON."""
    data(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def refused(refusal: Refusal, *, as_json: bool) -> None:
    """Print a refusal: sentence, field and hint for a person, the problem object for a program."""
    problem = refusal.problem()
    if as_json:
        json(problem)
        return
    for line in sentences(problem):
        say(line)


def sentences(problem: Problem) -> list[str]:
    """A problem in words: each fault with its field, and what to do next."""
    lines = [f"error: {problem.detail}"]
    if len(problem.faults) > 1:
        for fault in problem.faults:
            lines.append(f"  {fault.path + ': ' if fault.path else ''}{fault.sentence}")
            lines += [f"    hint: {fault.hint}"] if fault.hint else []
        return lines
    lines += [f"  field: {problem.path}"] if problem.path else []
    lines += [f"hint: {problem.hint}"] if problem.hint else []
    return lines


# -- tables


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print rows under their columns; ``empty`` is said when there are none."""
    listed = [[shown(cell) for cell in row] for row in rows]
    if not listed:
        say(empty)
        return
    if not sys.stdout.isatty():
        _plain(columns, listed)
        return
    from rich.table import Table

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        drawn.add_column(name, overflow="fold")
    for row in listed:
        drawn.add_row(*row)
    console(sys.stdout).print(drawn)


def _plain(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns of equal width, nothing cut, so that a pipe gets every character."""
    widths = [max(len(row[place]) for row in [columns, *rows]) for place in range(len(columns))]
    for row in [columns, *rows]:
        data("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def listing(found: object, columns: Sequence[str], rows: Rows, how: "Listing") -> None:
    """Print what was found as JSON, as identifiers alone, or as a table; a row begins with its identifier."""
    if how.as_json:
        json(found)
    elif how.ids:
        for identifier, *_ in rows:
            data(str(identifier))
    else:
        table(columns, [(str(row[0])[: how.letters], *row[1:]) for row in rows], empty=how.empty)


class Listing(NamedTuple):
    """How a list is printed; ``letters`` of an identifier are enough where a table stands before a person."""

    empty: str
    as_json: bool
    ids: bool
    letters: int | None = None


def facts(pairs: Mapping[str, object] | Iterable[tuple[str, object]]) -> None:
    """Print names with their values, one a line; empty values are left out."""
    items = list(pairs.items() if isinstance(pairs, Mapping) else pairs)
    kept = [(name, shown(value)) for name, value in items if value not in ("", None, [], (), {})]
    width = max((len(name) for name, _ in kept), default=0)
    for name, value in kept:
        first, *more = value.split("\n")
        data(f"{name.ljust(width)}  {first}")
        for line in more:
            data(f"{' ' * width}  {line}")


def shown(value: object) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {shown(one)}" for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(shown(one) for one in value)
    return "" if value is None else str(value)


def counted(number: int, one: str, more: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else more}"


def at(moment_ms: int) -> str:
    """An instant in UTC, to the second; nothing for 0."""
    if not moment_ms:
        return ""
    return dt.datetime.fromtimestamp(moment_ms / 1000, dt.UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def span(length_ms: float) -> str:
    """A length of time in the two largest units that matter."""
    if length_ms < 1_000:
        return f"{length_ms:.0f} ms"
    seconds = length_ms / 1000
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.1f} s"


# -- progress


def progress() -> "Progress":
    """A progress bar on standard error; silent where that is no terminal."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    stream = sys.stderr
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        TimeElapsedColumn(),
        console=console(stream),
        disable=not stream.isatty(),
        transient=False,
    )
