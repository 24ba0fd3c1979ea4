"""Checks over HTTP beside the empty handler of the same server, in the same run.

    python -m benchmarks.check_http [--documents 100000] [--seconds 5] [--rounds 5]

A secretariat and a bureau run as real processes with the audit line on disk before each answer. The client sends from
32 connections (throughput) and from one (latency), in turn to the node and to an empty handler on the same server
software with the same settings.
"""

import argparse
import asyncio
import json
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


async def measure(documents: int, seconds: float, rounds: int) -> None:
    measuring.heading(
        "Checks over HTTP",
        f"{documents:,} documents; {rounds} rounds of {seconds:.0f} s each in turn; misses, 1 hit in 10,000",
    )
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), ("XAV",), ())
        port = free_port()
        empty = subprocess.Popen([sys.executable, "-c", EMPTY, str(port)])
        try:
            await stage.start()
            bureau = stage.bureaus["XAV"]
            path = Path(folder) / "documents.csv"
            world.write_documents(path, "XAV", documents)
            await stage.imported("XAV", path)
            token = bureau.token()
            misses = [
                request(
                    bureau.port,
                    token,
                    {"mrz": world.passport(f"N{n:08d}", "UTO", "Roe", "Iris", "1969-01-17")},
                )
                for n in range(9_999)
            ]
            await report(Load(bureau.port, misses), Load(port, misses), seconds, rounds)
        finally:
            empty.terminate()
            await stage.stop()


async def report(node: Load, empty: Load, seconds: float, rounds: int) -> None:
    await node.run(CONNECTIONS, 1.0)
    await empty.run(CONNECTIONS, 1.0)
    rates: dict[str, list[float]] = {"node": [], "empty": []}
    alone: dict[str, list[float]] = {"node": [], "empty": []}
    crowd: dict[str, list[float]] = {"node": [], "empty": []}
    for _ in range(rounds):
        for name, load in (("node", node), ("empty", empty)):
            took = await load.run(CONNECTIONS, seconds)
            rates[name].append(len(took) / seconds)
            crowd[name] += took
            alone[name] += await load.run(1, seconds / 4)
    ratios = [one / other for one, other in zip(rates["node"], rates["empty"], strict=True)]
    for name in ("node", "empty"):
        p50, p99 = (measuring.percentile(alone[name], share) for share in (0.5, 0.99))
        c50, c99 = (measuring.percentile(crowd[name], share) for share in (0.5, 0.99))
        print(
            f"{name:>6}: {measuring.spread(rates[name])} requests/s; one connection p50 {p50:.2f} ms, p99 {p99:.2f} ms; "
            f"{CONNECTIONS} connections p50 {c50:.2f} ms, p99 {c99:.2f} ms"
        )
    print(f"node / empty handler: {measuring.spread(ratios)}")
    measuring.closing(
        {
            "http_checks_per_second": sorted(rates["node"])[rounds // 2],
            "http_vs_empty_handler": sorted(ratios)[rounds // 2],
            "http_p50_ms": measuring.percentile(alone["node"], 0.5),
            "http_p99_ms": measuring.percentile(alone["node"], 0.99),
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
