"""Real processes for benchmarks: a secretariat, bureaus and posts, set up by the program's own commands."""

import asyncio
import os
from pathlib import Path

from demo.network import Node, environment_is_quiet, until

LABELS = {"XAV": "Arvandia", "XBM": "Belmora", "XCS": "Castrovia"}


class Stage:
    """``posts`` are names such as ``XBM/gate``."""

    def __init__(self, folder: Path, bureaus: tuple[str, ...], posts: tuple[str, ...]) -> None:
        environment_is_quiet()
        # All load comes from one address: what is measured is the node, not its quota.
        os.environ["ALLPOINTS_HTTP_CHECKS"] = "1000000"
        self.folder = folder
        self.secretariat = Node(folder / "XSC", "XSC", "secretariat", "Secretariat")
        self.bureaus = {name: Node(folder / name, name, "bureau", LABELS[name]) for name in bureaus}
        self.posts = {name: Node(folder / name.replace("/", "-"), name, "post", name) for name in posts}

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.secretariat, *self.bureaus.values(), *self.posts.values())

    async def start(self) -> None:
        for node in self.nodes:
            network = ("--network", "bench.example") if node.role == "secretariat" else ()
            await node.command(
                *("init", "--role", node.role, "--name", node.name, "--label", node.label),
                *("--port", str(node.port), *network),
            )
        self.secretariat.start()
        await self.secretariat.ready()
        for node in self.bureaus.values():
            await self._join(self.secretariat, node, "member")
        for node in self.posts.values():
            await self._join(self.bureaus[node.name[:3]], node, "post")

    async def _join(self, upper: Node, node: Node, kind: str) -> None:
        admission = node.folder / "given.json"
        await upper.command(kind, "admit", str(node.folder / "join-request.json"), "--out", str(admission))
        await node.command("join", str(admission))
        node.start()
        await node.ready()

    async def imported(
        self, member: str, path: Path, register: str = "travel-documents", seconds: float = 600.0
    ) -> None:
        """Import a file of records at a bureau and wait until the relay has it."""
        node = self.bureaus[member]
        job = await node.send_file(path, register=register, keep_going="true")

        async def ended() -> bool:
            state = await node.get(f"/api/v1/imports/{job['id']}")
            return state["state"] == "done" and not state["waiting"]

        await until(ended, "the import to end", seconds, 0.1)

    async def stop(self) -> None:
        for node in reversed(self.nodes):
            node.stop()
        for node in self.nodes:
            if node.process is not None:
                await asyncio.to_thread(node.process.wait)
            await node.client.aclose()
