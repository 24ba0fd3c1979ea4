"""Writing an invented world, for trying things out, for exercises and for load."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, local


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    local(
        app,
        "sample",
        "sample --out world",
        "sample --seed 7 --scale 0.1 --out small --json",
        "sample --scale 200 --register travel-documents --member XAV --out load",
    )(sample)


def sample(
    call: Call,
    seed: Annotated[int, typer.Option(min=0, help="Another number is another world.")] = 1,
    scale: Annotated[
        float, typer.Option(help="Its size: 1 has 2,000 persons on record and 5,000 documents.")
    ] = 1.0,
    out: Annotated[Path, typer.Option(help="The folder, empty or not there yet.")] = Path("sample"),
    register: Annotated[
        list[str] | None, typer.Option(help="Write only this register; give it once for each.")
    ] = None,
    member: Annotated[
        list[str] | None, typer.Option(help="Write only this member's files; give it once for each.")
    ] = None,
) -> None:
    """Write an invented world: files for every register and member, and a day at the borders.

    The same seed and scale write the same bytes. Nothing in it is real. What is what stands in its README.txt.
    """
    from allpoints.sample.world import World
    from allpoints.sample.writing import Part, write

    world = World(seed, scale)
    part = Part(tuple(register or ()), tuple(member or ()))
    with output.progress() as bars:
        bar = bars.add_task("Writing", total=None, note="")
        files = write(world, out, part, _telling(lambda note: bars.update(bar, note=note)))
    if call.as_json:
        output.json({"folder": str(out), "seed": seed, "scale": scale, "files": files})
        return
    rows = [(one.file, one.register, one.handling, one.rows) for one in files]
    output.table(("file", "register", "handling", "rows"), rows, empty="Nothing was asked for.")
    output.say(f"What is what stands in {out / 'README.txt'}")


def _telling(show: Callable[[str], None]) -> Callable[[str, int], None]:
    written = 0

    def told(file: str, rows: int) -> None:
        nonlocal written
        written += rows
        show(f"{file}, {written:,} rows")

    return told
