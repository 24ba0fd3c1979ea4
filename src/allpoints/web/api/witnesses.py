"""Who witnesses the ledger, how far it was witnessed, and evidence that it is not one."""

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from allpoints.identity.policy import Act
from allpoints.ledger.checkpoint import CHECKPOINT_LIMIT_CHARS
from allpoints.ledger.policy import POLICY_LIMIT_BYTES
from allpoints.node.evidence import Evidence
from allpoints.node.witnesses import LedgerStanding
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, only


class Announced(msgspec.Struct, frozen=True):
    """A member's witness key, as it was written to the ledger."""

    vkey: str


class Compared(msgspec.Struct, frozen=True):
    """Whether a checkpoint is of the ledger held here; false also while this node has not followed so far."""

    same: bool


class Settlement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was found out about a piece of evidence."""

    reason: str


@get(
    "/api/v1/witnesses",
    tags=["ledger"],
    summary="How far the ledger was witnessed, by whom, under which policy",
)
async def standing(request: AnyRequest) -> LedgerStanding:
    asker_of(request)
    desk = desk_of(request)
    return await host_of(request).do(desk.witnesses.standing)


@post(
    "/api/v1/witnesses",
    tags=["ledger"],
    summary="Announce this member's witness key",
    guards=[only(Act.ADMINISTER_NETWORK)],
)
async def announce(request: AnyRequest) -> Announced:
    asker, desk = asker_of(request), desk_of(request)
    return Announced(await host_of(request).do(lambda: desk.witnesses.announce(asker)))


@post(
    "/api/v1/witnesses/policy",
    tags=["ledger"],
    summary="Name the network's witnesses (the body is a policy file)",
    guards=[only(Act.ADMINISTER_NETWORK)],
)
async def name(request: AnyRequest) -> LedgerStanding:
    asker, desk = asker_of(request), desk_of(request)
    data = (await request.body())[: POLICY_LIMIT_BYTES + 1]
    await host_of(request).do(lambda: desk.witnesses.name(asker, data))
    return await host_of(request).do(desk.witnesses.standing)


@get("/api/v1/evidence", tags=["ledger"], summary="Evidence that the ledger is not one, newest first")
async def evidence(request: AnyRequest) -> list[Evidence]:
    asker_of(request)
    desk = desk_of(request)
    return await host_of(request).do(desk.witnesses.evidence.listed)


@post(
    "/api/v1/evidence/compare",
    tags=["ledger"],
    summary="Compare another's checkpoint with the ledger held here (the body is its text)",
    guards=[only(Act.MEASURE)],
)
async def compare(request: AnyRequest) -> Compared:
    asker, desk = asker_of(request), desk_of(request)
    text = (await request.body())[: 4 * CHECKPOINT_LIMIT_CHARS].decode("utf-8", "replace")
    same = await host_of(request).do(lambda: desk.witnesses.compare(text, f"a file of {asker.officer}"))
    return Compared(same)


@post(
    "/api/v1/evidence/{number:int}/settlement",
    tags=["ledger"],
    summary="Answer for a piece of evidence: it holds publication back no longer",
    guards=[only(Act.ADMINISTER_NETWORK)],
)
async def settle(request: AnyRequest, number: FromPath[int], data: JSONBody[Settlement]) -> list[Evidence]:
    asker, desk = asker_of(request), desk_of(request)
    await host_of(request).do(lambda: desk.witnesses.evidence.settle(asker, number, data.reason))
    return await host_of(request).do(desk.witnesses.evidence.listed)


HANDLERS = [standing, announce, name, evidence, compare, settle]
