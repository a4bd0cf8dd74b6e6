"""CLIXML to records (MS-PSRP 2.2.5), in one pass over the text and without a tree.

Serializers write a simple subset of XML: elements with at most a name and a number, text, five
entities. Anything else goes through an XML parser first, which rejects it or reduces it to that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from xml.etree import ElementTree as ET

from nestlab.model import Record
from nestlab.pattern import pattern
from nestlab.transport.psrp.clixml_object import ObjectParts, scalar_record
from nestlab.transport.psrp.clixml_values import (
    SCALARS,
    NotSimpleXml,
    decoded,
    replace_forbidden,
    unescaped,
)

_HEAD = pattern(r"""(\w+)((?: \w+="[^"]*")*)(?: ?(/))?""", re.ASCII)
_ATTRIBUTE = pattern(r' (\w+)="([^"]*)"')
_COLLECTIONS = frozenset({"LST", "IE", "STK", "QUE"})
_Found = TypeVar("_Found")
_PROPERTY_ELEMENTS = frozenset({"Props", "MS"})


def read_object(xml: str) -> Record:
    """Return one object as a record; objects in its properties become their texts.

    A primitive value, a collection and an enum value are records whose property ``Value`` holds it,
    together with the properties that such a value may have. A null is a record without a type,
    whose ``Value`` is None. Raises NotSimpleXml, ParseError.

    >>> read_object('<Obj RefId="0"><TN RefId="0"><T>A.B</T></TN><ToString>x</ToString></Obj>')
    Record(type_names=('A.B',), properties=mappingproxy({}), text='x')
    """
    return _read(xml, _Document.root, nested=False)


def read_nested(xml: str) -> Record:
    """Return one object as `read_object` does, with objects in its properties as records."""
    return _read(xml, _Document.root, nested=True)


def read_property(xml: str) -> tuple[str, Any]:
    """Return name and value of one property. Raises NotSimpleXml, ParseError."""
    return _read(xml, _Document.property, nested=False)


def _read(xml: str, take: Callable[[_Document], _Found], *, nested: bool) -> _Found:
    try:
        return take(_Document(xml, nested=nested))
    except (NotSimpleXml, IndexError):
        simple = _simplified(xml)
    try:
        return take(_Document(simple, nested=nested))
    except IndexError:
        raise NotSimpleXml from None


class _StartTag(NamedTuple):
    """The start tag of an element: its name, attributes and reader, and its end tag.

    `closing` is empty if the element is empty.
    """

    tag: str
    name: str
    ref: str
    read: Callable[[str], Any] | None
    closing: str


