"""The running node of a folder, as its HTTP API."""

import asyncio  # noqa: F401
