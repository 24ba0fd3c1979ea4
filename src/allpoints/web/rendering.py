"""From a view record to a page: Jinja templates, the components' macros, Vite's hashed names.

Undefined names are errors, everything from data is escaped, and a fragment is a block of the page's own
template, so there is no second way to draw the same thing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from allpoints.ground.refusal import Fault, Refusal
from allpoints.web import navigation, printing
from allpoints.web.views.common import Cell, Input, Option, State, View
from allpoints.web.views.desk import Alert
from allpoints.web.views.session import Session

HERE = Path(__file__).parent
STATIC = HERE / "static"
TEMPLATES = HERE / "templates"
COMPONENTS = HERE / "components"
ENTRY = "console.ts"
RIGHT_TO_LEFT = frozenset({"ar", "he", "fa", "ur"})


class Chunk(msgspec.Struct, frozen=True):
    """One line of Vite's manifest, as far as pages need it."""

    file: str
    css: tuple[str, ...] = ()


class Assets(msgspec.Struct, frozen=True):
    """Hashed addresses of scripts, styles and pictures."""

    chunks: Mapping[str, Chunk]

    @classmethod
    def load(cls, static: Path = STATIC) -> "Assets":
        """Read the manifest; refuses when the console was left out of the build."""
        path = static / "manifest.json"
        if not path.is_file():
            raise Refusal(
                "CONSOLE-NOT-BUILT",
                "This installation has no console.",
                hint="Install it again without ALLPOINTS_WITHOUT_CONSOLE, or run python hatch_build.py.",
                status=503,
            )
        return cls(msgspec.json.decode(path.read_bytes(), type=dict[str, Chunk]))

    @property
    def script(self) -> str:
        return f"/static/{self.chunks[ENTRY].file}"

    @property
    def styles(self) -> tuple[str, ...]:
        return tuple(f"/static/{name}" for name in self.chunks[ENTRY].css)

    def picture(self, name: str) -> str:
        return f"/static/{self.chunks[name].file}"


class Components:
    """The macros by name: ``ui.verdict_band`` is the macro of that name in some component's ``macro.html``."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __getattr__(self, name: str) -> Any:
        for folder in sorted(COMPONENTS.iterdir()):
            if (folder / "macro.html").is_file():
                module = self._environment.get_template(f"{folder.name}/macro.html").module
                if hasattr(module, name):
                    macro = getattr(module, name)
                    setattr(self, name, macro)
                    return macro
        raise AttributeError(name)


class Pages:
    """Draws every page of the console; made once, shared by all handlers."""

    def __init__(self, assets: Assets, countries: Mapping[str, str]) -> None:
        """``countries`` gives the shown name of an alpha-3 code; an unknown code is shown as it is."""
        self._assets = assets
        self._countries = countries
        self._environment = self._prepared()

    @classmethod
    def open(cls, countries: Mapping[str, str], static: Path = STATIC) -> "Pages":
        return cls(Assets.load(static), countries)

    def render(self, name: str, view: View, *, session: Session, fragment: str = "") -> str:
        """The page ``name`` (a template without its ending), or just its block ``fragment``."""
        template = self._environment.get_template(f"{name}.html")
        values = self._context(view, session)
        if not fragment:
            return template.render(values)
        context = template.new_context(values)
        return "".join(template.blocks[fragment](context))

    def feed_event(self, alert: Alert) -> str:
        """One server-sent event: its id, and the alert drawn as the desk draws it."""
        drawn = str(self._ui.alert(alert))
        lines = "".join(f"data: {line}\n" for line in drawn.splitlines() if line.strip())
        return f"id: {alert.id}\nevent: alert\n{lines}\n"

    @property
    def _ui(self) -> Any:
        return self._environment.globals["ui"]

    def _context(self, view: View, session: Session) -> dict[str, Any]:
        return {
            "view": view,
            "session": session,
            "home": f"/{session.language}",
            "direction": "rtl" if session.language in RIGHT_TO_LEFT else "ltr",
            "tabs": navigation.tabs(session),
            "jumps": navigation.jumps(session),
        }

    def _prepared(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader([TEMPLATES, COMPONENTS]),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        )
        # The extension adds this method at run time.
        environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
        environment.globals |= {
            "ui": Components(environment),
            "assets": self._assets,
            "country": lambda code: self._countries.get(code, code),
            "drawn": lambda component, example: getattr(self._ui, component.macro)(**example.arguments),
            "Cell": Cell,
            "Fault": Fault,
            "Input": Input,
            "Option": Option,
            "State": State,
        }
        environment.filters |= {
            "date": printing.shown_date,
            "day": printing.shown_day,
            "time": printing.shown_time,
            "clock": printing.shown_clock,
            "iso": printing.iso_time,
            "duration": printing.shown_duration,
            "elapsed": printing.shown_elapsed,
            "number": printing.shown_number,
            "element_id": element_id,
            "fault": fault_at,
        }
        return environment


def fault_at(faults: Sequence[Fault], path: str) -> str:
    """The sentence of the first fault of one input, or nothing."""
    return next((fault.sentence for fault in faults if fault.path == path), "")


def element_id(name: str) -> str:
    """The id of the input ``name``: ``documents.0.number`` is ``field-documents-0-number``."""
    return "field-" + "".join(letter if letter.isalnum() else "-" for letter in name)
