"""The catalogue of components: their examples, read from each folder's ``examples.yaml``.

A tagged mapping in the file (``!State {word: Draft}``) becomes the view record of that name, so an example
that a page could not show is refused here.
"""

from pathlib import Path
from typing import Any

import msgspec
import yaml

from allpoints.ground.refusal import Fault
from allpoints.web.rendering import COMPONENTS
from allpoints.web.views import border, common, desk, review, session
from allpoints.web.views.components import Component


class _ExampleLoader(yaml.SafeLoader):
    """Plain YAML and the view records."""


def _record(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> Any:
    if not isinstance(node, yaml.MappingNode):
        raise yaml.constructor.ConstructorError(None, None, f"!{name} needs a mapping", node.start_mark)
    values = loader.construct_mapping(node, deep=True)
    if name == "Fault":
        return msgspec.convert(values, Fault)
    for module in (common, desk, border, review, session):
        if hasattr(module, name):
            return msgspec.convert(values, getattr(module, name))
    raise yaml.constructor.ConstructorError(None, None, f"no view record !{name}", node.start_mark)


_ExampleLoader.add_multi_constructor("!", _record)


def load(folder: Path = COMPONENTS) -> tuple[Component, ...]:
    """Every component with its examples, by name."""
    return tuple(_component(path) for path in sorted(folder.glob("*/examples.yaml")))


def _component(path: Path) -> Component:
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=_ExampleLoader)  # noqa: S506 - a safe loader
    return msgspec.convert({"name": path.parent.name, **content}, Component)
