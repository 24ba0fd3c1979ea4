"""What a node tells its monitor."""

from typing import Any, cast

from allpoints.web.measures import Measures
from tools.reference.markdown import code, page, table

NAME = "metrics"


def metrics() -> list[tuple[str, str, str]]:
    """Name, type and sentence of every metric; describing them needs no node."""
    measures = Measures(cast("Any", None))
    return [
        (f"{one.name}_total" if one.type == "counter" else one.name, one.type, one.documentation)
        for registry in (measures.registry, measures.within)
        for one in registry.collect()
    ]


def write() -> str:
    rows = [(code(name), kind, told) for name, kind, told in sorted(metrics())]
    return page(
        "Metrics",
        "`GET /metrics` answers in Prometheus' text form; nothing in it names a person, a document or an officer. Without "
        "sign-in it leaves out `checks`, `hits` and `records_folded`, because whoever watches them grow can tell that a "
        "traveller was a hit; a bearer token of an officer with the role administrator or command shows them too. "
        "`GET /health` tells the same in one object. See [monitor with Prometheus]"
        "(../how-to/monitor-with-prometheus.md).\n",
        table(["metric", "type", "meaning"], rows),
    )
