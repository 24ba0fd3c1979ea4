"""The scene in which a member is suspended: at once, at every border, and until it is restored."""

import time
from typing import TYPE_CHECKING

from demo import world
from demo.network import Node, refusal_of, until

if TYPE_CHECKING:
    from demo.play import Stage


async def suspension(stage: "Stage") -> None:
    """The secretariat suspends Castrovia; it takes effect at every border, and Castrovia is told nothing more."""
    account = stage.account
    account.scene("j", "Castrovia's keys may be stolen: the secretariat suspends it at once")
    castrovia, secretariat = stage.castrovia, stage.secretariat
    why = ("--reason", "Keys may be stolen", "--authority", "Duty officer")
    began = time.perf_counter()
    await secretariat.command("member", "suspend", castrovia.name, *why)
    await until(lambda: _suspended(castrovia), "Castrovia to learn that it is suspended")
    account.observed("suspended: the order is in the ledger, and Castrovia itself says so", ms=_since(began))
    reach = await until(lambda: _reached(stage), "the order to reach every bureau")
    account.observed(f"the secretariat sees whom it has reached: {', '.join(reach)}", ms=_since(began))
    record = _stolen("XCS", "XCS-9", "CS9990001")
    refused = await refusal_of(castrovia.post("/api/v1/registers/travel-documents/records", record))
    account.require("MEMBER-LIMITED" in refused, "Castrovia can enter no record any more")
    await stage.arvandia.post(
        "/api/v1/registers/travel-documents/records", _stolen("XAV", "XAV-9", "AV9990001")
    )
    zone = world.passport("AV9990001", "XAV", "Sorrel", "Piet", "1982-08-17", sex="M")
    await until(
        lambda: _flagged(stage.airport, zone), "Arvandia's new record to reach the airport of Belmora"
    )
    answer = await castrovia.post("/api/v1/checks", {"mrz": zone})
    age = (answer["asked_ms"] - answer["as_of_ms"]) / 1000
    account.require(
        answer["verdict"] == "clear" and age > 0,
        f"Belmora's border knows Arvandia's new record; Castrovia does not, and says its view is {age:.1f} s old",
    )
    await secretariat.command(
        "member", "restore", castrovia.name, "--reason", "New keys", "--authority", "GA-2026-94-RES-07"
    )
    await until(lambda: _holds_again(castrovia, zone), "Castrovia to be told what it missed")
    account.observed("restored: Castrovia follows again")


def _since(began: float) -> float:
    return 1e3 * (time.perf_counter() - began)


def _stolen(issuer: str, ref: str, number: str) -> dict[str, str]:
    about = {"document_number": number, "issuer": issuer, "document_type": "passport", "fraud": "stolen"}
    return {"source_ref": ref, **about}


async def _suspended(node: Node) -> bool:
    return bool((await node.get("/api/v1/status"))["suspended"])


async def _reached(stage: "Stage") -> list[str]:
    rows = (await stage.secretariat.get("/api/v1/members/XCS/reach"))["members"]
    return [row["code"] for row in rows] if all(row["reached"] for row in rows) else []


async def _flagged(post: Node, zone: str) -> bool:
    return bool((await post.post("/api/v1/checks", {"mrz": zone}))["verdict"] == "document")


async def _holds_again(node: Node, zone: str) -> bool:
    answer = await node.post("/api/v1/checks", {"mrz": zone})
    return bool(answer["asked_ms"] == answer["as_of_ms"])
