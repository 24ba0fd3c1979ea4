"""Checks over HTTP beside the empty handler of the same server, in the same run.

    python -m benchmarks.check_http [--documents 100000] [--seconds 5] [--rounds 5]

A secretariat and a bureau with one check worker run as real processes, the audit line written before each answer. The
client sends from 32 connections (throughput) and from one (latency), in turn to the worker, to the node itself and to an
empty handler on the same server software. Client and servers share the machine's cores, so what a process costs of a core
for each request is measured beside the rate.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from demo import world
from demo.network import free_port

from benchmarks import measuring
from benchmarks.stage import Stage

CONNECTIONS = 32
BATCH = 1_000
SETTLE_SECONDS = 1.0
EMPTY = """
import sys, uvicorn
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": b"{}"})
uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", log_config=None, access_log=False, lifespan="off")
"""


class Load:
    """Requests to one address, each a fixed string of bytes over kept-alive connections."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self.port = port
        self.requests = requests

    async def run(self, connections: int, seconds: float) -> list[float]:
        """Milliseconds of every answer within the time."""
        end = time.perf_counter() + seconds
        found = await asyncio.gather(*(self._one(number, end) for number in range(connections)))
        return [one for many in found for one in many]

    async def _one(self, number: int, end: float) -> list[float]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        took = []
        at = number * 997
        while (began := time.perf_counter()) < end:
            writer.write(self.requests[at % len(self.requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            await self._rest(head, reader)
            took.append(1e3 * (time.perf_counter() - began))
            at += 1
        writer.close()
        return took

    async def _rest(self, head: bytes, reader: asyncio.StreamReader) -> None:
        lowered = head.lower()
        if b"content-length:" in lowered:
            length = int(lowered.split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            return
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()


def request(port: int, token: str, question: dict[str, str]) -> bytes:
    body = json.dumps(question).encode()
    return (
        f"POST /api/v1/checks HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Allpoints-Purpose: border-control\r\nAllpoints-Case: BENCH\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


class Side:
    """One of what is compared: where it answers, and the process whose time it costs."""

    def __init__(self, name: str, load: Load, process: int) -> None:
        self.name = name
        self.load = load
        self.process = process
        self.rates: list[float] = []
        self.cpu_us: list[float] = []
        self.alone: list[float] = []
        self.crowd: list[float] = []

    async def round(self, seconds: float) -> None:
        before = cpu_seconds(self.process)
        took = await self.load.run(CONNECTIONS, seconds)
        self.cpu_us.append(1e6 * (cpu_seconds(self.process) - before) / len(took))
        self.rates.append(len(took) / seconds)
        self.crowd += took
        self.alone += await self.load.run(1, seconds / 4)

    def told(self) -> str:
        p50, p99 = (measuring.percentile(self.alone, share) for share in (0.5, 0.99))
        c50, c99 = (measuring.percentile(self.crowd, share) for share in (0.5, 0.99))
        return (
            f"{self.name:>6}: {measuring.spread(self.rates)} requests/s; its process {measuring.spread(self.cpu_us)} us "
            f"of a core each; one connection p50 {p50:.2f} ms, p99 {p99:.2f} ms; "
            f"{CONNECTIONS} connections p50 {c50:.2f} ms, p99 {c99:.2f} ms"
        )


def cpu_seconds(process: int) -> float:
    """What a process has used of the processor so far, its own and the system's for it."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def child_of(process: int) -> int:
    """The check worker of a node that has one."""
    return int(Path(f"/proc/{process}/task/{process}/children").read_text().split()[0])


def batch(port: int, token: str, questions: list[dict[str, str]]) -> bytes:
    body = b"\n".join(json.dumps(one).encode() for one in questions)
    return (
        f"POST /api/v1/checks/batch HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Allpoints-Purpose: border-control\r\nAllpoints-Case: BENCH\r\n"
        f"Content-Type: application/jsonl\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def measure_batches(worker: Side, seconds: float) -> dict[str, float]:
    """Batches of a thousand over two connections: checks a second, and for a second of the worker's core."""
    before = cpu_seconds(worker.process)
    took = await worker.load.run(2, seconds)
    checks = BATCH * len(took)
    per_core = checks / (cpu_seconds(worker.process) - before)
    print(f" batch: {checks / seconds:,.0f} checks/s; {per_core:,.0f} for a second of the worker's core")
    return {"http_batch_per_second": checks / seconds, "http_batch_per_core_second": per_core}


async def measure(documents: int, seconds: float, rounds: int) -> None:
    measuring.heading(
        "Checks over HTTP",
        f"{documents:,} documents; {rounds} rounds of {seconds:.0f} s each in turn; misses; one check worker",
    )
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), ("XAV",), (), workers=1)
        port = free_port()
        empty = subprocess.Popen([sys.executable, "-c", EMPTY, str(port)])
        try:
            await stage.start()
            bureau = stage.bureaus["XAV"]
            path = Path(folder) / "documents.csv"
            world.write_documents(path, "XAV", documents)
            await stage.imported("XAV", path)
            node = bureau.process.pid if bureau.process is not None else 0
            await compare(stage, {"node": node, "empty": empty.pid}, port, seconds, rounds)
        finally:
            empty.terminate()
            await stage.stop()


async def compare(stage: Stage, processes: dict[str, int], empty: int, seconds: float, rounds: int) -> None:
    bureau = stage.bureaus["XAV"]
    token, port = bureau.token(), stage.check_ports["XAV"]
    questions = [
        {"mrz": world.passport(f"N{n:08d}", "UTO", "Roe", "Iris", "1969-01-17")} for n in range(9_999)
    ]
    worker = child_of(processes["node"])

    def side(name: str, at: int, process: int) -> Side:
        return Side(name, Load(at, [request(at, token, one) for one in questions]), process)

    many = [batch(port, token, questions[at : at + BATCH]) for at in range(0, 9_000, BATCH)]
    await report(
        side("worker", port, worker),
        side("node", bureau.port, processes["node"]),
        side("empty", empty, processes["empty"]),
        seconds,
        rounds,
        Side("batch", Load(port, many), worker),
    )


async def report(worker: Side, node: Side, empty: Side, seconds: float, rounds: int, batches: Side) -> None:
    sides = (worker, node, empty)
    for one in sides:
        await one.load.run(CONNECTIONS, 1.0)
    for _ in range(rounds):
        for one in sides:
            await one.round(seconds)
            # What a worker answered is taken in behind it: that must not count against the next.
            await asyncio.sleep(SETTLE_SECONDS)
    for one in sides:
        print(one.told())
    ratios = [one / other for one, other in zip(worker.rates, empty.rates, strict=True)]
    nodes = [one / other for one, other in zip(node.rates, empty.rates, strict=True)]
    per_core = [other / one for one, other in zip(worker.cpu_us, empty.cpu_us, strict=True)]
    print(f"worker / empty handler, requests a second: {measuring.spread(ratios)}")
    print(f"worker / empty handler, requests for a second of their core: {measuring.spread(per_core)}")
    print(f"  node / empty handler, requests a second: {measuring.spread(nodes)}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    middle = rounds // 2
    many = await measure_batches(batches, seconds)
    measuring.closing(
        {
            "http_checks_per_second": sorted(worker.rates)[middle],
            "http_vs_empty_handler": sorted(ratios)[middle],
            "http_vs_empty_handler_per_core": sorted(per_core)[middle],
            "http_p50_ms": measuring.percentile(worker.alone, 0.5),
            "http_p99_ms": measuring.percentile(worker.alone, 0.99),
            **many,
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    asyncio.run(measure(options.documents, options.seconds, options.rounds))


if __name__ == "__main__":
    main()
