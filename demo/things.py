"""The scene of the other registers: a car, a work of art, and what one country keeps from another."""

import csv
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allpoints.sample.countries import country
from allpoints.sample.vehicles import Vehicle, Vehicles
from allpoints.sample.world import World
from demo.network import Node, until
from demo.world import SEED

if TYPE_CHECKING:
    from demo.play import Stage

VEHICLES = 2_000
COLUMNS = (
    "source_ref",
    "status",
    "kind",
    "vin",
    "plate",
    "plate_country",
    "engine_number",
    "make",
    "model",
    "year",
    "colour",
)

CELLO = {
    "source_ref": "XAV-A-0000003",
    "status": "stolen",
    "object_type": "instruments/strings/bowed/cello",
    "title": "Cello with lion's head scroll",
    "period": "c. 1720",
    "materials": ["spruce", "maple"],
    "features": "Repaired crack on the left side",
    "theft_country": "XAV",
}


def vehicles(count: int) -> list[Vehicle]:
    """The first stolen vehicles of Arvandia in the sample world."""
    of = Vehicles(World(SEED), country("XAV"))
    return [of.vehicle(number) for number in range(count)]


def write_vehicles(path: Path, stolen: list[Vehicle]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for one in stolen:
            writer.writerow(
                (
                    one.ref,
                    "stolen",
                    one.kind,
                    one.vin,
                    one.plate,
                    one.member,
                    one.engine,
                    one.make,
                    one.model,
                    one.year,
                    one.colour,
                )
            )


async def other_registers(stage: "Stage") -> None:
    """i. A stolen car at the airport's gate, half a plate at a desk, a cello that one country may not see."""
    account = stage.account
    account.scene(
        "g", f"The other registers: {VEHICLES:,} stolen vehicles, one cello, and nineteen declarations"
    )
    stolen = vehicles(VEHICLES)
    path = stage.folder / "vehicles-XAV.csv"
    write_vehicles(path, stolen)
    await _imported(stage, path)
    await _car(stage, stolen[17])
    await _cello(stage)
    await _gone(stage, stolen[17])


async def _imported(stage: "Stage", path: Path) -> None:
    began = time.perf_counter()
    job = await stage.arvandia.send_file(path, register="stolen-vehicles")

    async def ended() -> Any:
        view = await stage.arvandia.get(f"/api/v1/imports/{job['id']}")
        return view if view["state"] in {"done", "failed"} and not view["waiting"] else None

    done = await until(ended, "the vehicles")
    stage.account.require(
        done["accepted"] == VEHICLES,
        f"{VEHICLES:,} vehicles entered from {path.name}",
        ms=1e3 * (time.perf_counter() - began),
    )


async def _car(stage: "Stage", car: Vehicle) -> None:
    account = stage.account
    answer = await until(
        lambda: _verdict(stage.airport, {"vin": car.vin}, "object"), "the car at the airport"
    )
    account.require(answer["verdict"] == "object", f"at the airport's gate, by VIN: {answer['headline']}")
    account.say(f"what to do: {answer['action']}")
    known = f"{car.plate[:-2]}??"
    found = await stage.belmora.get(
        "/api/v1/search", id=f"plate:{known}", register="stolen-vehicles", limit=100
    )
    refs = {one["ref"] for one in found["results"]}
    account.require(
        car.ref in refs,
        f"half a plate, {known}, at Belmora's desk: {len(refs)} vehicles fit, this one among them",
    )


async def _verdict(post: Node, identifiers: dict[str, str], wanted: str) -> Any:
    answer = await post.post("/api/v1/checks", {"identifiers": identifiers})
    return answer if answer["verdict"] == wanted else None


async def _cello(stage: "Stage") -> None:
    await stage.arvandia.post("/api/v1/registers/works-of-art/records", CELLO, excluded="XCS")
    query = {"register": "works-of-art", "filter": "object_type:instruments", "text": "scroll"}

    async def seen() -> Any:
        return (await stage.belmora.get("/api/v1/search", **query))["results"]

    found = await until(seen, "the cello at Belmora")
    hidden = await stage.castrovia.get("/api/v1/search", **query)
    stage.account.require(
        len(found) == 1 and not hidden["results"] and not hidden["facets"],
        "a cello that Arvandia keeps from Castrovia: Belmora finds it among instruments, Castrovia finds and counts nothing",
    )


async def _gone(stage: "Stage", car: Vehicle) -> None:
    path = stage.folder / "changes-XAV.csv"
    path.write_text(
        f"{','.join(COLUMNS)},@change,@reason\n{car.ref}{',' * len(COLUMNS)}gone,Recovered.\n",
        encoding="utf-8",
    )
    began = time.perf_counter()
    await stage.arvandia.send_file(path, register="stolen-vehicles")
    await until(lambda: _verdict(stage.airport, {"vin": car.vin}, "clear"), "the car to be clear")
    stage.account.observed(
        "the car is recovered: a file of changes, and it is clear at the gate",
        ms=1e3 * (time.perf_counter() - began),
    )
