"""``NAME=VALUE`` on the command line: fields, identifiers, filters."""

from typing import Annotated

import typer

from allpoints.ground.refusal import Refusal

Identifiers = Annotated[
    list[str] | None,
    typer.Option("--id", metavar="KIND=VALUE", help="Another identifier (vin, plate, imo …), once for each."),
]
"""Identifiers beside a document, for a check and for a search."""

Filters = Annotated[
    list[str] | None,
    typer.Option("--filter", metavar="FIELD=VALUE", help="Only records with this, in the one --register."),
]


def named(given: str) -> tuple[str, str]:
    """``NAME=VALUE`` as its two parts."""
    name, sign, value = given.partition("=")
    if not sign or not name:
        raise Refusal(
            "FIELD-UNREADABLE", f"{given!r} is not NAME=VALUE.", path="fields", hint="fraud=stolen, say."
        )
    return name, value


def pairs(given: list[str] | None) -> list[str]:
    """``NAME=VALUE``, each as the API takes it."""
    return [":".join(named(one)) for one in given or ()]
