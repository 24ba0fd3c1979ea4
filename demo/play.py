"""The play: six processes, the main job from the first import to the last late hit, each step observed."""

import asyncio
import contextlib
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from demo import scenes
from demo.account import Account, Missed
from demo.network import Cable, Node, environment_is_quiet

FOLDER = Path(".demo")
NETWORK = "demo.allpoints.example"


class Stage:
    """Everything on stage: the nodes, the cable, the account."""

    def __init__(self, folder: Path, account: Account) -> None:
        self.folder = folder
        self.account = account
        self.secretariat = Node(folder / "secretariat", "XSC", "secretariat", "Secretariat")
        self.arvandia = Node(folder / "arvandia", "XAV", "bureau", "National Bureau of Arvandia")
        self.belmora = Node(folder / "belmora", "XBM", "bureau", "National Bureau of Belmora")
        self.castrovia = Node(folder / "castrovia", "XCS", "bureau", "National Bureau of Castrovia")
        self.airport = Node(folder / "belmora-airport", "XBM/airport", "post", "Port Belmora airport")
        self.harbour = Node(folder / "belmora-harbour", "XBM/harbour", "post", "Lower harbour gate")
        self.cable = Cable(self.belmora.port)
        self.kept: dict[str, Any] = {}

    @property
    def bureaus(self) -> tuple[Node, ...]:
        return (self.arvandia, self.belmora, self.castrovia)

    @property
    def posts(self) -> tuple[Node, ...]:
        return (self.airport, self.harbour)

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.secretariat, *self.bureaus, *self.posts)

    async def close(self) -> None:
        await self.cable.cut()
        for node in reversed(self.nodes):
            node.stop()
        for node in self.nodes:
            if node.process is not None:
                await asyncio.to_thread(node.process.wait)
            await node.client.aclose()


async def play(account: Account, *, once: bool) -> int:
    """Play every scene; returns the exit status: 0 only when everything announced was observed."""
    environment_is_quiet()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(mode=0o700)
    stage = Stage(FOLDER, account)
    try:
        for scene in scenes.ALL:
            await scene(stage)
        _farewell(stage)
        if not once:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
    except (Missed, TimeoutError, RuntimeError) as error:
        account.console.print(f"\n[red]The play ended early:[/red] {error}")
        account.console.print(f"The nodes' logs are in {FOLDER}/*/log.")
        return 1
    finally:
        await stage.close()
    return 0


def _farewell(stage: Stage) -> None:
    account = stage.account
    account.scene("", f"Played: {account.seen} things observed in {account.seconds():.0f} seconds")
    account.console.print("   The consoles, with a sign-in each:")
    for node in stage.nodes:
        for officer, password in node.sign_ins:
            account.console.print(
                f"   {node.label:<32} {node.address}/en/desk   {officer}  {password}", soft_wrap=True
            )
    account.console.print(f"   The imported file: {stage.folder / 'documents-XAV.csv'}")


def main() -> int:
    once = os.environ.get("ONCE", "") not in {"", "0"}
    account = Account()
    account.console.print("[bold]allpoints: what one country enters reaches another country's border[/bold]")
    began = time.perf_counter()
    try:
        status = asyncio.run(play(account, once=once))
    except KeyboardInterrupt:
        status = 0
    account.console.print(f"   Ended after {time.perf_counter() - began:.0f} seconds.")
    return status


if __name__ == "__main__":
    sys.exit(main())
