"""What a process of a node logs: one line an event, with keys that cannot name a person."""

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

LOGGED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "code",
        "peer",
        "node",
        "role",
        "why",
        "error",
        "exception",
        "logger",
        "reference",
    }
)
"""The only keys a log line may have: a new one that could name a person must be put here by somebody."""


def set_up(level: str, form: str) -> None:
    """Log to standard error, one line an event, for machines or for people."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _known_keys,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if form == "text":
        colours = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        renderer = structlog.dev.ConsoleRenderer(colors=colours)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # The server and its sockets tell of each connection with its address: only what goes wrong is of interest.
    for name in ("uvicorn", "websockets", "httpx", "asyncio"):
        logging.getLogger(name).setLevel(level.upper() if level in {"debug", "error"} else "WARNING")


def _known_keys(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in line.items() if key in LOGGED or key.startswith("_")}
