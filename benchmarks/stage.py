"""Real processes for benchmarks: a secretariat, bureaus and posts, set up by the program's own commands."""

import asyncio
import os
from pathlib import Path

from demo.network import Node, environment_is_quiet, free_port, until

LABELS = {"XAV": "Arvandia", "XBM": "Belmora", "XCS": "Castrovia"}


class Stage:
    """``posts`` are names such as ``XBM/gate``; each bureau has so many check ``workers``."""

    def __init__(
        self, folder: Path, bureaus: tuple[str, ...], posts: tuple[str, ...], workers: int = 0
    ) -> None:
        environment_is_quiet()
        # All load comes from one address: what is measured is the node, not its quota.
        os.environ["ALLPOINTS_HTTP_CHECKS"] = "1000000"
        self.folder = folder
        self.secretariat = Node(folder / "XSC", "XSC", "secretariat", "Secretariat")
        self.bureaus = {name: Node(folder / name, name, "bureau", LABELS[name]) for name in bureaus}
        self.workers = workers
        self.check_ports = {name: free_port() for name in bureaus}
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
            if self.workers:
                self._give_workers(node)
            await self._join(self.secretariat, node, "member")
        for node in self.posts.values():
            await self._join(self.bureaus[node.name[:3]], node, "post")

    def _give_workers(self, node: Node) -> None:
        path = node.folder / "allpoints.toml"
        given = {"workers": self.workers, "port": self.check_ports[node.name]}
        text = path.read_text()
        head, section, rest = text.partition("[checks]\n")
        for name, value in given.items():
            before, _, after = rest.partition(f"# {name} = ")
            rest = f"{before}{name} = {value}\n{after.partition(chr(10))[2]}"
        path.write_text(head + section + rest)

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
