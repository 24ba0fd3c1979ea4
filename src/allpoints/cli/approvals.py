"""What holders of the root approved, beside the file that they approved."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from allpoints.cli import files

APPROVAL_LIMIT_BYTES = 64 * 1024

Approvals = Annotated[
    list[Path] | None, typer.Option("--approval", help="An approval of a holder of the root; once for each.")
]


def with_approvals(text: str, approvals: Sequence[Path]) -> str:
    """A file together with the approvals that were given for it; bare if there are none."""
    from allpoints.identity.root_files import read_approval, write_approved

    read = [read_approval(files.read_text(one, APPROVAL_LIMIT_BYTES)).to_bytes() for one in approvals]
    return write_approved(text, read) if read else text
