"""Parts of CLIXML documents: objects and type lists with RefIds, and named members."""

from __future__ import annotations

from itertools import count

from nestlab.simulator.endpoint.messages.object_xml import ENUM_TYPES, encoded, type_names_xml


class RefIds:
    """Assigns the RefIds of the objects and type lists of one document."""

    def __init__(self) -> None:
        self._objects = count()
        self._types: dict[tuple[str, ...], int] = {}

    def open(self, name: str = "", types: tuple[str, ...] = ()) -> str:
        """Return the start tag of an object, with its type names."""
        key = f' N="{name}"' if name else ""
        beginning = f'<Obj{key} RefId="{next(self._objects)}">'
        if not types:
            return beginning
        if types in self._types:
            return f'{beginning}<TNRef RefId="{self._types[types]}" />'
        number = self._types[types] = len(self._types)
        return beginning + type_names_xml(types, number)

    def enum(self, name: str, kind: str, text: str, number: int) -> str:
        """Return an enum value of System.Management.Automation."""
        types = (f"System.Management.Automation.{kind}", *ENUM_TYPES)
        return f"{self.open(name, types)}<ToString>{text}</ToString><I32>{number}</I32></Obj>"


def text_xml(name: str, value: str) -> str:
    """Return a named String."""
    return f'<S N="{name}">{encoded(value)}</S>'


def number_xml(name: str, value: int) -> str:
    """Return a named Int32."""
    return f'<I32 N="{name}">{value}</I32>'


def flag_xml(name: str, *, on: bool) -> str:
    """Return a named Boolean."""
    return f'<B N="{name}">{"true" if on else "false"}</B>'


def null_xml(name: str) -> str:
    """Return a named null value."""
    return f'<Nil N="{name}" />'
