"""nestlab: a lab-notebook kit for nested Hyper-V.

>>> import nestlab
>>> host = nestlab.connect()
>>> host.host
'sim:ws2022-intel'
"""

from __future__ import annotations

from nestlab.version import __version__ as __version__

# what type checkers take for typing.TYPE_CHECKING; importing typing would cost more than all the
# rest
TYPE_CHECKING = False
if TYPE_CHECKING:
    from nestlab.drawing import figure as draw
    from nestlab.errors import NestlabError
    from nestlab.known_errors import look_up as explain
    from nestlab.lab import (
        Lab,
        NestingChange,
        capture,
        check,
        disable_nesting,
        enable_nesting,
        undo,
    )
    from nestlab.model.topology import Topology
    from nestlab.plan import load_plan
    from nestlab.reachability import trace
    from nestlab.rules import host_findings, validate
    from nestlab.topology_file import load, loads, save
    from nestlab.transport import connect

__all__ = [
    "Lab",
    "NestingChange",
    "NestlabError",
    "Topology",
    "capture",
    "check",
    "connect",
    "disable_nesting",
    "draw",
    "enable_nesting",
    "explain",
    "host_findings",
    "load",
    "load_plan",
    "loads",
    "save",
    "trace",
    "undo",
    "validate",
]

# Loaded when first asked for: matplotlib, YAML and the transports stay out of `import nestlab`.
_HOMES = {
    "Lab": "nestlab.lab",
    "NestingChange": "nestlab.lab",
    "NestlabError": "nestlab.errors",
    "Topology": "nestlab.model.topology",
    "capture": "nestlab.lab",
    "check": "nestlab.lab",
    "connect": "nestlab.transport",
    "disable_nesting": "nestlab.lab",
    "draw": "nestlab.drawing",
    "enable_nesting": "nestlab.lab",
    "explain": "nestlab.known_errors",
    "host_findings": "nestlab.rules",
    "load": "nestlab.topology_file",
    "load_plan": "nestlab.plan",
    "loads": "nestlab.topology_file",
    "save": "nestlab.topology_file",
    "trace": "nestlab.reachability",
    "undo": "nestlab.lab",
    "validate": "nestlab.rules",
}
_OTHER_NAMES = {"draw": "figure", "explain": "look_up"}


def __getattr__(name: str) -> object:
    """Import a public name where it is first used (PEP 562)."""
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415  # only when a name is asked for

    value: object = getattr(import_module(_HOMES[name]), _OTHER_NAMES.get(name, name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
