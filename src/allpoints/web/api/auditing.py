"""The audit log over HTTP: lists, samples, exports with proofs, verification; each look is a line of it."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK

from allpoints.identity import policy
from allpoints.identity.policy import Act
from allpoints.ledger import audit, audit_reading
from allpoints.ledger.audit_line import Line
from allpoints.ledger.audit_reading import Filter
from allpoints.node import oversight
from allpoints.node.frames import COUNT_LIMIT
from allpoints.web.api.asking import AnyRequest, asker_of, desk_of, host_of, only

AUDIT_LIMIT = 1_000
WORD_LIMIT = 128

Word = Annotated[str, QueryParameter(max_length=WORD_LIMIT)]
Number = Annotated[int, QueryParameter(ge=0, le=COUNT_LIMIT)]


class AuditLine(msgspec.Struct, frozen=True):
    """One line; without a purpose its ``detail`` names things (hit, record, notice) and nothing that was asked.

    ``leaf`` is its hash in the log's tree. An erased line has no officer, post, purpose, case or detail any more.
    """

    number: int
    at_ms: int
    event: str
    officer: str
    post: str
    purpose: str
    case: str
    policy: str
    detail: msgspec.Raw
    leaf: str
    erased: bool


class Drawn(msgspec.Struct, frozen=True):
    """A sample, with what is needed to draw it again."""

    seed: str
    size: int
    among: int
    lines: list[AuditLine]


class BeginAgain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str


class Begun(msgspec.Struct, frozen=True):
    generation: int


def filter_of(
    officer: Word = "",
    event: Word = "",
    purpose: Word = "",
    case: Word = "",
    register: Word = "",
    since_ms: Number = 0,
    until_ms: Number = 0,
) -> Filter:
    """Which lines are asked for."""
    return Filter(officer, event, purpose, case, register, since_ms, until_ms)


FILTERED = {"wanted": Provide(filter_of, sync_to_thread=False)}
Wanted = NamedDependency[Filter]


def line(one: Line, *, whole: bool) -> AuditLine:
    """A line as it is shown; ``whole`` shows what was asked of persons."""
    return AuditLine(
        one.number,
        one.at_ms,
        one.event,
        one.officer,
        one.post,
        one.purpose,
        one.case_ref,
        one.policy,
        msgspec.Raw(one.detail if whole else msgspec.json.encode(audit.things(one.detail))),
        one.leaf.hex(),
        one.erased,
    )


@get(
    "/api/v1/audit", tags=["audit"], summary="Read this node's audit log, newest first", dependencies=FILTERED
)
async def lines(
    request: AnyRequest,
    wanted: Wanted,
    before: Number = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=AUDIT_LIMIT)] = 100,
) -> list[AuditLine]:
    asker, host = asker_of(request), host_of(request)

    def read() -> list[AuditLine]:
        policy.require(host.vocabulary, asker, Act.READ_AUDIT)
        now = host.clock.now()
        db = host.office.db
        audit.record(db, "audit:read", asker, now, filter=wanted.stated(), before=before, limit=limit)
        whole = asker.purpose in host.vocabulary.purposes
        return [line(one, whole=whole) for one in audit_reading.page(db, wanted, before, limit).lines]

    return await host.do(read)


@get(
    "/api/v1/audit/sample",
    tags=["audit"],
    summary="Draw lines at random, so that the draw can be repeated",
    dependencies=FILTERED,
)
async def sample(
    request: AnyRequest,
    wanted: Wanted,
    count: Annotated[int, QueryParameter(ge=1, le=audit_reading.SAMPLE_LIMIT)] = 20,
    seed: Annotated[str, QueryParameter(max_length=audit_reading.SEED_LIMIT_CHARACTERS)] = "",
    size: Number = 0,
) -> Drawn:
    asker, desk = asker_of(request), desk_of(request)

    def read() -> Drawn:
        drawn = desk.audit.oversight.sample(asker, wanted, seed, size, count)
        whole = asker.purpose in desk.vocabulary.purposes
        return Drawn(drawn.seed, drawn.size, drawn.among, [line(one, whole=whole) for one in drawn.lines])

    return await host_of(request).do(read)


@get(
    "/api/v1/audit/export",
    tags=["audit"],
    summary="Take anchored lines out, each with its proof",
    dependencies=FILTERED,
)
async def export(
    request: AnyRequest,
    wanted: Wanted,
    after: Number = 0,
    size: Number = 0,
) -> oversight.Part:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.audit.oversight.export(asker, wanted, after, size))


@get(
    "/api/v1/audit/growth",
    tags=["audit"],
    summary="Prove that an anchored head goes on from the one before it",
)
async def growth(request: AnyRequest, size: Number = 0) -> oversight.Growth:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.audit.oversight.growth(asker, size))


@post(
    "/api/v1/audit/verification",
    tags=["audit"],
    summary="Begin to verify the whole audit log",
    status_code=HTTP_200_OK,
    guards=[only(Act.VERIFY_AUDIT)],
)
async def verify(request: AnyRequest) -> oversight.Progress:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.audit.oversight.verify(asker))


@get("/api/v1/audit/verification", tags=["audit"], summary="How the verification of the audit log stands")
async def verification(request: AnyRequest) -> oversight.Progress:
    asker, desk = asker_of(request), desk_of(request)
    return await host_of(request).do(lambda: desk.audit.oversight.progress(asker))


@post(
    "/api/v1/audit/generation",
    tags=["audit"],
    summary="Begin the audit log again after what was anchored of it was lost",
    status_code=HTTP_200_OK,
    guards=[only(Act.ADMINISTER_NETWORK)],
)
async def begin_again(request: AnyRequest, data: JSONBody[BeginAgain]) -> Begun:
    asker, desk = asker_of(request), desk_of(request)
    return Begun(await host_of(request).do(lambda: desk.audit.oversight.begin_again(asker, data.reason)))


HANDLERS = [lines, sample, export, growth, verify, verification, begin_again]
