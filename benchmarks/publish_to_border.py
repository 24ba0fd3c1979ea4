"""From an acknowledged publication to the first hit at a post, beside the machine's own floor in the same run.

    python -m benchmarks.publish_to_border [--times 200]

Four real processes: secretariat with relay, two bureaus, one post of the second. Each time the first bureau enters a
stolen passport; the clock starts when its API has answered, which it does once the entry is on its disk. The post is
asked about that passport without a pause until it answers with a hit. Between two publications the network rests for
REST_SECONDS. The floor is one synchronous disk write plus one
loopback round trip, measured in turn with it.
"""

import argparse
import asyncio
import os
import socket
import tempfile
import threading
import time
from pathlib import Path

from demo.network import Node

from benchmarks import measuring
from benchmarks.stage import Stage

REST_SECONDS = 0.3


def disk_and_loopback(folder: Path, connection: socket.socket) -> float:
    """Milliseconds of one 4 KiB synchronous write and one round trip over loopback."""
    began = time.perf_counter()
    handle = os.open(folder / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, bytes(4_096))
    os.fsync(handle)
    os.close(handle)
    connection.sendall(b"x")
    connection.recv(1)
    return 1e3 * (time.perf_counter() - began)


def echo() -> socket.socket:
    """A connection whose other end, in a thread, sends back what it gets."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        peer, _ = server.accept()
        while data := peer.recv(16):
            peer.sendall(data)

    threading.Thread(target=serve, daemon=True).start()
    connection = socket.create_connection(server.getsockname())
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


async def once(owner: Node, post: Node, number: int) -> tuple[float, float]:
    """Milliseconds from acknowledgement to the first hit, and of the acknowledgement itself."""
    document = f"Q{number:07d}"
    record = {
        "source_ref": f"bench-{number}",
        "document_number": document,
        "issuer": owner.name,
        "document_type": "passport",
        "fraud": "stolen",
    }
    began = time.perf_counter()
    await owner.post("/api/v1/registers/travel-documents/records", record)
    acknowledged = time.perf_counter()
    while True:
        answer = await post.post("/api/v1/checks", {"number": document, "issuer": owner.name})
        if answer["verdict"] == "document":
            return 1e3 * (time.perf_counter() - acknowledged), 1e3 * (acknowledged - began)


async def measure(times: int) -> None:
    measuring.heading("From publication to the border", f"{times} publications, one after the other")
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), ("XAV", "XBM"), ("XBM/gate",))
        connection = echo()
        try:
            await stage.start()
            owner, post = stage.bureaus["XAV"], stage.posts["XBM/gate"]
            for number in range(10):
                await once(owner, post, number)
            took, acknowledged, floor = [], [], []
            for number in range(10, 10 + times):
                # The hit before this one is still being told to three parties: that is another matter.
                await asyncio.sleep(REST_SECONDS)
                floor.append(disk_and_loopback(Path(folder), connection))
                first, entered = await once(owner, post, number)
                took.append(first)
                acknowledged.append(entered)
        finally:
            await stage.stop()
    p50, p99 = measuring.percentile(took, 0.5), measuring.percentile(took, 0.99)
    f50, f99 = measuring.percentile(floor, 0.5), measuring.percentile(floor, 0.99)
    print(f"publication → first hit: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    print(f"entering, until acknowledged: p50 {measuring.percentile(acknowledged, 0.5):.1f} ms")
    print(f"floor (disk sync + loopback): p50 {f50:.2f} ms, p99 {f99:.2f} ms; ratio at p50 {p50 / f50:.1f}")
    measuring.closing(
        {
            "publish_to_hit_p50_ms": p50,
            "publish_to_hit_p99_ms": p99,
            "floor_p50_ms": f50,
            "ratio_p50": p50 / f50,
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    asyncio.run(measure(parser.parse_args().times))


if __name__ == "__main__":
    main()