class _Document:
    """One document, in which type lists and objects are referred to by number."""

    def __init__(self, xml: str, *, nested: bool) -> None:
        self._nested_records = nested
        self._pieces = xml.split("<")
        self._position = 1
        self._types: dict[str, tuple[str, ...]] = {}
        self._objects: dict[str, Any] = {}

    def root(self) -> Record:
        """Return the object of the document."""
        piece = self._first()
        head = _start_tag(piece)
        if head.read is not None:
            found = scalar_record(head.tag, self._scalar(head, piece), {})
        elif head.tag == "Obj":
            found = self._object(head).record()
        else:
            raise NotSimpleXml
        self._require_end()
        return found

    def property(self) -> tuple[str, Any]:
        """Return the element of the document as a property."""
        piece = self._first()
        head = _start_tag(piece)
        found = (
            (head.name, self._scalar(head, piece)) if head.read is not None else self._nested(head)
        )
        self._require_end()
        return found

    def _first(self) -> str:
        if self._pieces[0].strip():
            raise NotSimpleXml
        return self._pieces[1]

    def _require_end(self) -> None:
        if self._position != len(self._pieces):
            raise NotSimpleXml

    def _scalar(self, head: _StartTag, piece: str) -> Any:
        if head.read is None:
            raise NotSimpleXml
        self._position += 1
        if not head.closing:
            return head.read("")
        self._close(head.closing)
        return head.read(piece.partition(">")[2])

    def _close(self, closing: str) -> None:
        if self._pieces[self._position].rstrip() != closing:
            raise NotSimpleXml
        self._position += 1

    def _members(self, closing: str) -> list[tuple[str, Any]]:
        """Return the elements before the end tag: properties, or items, which have no name."""
        found: list[tuple[str, Any]] = []
        while not (piece := self._pieces[self._position]).startswith("/"):
            head = _start_tag(piece)
            found.append(
                (head.name, self._scalar(head, piece))
                if head.read is not None
                else self._nested(head)
            )
        self._close(closing)
        return found

    def _nested(self, head: _StartTag) -> tuple[str, Any]:
        if head.tag == "Ref":
            self._position += 1
            if head.closing:
                self._close(head.closing)
            return head.name, self._objects.get(head.ref)
        if head.tag != "Obj":
            raise NotSimpleXml
        parts = self._object(head)
        value = self._objects[head.ref] = (
            parts.record() if self._nested_records and parts.is_object else parts.value()
        )
        return head.name, value

    def _object(self, head: _StartTag) -> ObjectParts:
        self._position += 1
        parts = ObjectParts()
        if not head.closing:
            return parts
        pieces = self._pieces
        while not (piece := pieces[self._position]).startswith("/"):
            inner = _start_tag(piece)
            if inner.tag in {"TN", "TNRef"}:
                parts.names = self._type_names(inner)
            elif inner.tag == "ToString":
                self._position += 1
                if inner.closing:
                    parts.text = decoded(piece.partition(">")[2])
                    self._close(inner.closing)
            else:
                self._part(parts, inner, piece)
        self._close(head.closing)
        return parts

    def _part(self, parts: ObjectParts, inner: _StartTag, piece: str) -> None:
        if inner.tag in _PROPERTY_ELEMENTS:
            parts.properties.update(self._inside(inner))
        elif inner.tag in _COLLECTIONS:
            parts.content, parts.tag = [value for _, value in self._inside(inner)], inner.tag
        elif inner.tag == "DCT":
            parts.content, parts.tag = self._table(inner), inner.tag
        elif inner.read is not None:
            parts.content, parts.tag = self._scalar(inner, piece), inner.tag
        else:
            parts.content, parts.tag = self._nested(inner)[1], inner.tag

    def _inside(self, head: _StartTag) -> list[tuple[str, Any]]:
        self._position += 1
        return self._members(head.closing) if head.closing else []

    def _table(self, head: _StartTag) -> dict[Any, Any]:
        self._position += 1
        table: dict[Any, Any] = {}
        while head.closing:
            piece = self._pieces[self._position]
            if piece.startswith("/"):
                self._close(head.closing)
                break
            entry = _start_tag(piece)
            if entry.tag != "En":
                raise NotSimpleXml
            members = dict(self._inside(entry))
            key = members.get("Key")
            table[str(key) if isinstance(key, list | dict) else key] = members.get("Value")
        return table

    def _type_names(self, head: _StartTag) -> tuple[str, ...]:
        if head.tag == "TNRef":
            self._position += 1
            if head.closing:
                self._close(head.closing)
            return self._types.get(head.ref, ())
        self._position += 1
        names: list[str] = []
        while head.closing:
            piece = self._pieces[self._position]
            if piece.startswith("/"):
                self._close(head.closing)
                break
            tag, _, name = piece.partition(">")
            if tag != "T":
                raise NotSimpleXml
            names.append(unescaped(name))
            self._position += 1
            self._close("/T>")
        self._types[head.ref] = found = tuple(names)
        return found


def _start_tag(piece: str) -> _StartTag:
    return _read_start_tag(piece.partition(">")[0])


@lru_cache(maxsize=4096)
def _read_start_tag(text: str) -> _StartTag:
    match = _HEAD.fullmatch(text)
    if match is None:
        raise NotSimpleXml
    tag, attributes, empty = match.groups()
    named = dict(_ATTRIBUTE.findall(attributes))
    return _StartTag(
        tag,
        decoded(named.get("N", "")),
        named.get("RefId", ""),
        SCALARS.get(tag),
        "" if empty else f"/{tag}>",
    )


def _simplified(xml: str) -> str:
    """Return the XML in the form that serializers write; raises ParseError."""
    root = ET.fromstring(replace_forbidden(xml)[0])  # noqa: S314  # Python's expat expands no external entities, and the host is authenticated
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.tail = None
    return ET.tostring(root, encoding="unicode")
