"""The page that shows every component in every state."""

from typing import Any, Literal

from allpoints.web.views.common import View


class Example(View, frozen=True, kw_only=True):
    """One example from a component's ``examples.yaml``; ``arguments`` go to its macro."""

    name: str
    arguments: dict[str, Any]


class Component(View, frozen=True, kw_only=True):
    name: str
    description: str
    macro: str
    examples: tuple[Example, ...] = ()


class ComponentsPage(View, frozen=True, kw_only=True):
    """GET ``?direction=ltr|rtl&scheme=light|dark``; ``components`` comes from `catalogue.load`."""

    components: tuple[Component, ...]
    direction: Literal["ltr", "rtl"] = "ltr"
    scheme: Literal["light", "dark"] = "light"
