"""Why somebody may do something, or may not."""

from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from allpoints.identity.officers import Asker
from allpoints.node.explaining import QUESTION_LIMIT, Explained, explain
from allpoints.node.host import Host
from allpoints.web.api.asking import AnyRequest, asker_of, host_of


@get("/api/v1/why", tags=["administration"], summary="Explain a decision of the policies")
async def why(
    request: AnyRequest, question: Annotated[str, QueryParameter(max_length=QUESTION_LIMIT)]
) -> Explained:
    """Such as "may vera search travel-documents for border-control": of others, administrators ask alone."""
    asker, host = asker_of(request), host_of(request)
    return await host.do(lambda: _explained(host, asker, question))


def _explained(host: Host, asker: Asker, question: str) -> Explained:
    return explain(host.office, host.vocabulary, asker, question, central=host.me.is_secretariat)


HANDLERS = [why]
