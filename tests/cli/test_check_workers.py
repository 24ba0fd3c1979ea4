"""A bureau with check workers as processes: ports that are taken, and a node that is killed with answers untaken."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.cli.processes import Town, free_ports, until

CHECKS = "/api/v1/checks"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.close()


def bureau_with_workers(town: Town, workers: int) -> tuple[str, int]:
    """A secretariat that is its own bureau and answers checks with workers; its name and the workers' port."""
    web, checks = free_ports(2)
    named = ("--name", "XSC", "--label", "Secretariat", "--network", "example.allpoints")
    town.done("init", "--dir", "xsc", "--role", "secretariat", *named, "--port", str(web))
    path = town.folder / "xsc" / "allpoints.toml"
    text = path.read_text().replace("# workers = 0", f"workers = {workers}")
    path.write_text(text.replace("# port = 8480", f"port = {checks}"))
    return "xsc", checks


def children(process: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def ask(port: int, token: str, number: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}", "allpoints-purpose": "border-control"}
    with httpx.Client(timeout=30, trust_env=False) as client:
        question = {"number": number, "issuer": "XAV"}
        return client.post(f"http://127.0.0.1:{port}{CHECKS}", json=question, headers=headers)


def audited(town: Town, check: str) -> int:
    lines: list[dict[str, Any]] = town.done("audit", "list", "--json", "--dir", "xsc").json
    return sum(line["detail"].get("check") == check for line in lines if line["event"] == "check:asked")


def test_a_port_for_workers_that_is_taken_is_refused_before_the_node_begins(town: Town) -> None:
    node, port = bureau_with_workers(town, 1)
    with socket.create_server(("127.0.0.1", port)):
        refused = town.type("serve", "--dir", node)
    assert refused.code == 1
    assert "field: checks.port" in refused.err


def test_a_node_that_is_killed_before_it_took_an_answer_in_takes_it_in_when_it_starts_again(
    town: Town,
) -> None:
    node, port = bureau_with_workers(town, 1)
    town.serve(node)
    token = town.done("officer", "token", "operator", "--dir", node).out.split()[-1]
    assert until(lambda: "1 of 1 answer" in town.type("status", "--dir", node).out)
    first = ask(port, token, "AA000001")
    assert first.json()["verdict"] == "clear"
    process = town.running[node]
    workers = children(process.pid)
    # The node stands still: a worker that knows the officer answers all the same, and nothing is taken in.
    os.kill(process.pid, signal.SIGSTOP)
    checks = [ask(port, token, f"AA00000{number}").json()["check"] for number in range(2, 6)]
    # Who asks for the first time cannot be known: that is no answer.
    assert ask(port, "ap_other", "AA000001").json()["code"] == "CHECK-UNABLE"
    town.stop(node, signal.SIGKILL)
    assert until(lambda: not any(Path(f"/proc/{one}").exists() for one in workers))
    town.serve(node)
    for check in (first.json()["check"], *checks):
        assert audited(town, check) == 1
    assert not list((town.folder / node / "checks").iterdir())
    assert town.stop(node) == 0


def test_a_node_that_stops_has_taken_everything_in_and_leaves_no_live_part(town: Town) -> None:
    node, port = bureau_with_workers(town, 1)
    town.serve(node)
    token = town.done("officer", "token", "operator", "--dir", node).out.split()[-1]
    assert ask(port, token, "AA000001").status_code == 200
    assert town.stop(node) == 0
    assert not list((town.folder / node / "checks").iterdir())
    assert not (town.folder / node / "index" / "live.log").exists()
