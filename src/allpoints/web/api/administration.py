"""The audit log of this node."""

from typing import Annotated

import msgspec
from litestar import get
from litestar.params import QueryParameter

from allpoints.identity import policy
from allpoints.identity.policy import Act
from allpoints.ledger import audit
from allpoints.ledger.audit import Line
from allpoints.node.frames import COUNT_LIMIT
from allpoints.web.api.asking import AnyRequest, asker_of, host_of

AUDIT_LIMIT = 1_000


class AuditLine(msgspec.Struct, frozen=True):
    """One line; without a purpose its ``detail`` names things (hit, record, notice) and nothing that was asked."""

    number: int
    at_ms: int
    event: str
    officer: str
    post: str
    purpose: str
    case: str
    policy: str
    detail: msgspec.Raw
    chain: str


def _line(line: Line, *, whole: bool) -> AuditLine:
    return AuditLine(
        line.number,
        line.at_ms,
        line.event,
        line.officer,
        line.post,
        line.purpose,
        line.case_ref,
        line.policy,
        msgspec.Raw(line.detail if whole else msgspec.json.encode(audit.things(line.detail))),
        line.chain.hex(),
    )


@get("/api/v1/audit", tags=["administration"], summary="Read this node's audit log, newest first")
async def lines(
    request: AnyRequest,
    before: Annotated[int, QueryParameter(ge=0, le=COUNT_LIMIT)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=AUDIT_LIMIT)] = 100,
) -> list[AuditLine]:
    asker, host = asker_of(request), host_of(request)

    def read() -> list[AuditLine]:
        policy.require(host.vocabulary, asker, Act.READ_AUDIT)
        audit.record(host.office.db, "audit:read", asker, host.clock.now(), before=before, limit=limit)
        found = audit.lines(host.office.db, before=before or None, limit=limit)
        whole = asker.purpose in host.vocabulary.purposes
        return [_line(line, whole=whole) for line in found]

    return await host.do(read)


HANDLERS = [lines]
