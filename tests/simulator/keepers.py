"""Officers who attach pictures to records, and what must hold of every picture in the end."""

import hashlib
from collections.abc import Iterator
from functools import partial
from itertools import count

from tests.registers.exhibits import NAME, attachment, png
from tests.simulator import keys
from tests.simulator.acts import CANARY, OFFICER, Officers
from tests.simulator.federation import Federation
from tests.simulator.truth import EVERYONE, Record

from allpoints.registers import attaching, file_store, store

SHARED = tuple(png(filling=b"in many records %d" % number) for number in range(3))
"""Pictures that several records of one owner refer to; they name no record."""

FILES_LIMIT = 3


class Keepers:
    """They enter exhibits, and change them as the other officers change other records."""

    def __init__(self, officers: Officers) -> None:
        self.officers = officers
        self.luck = officers.luck
        self._numbers = count(1)
        officers.also(5, self.enter_exhibit)
        officers.changes[NAME] = self._change

    def enter_exhibit(self) -> str:
        owner = self.officers.somewhere()
        record = Record(owner, NAME, f"{CANARY}-{owner}-{self.officers.next():04}", {})
        self._change(record)
        return f"{owner} {self.officers.put(record, self.officers.excluded(owner))}"

    def _change(self, record: Record) -> None:
        number = next(self._numbers)
        own = png(filling=b"%s %d" % (record.ref.encode(), number))
        chosen = self.luck.sample((*SHARED, own), self.luck.randint(0, FILES_LIMIT))
        views = [self._uploaded(record.owner, content) for content in chosen]
        record.fields = {"source_ref": record.ref, "title": f"Seal {number}", "views": views}

    def _uploaded(self, owner: str, content: bytes) -> str:
        files = self.officers.federation.bureau(owner).records.files
        arrived = files.folder() / "arriving"
        arrived.write_bytes(content)
        reference = attachment(content)
        self.officers.do(owner, lambda: files.take(OFFICER, arrived, reference))
        return reference.text()


def faults(federation: Federation) -> list[str]:
    """Every valid record shows all its files, byte for byte, and nothing is held that no record shows."""
    return [fault for name in EVERYONE for fault in _at(federation, name)]


def _at(federation: Federation, name: str) -> Iterator[str]:
    bureau = federation.bureau(name)
    register = bureau.records.register(NAME)
    referred = set()
    rows = bureau.db.execute(
        "SELECT record_id, owner, ref, body, status FROM state_records WHERE register=? AND body IS NOT NULL",
        (register.code,),
    ).fetchall()
    for identity, owner, ref, body, status in rows:
        for one in attaching.files_of(register, register.decode(body)):
            sha256 = bytes.fromhex(one.sha256)
            referred.add((owner, sha256))
            held = file_store.file(bureau.db, owner, sha256)
            if held is None or not held.complete:
                yield f"{name} cannot show a file of {ref}"
                continue
            if status == store.BLOCKED and name not in {owner, keys.DESK}:
                continue
            opened = bureau.do(partial(bureau.records.read_file, OFFICER, identity, one.sha256))
            if hashlib.sha256(opened.content).hexdigest() != one.sha256:
                yield f"{name} shows another file for {ref}"
    kept = set(bureau.db.execute("SELECT owner, sha256 FROM state_files"))
    kept |= set(bureau.db.execute("SELECT owner, sha256 FROM state_file_parts"))
    if kept - referred:
        yield f"{name} holds {len(kept - referred)} files that no record shows"
    if set(bureau.db.execute("SELECT owner, sha256 FROM state_file_refs")) != referred:
        yield f"{name} notes other files than its records refer to"
