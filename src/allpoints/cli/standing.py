"""How this node stands: status, settings, audit log."""

from typing import Annotated

import typer

from allpoints.cli import output
from allpoints.cli.calling import Call, local, remote
from allpoints.cli.client import Fields


def add(app: typer.Typer) -> None:
    """Put these commands on ``app``."""
    remote(app, "status", "status --dir xav", "status --json")(status)
    local(app, "settings", "settings --dir xav", "ALLPOINTS_WEB_PORT=9000 allpoints settings")(settings)
    remote(app, "audit", "audit --limit 20", "audit --json")(audit)


def status(call: Call) -> None:
    """Say how this node stands: its line, its ledger, its records, and what the relay refused of it."""
    found = call.client.get("/api/v1/status", Fields)
    if call.as_json:
        output.json(found)
        return
    health = found["health"]
    output.facts(
        [
            ("node", f"{health['node']} ({health['role']}), version {health['version']}"),
            ("address", found["address"]),
            ("up", output.span(health["up_ms"])),
            ("line", "up" if health["line"] else f"cut off, {output.span(health['behind_ms'])} behind"),
            ("ledger", f"{health['ledger']} entries"),
            ("waiting", f"{health['waiting']} to be sent" if health["waiting"] else "nothing to be sent"),
            ("records", found["records"]),
            ("refused", found["refused"]),
            ("blocked", "\n".join(found["blocked"])),
        ]
    )


def settings(call: Call) -> None:
    """List every setting with its value, where it comes from, and what it does."""
    rows = call.settings.rows()
    if call.as_json:
        listed = [
            {
                "name": setting.path,
                "value": origin.value,
                "origin": origin.origin,
                "variable": setting.variable,
                "sentence": setting.sentence,
            }
            for setting, origin in rows
        ]
        output.json(listed)
        return
    output.table(
        ("setting", "value", "from", "what it does"),
        [(setting.path, origin.value, origin.origin, setting.sentence) for setting, origin in rows],
        empty="",
    )


def audit(
    call: Call,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most this many lines.")] = 50,
    before: Annotated[int, typer.Option(min=0, help="Only lines before this number.")] = 0,
) -> None:
    """Read this node's audit log, newest first: who asked what, when, and why."""
    found = call.client.get("/api/v1/audit", list[Fields], limit=limit, before=before)
    if call.as_json:
        output.json(found)
        return
    rows = [
        (
            one["number"],
            output.at(one["at_ms"]),
            one["officer"],
            one["event"],
            one["purpose"],
            one["case"],
            output.shown(one["detail"]),
        )
        for one in found
    ]
    output.table(
        ("line", "when", "officer", "event", "purpose", "case", "detail"), rows, empty="The log is empty."
    )
