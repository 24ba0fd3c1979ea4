"""The web application of a node: API, console and the raw entrance before them."""

import socket

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from allpoints import __version__
from allpoints.ground.refusal import Refusal
from allpoints.node.host import Host
from allpoints.web import api, pages, problems
from allpoints.web.access import Access
from allpoints.web.asgi import Entrance
from allpoints.web.checking.supervising import CheckWorkers
from allpoints.web.file_answers import AS_IT_IS
from allpoints.web.measures import Measures

BODY_LIMIT_BYTES = 1024 * 1024
"""The largest request body of any endpoint but those that stream a file to a spool: imports and files of records."""


def create(host: Host, checks: socket.socket | None = None) -> Entrance:
    """The ASGI application that serves ``host``; starting and stopping it starts and stops the node.

    ``checks`` is the socket on which the node's check workers answer, if it has any.
    """
    access = Access(host)
    measures = Measures(host)
    framework = Litestar(
        route_handlers=[*api.handlers(), *pages.handlers()],
        state=State({"host": host, "access": access, "measures": measures}),
        exception_handlers={
            Refusal: problems.of_refusal,
            HTTPException: problems.of_http,
            UnicodeDecodeError: problems.of_unreadable,
            RecursionError: problems.of_unreadable,
            Exception: problems.of_failure,
        },
        openapi_config=OpenAPIConfig(
            title="allpoints",
            version=__version__,
            path="/api",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        compression_config=CompressionConfig(backend="gzip", minimum_size=2_000, exclude_opt_key=AS_IT_IS),
        request_max_body_size=BODY_LIMIT_BYTES,
        logging_config=None,
    )
    entrance = Entrance(host, access, framework, measures)  # type: ignore[arg-type]  # the framework's own scope type
    framework.state.entrance = entrance
    if checks is not None:
        workers = CheckWorkers(entrance, checks, host.settings.number("checks.workers"))
        entrance.workers = measures.workers = workers
    return entrance
