"""The registers: index, table, form."""

import msgspec
from tests.web.samples.frame import HANDLING, NOW, Sample, session

from allpoints.ground.clock import DAY
from allpoints.ground.refusal import Fault
from allpoints.vocabulary.loading import load
from allpoints.web.pages import record_form
from allpoints.web.pages.record_form import Around
from allpoints.web.views import registers
from allpoints.web.views.common import Cell, Input, Link, Option, Reason, State, filled, filled_sections

PICTURE = f"image/png;size=48213;sha256={'ab' * 32};name=icon.png"
READ = State("You read", "good")
COLUMNS = ("Make", "Model", "Colour", "Plate", "VIN")


def register_pages() -> tuple[Sample, ...]:
    return (*_index(), *_tables(), *_forms())


def _index() -> tuple[Sample, ...]:
    known = load().registers
    tiles = tuple(
        registers.RegisterTile(
            name=one.name,
            short=one.short,
            label=one.plural["en"],
            holds=one.description["en"],
            href=f"/en/registers/{one.name}",
            records=7 ** (place % 8),
            rights=(READ, State("Certified officers only", "warn"))
            if one.readers == "certified"
            else (READ,),
            may_write=one.writer != "secretariat",
        )
        for place, one in enumerate(known.values())
    )
    return (Sample("registers", "registers", registers.RegistersPage(tiles=tiles), session("/en/registers")),)


def _row(make: str, model: str, plate: str, vin: str) -> registers.RegisterRow:
    values = (Cell("Make", make), Cell("Model", model), Cell("Colour", "Blue"), Cell("Plate", plate, "code"))
    return registers.RegisterRow(
        href="/en/records/0191",
        title=f"{make} {model} Blue, {plate}".strip(),
        cells=(*values, Cell("VIN", vin, "code")),
        owner="XBM",
        reference="XBM-V-0000815",
        published_ms=NOW - 3 * DAY,
    )


def _tables() -> tuple[Sample, ...]:
    number = Input(name="number.vin", label="VIN", kind="literal", hint="? is one unknown character.")
    words = Input(name="text", label="Words", kind="search", hint="Every word must stand in the record.")
    statuses = (Option("stolen", "Stolen (318)"), Option("misappropriated", "Misappropriated (4)"))
    status = Input(name="filter.status", label="Status", kind="select", options=statuses, blank="Any")
    inputs = (number, words, status)
    page = registers.RegisterPage(
        name="stolen-vehicles",
        label="Stolen motor vehicles",
        holds="Cars, trucks, motorcycles, trailers and parts reported stolen.",
        columns=COLUMNS,
        inputs=inputs,
        may_write=True,
        more="/en/registers/stolen-vehicles?before=41",
        rows=(_row("Arvan", "Kestrel", "SE 1234", "1M8GDM9AXKP042788"), _row("", "", "B 77", "")),
    )
    fault = Fault("PATTERN-TOO-OPEN", "At least 3 characters must be known.", "number.vin")
    near = Reason(
        sentence="A record whose value differs by one easily confused character is on record.",
        asked="1M8GDM9AXKPO42788",
        record="1M8GDM9AXKP042788",
    )

    def changed(**values: object) -> registers.RegisterPage:
        return msgspec.structs.replace(page, **values)

    frame = session("/en/registers/stolen-vehicles")
    chosen = (Link("Status: Stolen", "/en/registers/stolen-vehicles"),)
    filtered = changed(chosen=chosen, inputs=filled(inputs, {"filter.status": "stolen"}), may_write=False)
    asked = filled(inputs, {"number.vin": "1M8GDM9AXKPO42788"})
    warned = changed(asked=True, inputs=asked, rows=(), more="", warnings=(near,))
    refused = changed(errors=(fault,), inputs=filled(inputs, {"number.vin": "1*"}, (fault,)), more="")
    return (
        Sample("register", "register", page, frame),
        Sample("register-filtered", "register", filtered, frame),
        Sample("register-near", "register", warned, frame),
        Sample("register-refused", "register", refused, frame),
        Sample("register-empty", "register", changed(rows=(), more=""), frame),
    )


def _forms() -> tuple[Sample, ...]:
    known = load().registers
    around = Around(HANDLING, (Option("XBM", "Belmora"), Option("XCS", "Castrovia")))
    samples = []
    for name, values, faults in (
        (
            "persons",
            {"family_name": "Torvane"},
            (Fault("FIELD-REQUIRED", "Choose the status.", "status_of_person"),),
        ),
        ("works-of-art", {"object_type": "pictures/icon", "pictures.kept": (PICTURE,)}, ()),
        ("stolen-vehicles", {"make": "Arvan"}, ()),
    ):
        register = known[name]
        sections = record_form.sections_of(register, around, values)
        view = registers.RecordFormPage(
            register=name,
            register_label=register.label["en"],
            reference="XAV XAV-V-0000815" if name == "stolen-vehicles" else "",
            back=Link(register.plural["en"], f"/en/registers/{name}"),
            sections=filled_sections(sections, values, faults),
            errors=faults,
            files=True,
        )
        samples.append(
            Sample(f"record-form-{name}", "record-form", view, session(f"/en/registers/{name}/new"))
        )
    return tuple(samples)
