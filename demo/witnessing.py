"""The scene in which members witness the ledger, and one of them is shown a forged one."""

import hashlib
import time
from typing import TYPE_CHECKING, Any

from allpoints.identity.keystore import KeyStore
from allpoints.ledger.checkpoint import Checkpoint, sign
from allpoints.ledger.witnessing import Addition
from demo.network import Node, until

if TYPE_CHECKING:
    from demo.play import Stage

QUORUM = 2


async def witnesses(stage: "Stage") -> None:
    """Three members cosign; a checkpoint that the relay's own key signed over another ledger is refused."""
    account = stage.account
    account.scene("k", "Three members witness the ledger; one of them is shown a forged one")
    names = [bureau.name for bureau in stage.bureaus]
    for bureau in stage.bureaus:
        await bureau.command("witness", "announce")
    await until(lambda: _announced(stage.secretariat, len(names)), "the keys of the witnesses to be known")
    began = time.perf_counter()
    await stage.secretariat.command("witness", "name", *names, "--quorum", str(QUORUM))
    held = await until(lambda: _witnessed(stage.belmora), "a quorum to cosign the whole ledger")
    signers = ", ".join(one["name"] for one in held["witnesses"] if one["cosigned_ms"])
    account.observed(
        f"all {held['witnessed']} entries are cosigned, the newest by {signers}; {QUORUM} would do",
        ms=1e3 * (time.perf_counter() - began),
    )
    forged = _forged(stage, held["size"], held["checkpoint"].partition("\n")[0])
    answer = await stage.belmora.client.post("/witness/add-checkpoint", content=forged.text().encode())
    account.require(
        answer.status_code == 422 and answer.json()["code"] == "WITNESS-FORK",
        "Belmora refuses a checkpoint over another ledger, though the relay's own key signed it",
    )
    (kept,) = await stage.belmora.get("/api/v1/evidence")
    told = await stage.belmora.get("/api/v1/alerts")
    account.require(
        any(f"evidence {kept['number']}" in alert["title"] for alert in told),
        f"its desk is alerted and keeps both checkpoints as evidence {kept['number']}; nothing more is published",
    )
    await stage.belmora.command("evidence", "settle", str(kept["number"]), "--reason", "Made for this play")
    account.observed("an administrator has answered for it: Belmora publishes again")


def _forged(stage: "Stage", size: int, network: str) -> Addition:
    """What a thief of the relay's key would show: the same size, another ledger."""
    keys = KeyStore(stage.secretariat.folder / "relay").load()
    other = Checkpoint(network, size, hashlib.sha256(b"another ledger").digest())
    return Addition(size, (), sign(other, keys.signing))


async def _announced(node: Node, count: int) -> bool:
    found = (await node.get("/api/v1/witnesses"))["witnesses"]
    return len([one for one in found if one["announced"]]) == count


async def _witnessed(node: Node) -> Any:
    found = await node.get("/api/v1/witnesses")
    return found if found["policy"] and found["witnessed"] == found["size"] else None
