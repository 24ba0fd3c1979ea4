"""``allpoints serve``: one node in this process until it is told to stop."""

import gc
import signal
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

from allpoints.cli import folders, output
from allpoints.ground.refusal import Refusal

if TYPE_CHECKING:
    import uvicorn

    from allpoints.node.settings import Settings
    from allpoints.web.asgi import Entrance
    from allpoints.web.secure import SecureDoorway

STOP_SECONDS = 5
"""How long requests that are under way may take to end once the node is told to stop."""
BACKLOG = 2_048
COLLECT_AFTER_OBJECTS = 50_000
"""How many objects that may be in cycles are made before the collector looks for some."""


def serve(settings: "Settings") -> None:
    """Serve the node of these settings until SIGTERM or SIGINT; refuses a folder or port that is taken."""
    from allpoints.ground import memory
    from allpoints.ground.clock import SystemClock
    from allpoints.node import changing_root, logs, rotating

    logs.set_up(settings.text("log.level"), settings.text("log.form"))
    memory.give_back()

    with folders.held(settings.folder), _bound(settings, "web.port") as listening, ExitStack() as beside:
        checks = None
        if settings.number("checks.workers"):
            checks = beside.enter_context(_bound(settings, "checks.port"))
        rotating.finish(settings, SystemClock())
        changing_root.finish(settings, SystemClock())
        _run(settings, listening, checks)


def _run(settings: "Settings", listening: socket.socket, checks: socket.socket | None) -> None:
    import uvicorn

    from allpoints.node.host import Host
    from allpoints.web.app import create
    from allpoints.web.pages.feed import end_feeds
    from allpoints.web.secure import SecureDoorway

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                output.say(f"{settings.text('node.name')} ({settings.role}) serves {settings.address}/en/")

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            end_feeds(app)
            if doorway is not None:
                doorway.close()
            await super().shutdown(sockets)

    host = Host(settings)
    app = create(host, checks)
    doorway = None if host.door is None else SecureDoorway(host, host.door)
    _collect_seldom()
    # The server raises the signal that stopped it once more at its end; by then the stop is done.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    server = Announcing(_configuration(app, doorway))
    try:
        server.run(sockets=[listening])
    except SystemExit as ended:
        if server.started:
            raise
        raise Refusal("NOT-STARTED", "The node could not start; its log says why.", status=503) from ended


def _collect_seldom() -> None:
    """Let the collector of cycles pass over what lives as long as the process, and look at the rest less often.

    A batch of a thousand records makes tens of thousands of objects and no cycle; looking for some took a tenth of an
    import's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS, 20, 50)


def _configuration(app: "Entrance", doorway: "SecureDoorway | None") -> "uvicorn.Config":
    import uvicorn

    from allpoints.node.lines import SOCKET_LIMIT_BYTES
    from allpoints.web.patience import Patient, connections_limit

    Patient.connections_limit = connections_limit()
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=Patient if doorway is None else doorway,  # type: ignore[arg-type]  # called as the class is
        ws="websockets-sansio",
        ws_max_size=SOCKET_LIMIT_BYTES,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def _bound(settings: "Settings", path: str) -> socket.socket:
    """Take host and port before anything else is begun; ``path`` is the port's setting."""
    host, port = settings.text("web.host"), settings.number(path)
    with ExitStack() as opened:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            listening = opened.enter_context(socket.socket(family, kind, protocol))
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError as error:
            raise Refusal(
                "ADDRESS-TAKEN",
                f"{host}:{port} cannot be served: {error.strerror}.",
                path=path,
                hint=f"Another node may use it. Set web.host and {path} in allpoints.toml.",
                status=409,
            ) from error
        opened.pop_all()
    return listening
