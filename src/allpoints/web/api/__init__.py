"""The HTTP API: one module per part, each a thin mouth over the same verbs as the console."""

from litestar.types import ControllerRouterHandler

from allpoints.web.api import (
    auditing,
    emergencies,
    exclusions,
    files,
    hits,
    imports,
    links,
    member_keys,
    messages,
    network,
    notices,
    officers,
    openings,
    outside,
    record_life,
    registers,
    review,
    searching,
    traces,
    vouching,
    watching,
    why,
    witnesses,
)

MODULES = (
    searching,
    outside,
    registers,
    record_life,
    exclusions,
    links,
    files,
    imports,
    notices,
    review,
    hits,
    traces,
    messages,
    member_keys,
    network,
    officers,
    vouching,
    auditing,
    openings,
    watching,
    emergencies,
    witnesses,
    why,
)


def handlers() -> list[ControllerRouterHandler]:
    """Every endpoint of the API."""
    return [handler for module in MODULES for handler in module.HANDLERS]
