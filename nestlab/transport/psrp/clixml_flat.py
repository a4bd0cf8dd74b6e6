"""A fast path for listings: a thousand objects of one type with mostly equal properties.

A property, an enum value or a short list is cached by its XML, so that it is parsed once. On a host
of a thousand VMs nine in ten are found in the cache. Anything unusual is read by
`nestlab.transport.psrp.clixml`, with the same result.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any

from nestlab.model import Record
from nestlab.pattern import pattern
from nestlab.transport.psrp.clixml import read_object, read_property
from nestlab.transport.psrp.clixml_values import SCALARS, NotSimpleXml, decoded, unescaped

_PROPERTY = pattern(r'(\w+) N="([^"]*)"(?: /|>([^<]*)</\1)', re.ASCII)
_TYPE_NAMES = pattern(r'RefId="\w+"><TN RefId="\w+">((?:<T>[^<]*</T>)+)')  # not shown
_TYPES_OF = pattern(r'<TNRef RefId="(\w+)" />', re.ASCII)  # not shown
_TEXT = pattern(r"<ToString>([^<]*)</ToString>|<ToString />|")
_CACHE_SIZE = 16_384
_LONGEST_CACHED = 512
_LONGEST_RUN = 4_096
_COLLECTIONS = tuple(
    end for tag in ("LST", "DCT", "IE", "QUE", "STK") for end in (f"</{tag}>", f"<{tag} />")
)
_MUTABLE = frozenset({list, dict})


class RecordReader:
    """Reads the objects of one session.

    A *run* is the XML of neighbouring properties with primitive values.
    """

    def __init__(self) -> None:
        self._runs = _RunCache()
        self._nested = _ObjectCache()
        self._types: dict[str, tuple[str, ...]] = {}

    def read(self, xml: str) -> Record:
        """Return one object, as `nestlab.transport.psrp.clixml.read_object` does.

        Raises NotSimpleXml, ParseError.
        """
        # A reference is valid within its document only.
        if not xml.startswith("<Obj RefId=") or "<Ref " in xml:  # not shown
            return read_object(xml)
        try:
            return self._flat(xml)
        except NotSimpleXml:
            return read_object(xml)

    def _flat(self, xml: str) -> Record:
        beginning, *segments = xml.replace("></S>", " />")[5:].split("<Obj ")
        intro, bag, run = beginning.partition("<Props>")
        if not bag:
            intro, bag, run = beginning.partition("<MS>")
        names, text = self._intro(intro)
        properties: dict[str, Any] = {}
        runs, nested = self._runs, self._nested
        for segment in segments:
            if run:
                properties.update(runs[run])
            inner, end_tag, run = segment.partition("</Obj>")
            if not end_tag:
                raise NotSimpleXml
            # The types of a collection do not matter; those of a primitive value distinguish an
            # enum value from a number.
            if "<TNRef " in inner and not inner.endswith(_COLLECTIONS):
                inner = _with_types(inner, beginning, segments)  # with its types written out
            name, value = nested[inner]
            properties[name] = value.copy() if type(value) in _MUTABLE else value
        end = f"</{bag[1:]}</Obj>"
        if not bag or not run.endswith(end):
            raise NotSimpleXml
        if run := run.removesuffix(end):
            properties.update(runs[run])
        return Record(names, MappingProxyType(properties), text)

    def _intro(self, intro: str) -> tuple[tuple[str, ...], str]:
        """Return the type names and the text, which precede the properties."""
        types, _, rest = intro.partition("</TN>")
        text = _TEXT.fullmatch(rest)
        if text is None:
            raise NotSimpleXml
        names = self._types.get(types)
        if names is None:
            names = _type_names(types)
            if len(self._types) < _CACHE_SIZE:
                self._types[types] = names
        return names, decoded(text[1] or "")


def _with_types(inner: str, beginning: str, segments: list[str]) -> str:
    """Return an object with the types that it refers to, which are written once in a document."""
    found = _TYPES_OF.findall(inner)
    if len(found) != 1:
        raise NotSimpleXml
    start_tag = f'<TN RefId="{found[0]}">'  # not shown
    for part in (beginning, *segments):
        _, there, rest = part.partition(start_tag)
        if there:
            before, _, after = inner.partition(f'<TNRef RefId="{found[0]}" />')  # not shown
            return f"{before}{start_tag}{rest.partition('</TN>')[0]}</TN>{after}"
    raise NotSimpleXml


def _type_names(text: str) -> tuple[str, ...]:
    match = _TYPE_NAMES.fullmatch(text)
    if match is None:
        raise NotSimpleXml
    return tuple(unescaped(name) for name in match[1][3:-4].split("</T><T>"))


class _RunCache(dict[str, dict[str, Any]]):
    """Cache of runs of properties with primitive values, by their XML.

    A run is cached when it occurs again, because one with a name or an id in it occurs only once.
    """

    def __init__(self) -> None:
        super().__init__()
        self._primitives = _PrimitiveCache()
        self._seen_once: set[int] = set()

    def __missing__(self, text: str) -> dict[str, Any]:
        found = dict(map(self._primitives.__getitem__, text[1:-1].split("><")))
        key = hash(text)
        if key not in self._seen_once:
            if len(self._seen_once) >= _CACHE_SIZE:
                self._seen_once.clear()
            self._seen_once.add(key)
        elif len(text) <= _LONGEST_RUN:
            if len(self) >= _CACHE_SIZE:
                self.clear()
            self[text] = found
        return found


class _PrimitiveCache(dict[str, tuple[str, Any]]):
    """Cache of properties with primitive values, by their XML without the outer brackets."""

    def __missing__(self, text: str) -> tuple[str, Any]:
        match = _PROPERTY.fullmatch(text)
        read = SCALARS.get(match[1]) if match is not None else None
        if match is None or read is None:
            raise NotSimpleXml
        found = (decoded(match[2]), read(match[3] or ""))
        if len(text) <= _LONGEST_CACHED:
            if len(self) >= _CACHE_SIZE:
                self.clear()
            self[text] = found
        return found


class _ObjectCache(dict[str, tuple[str, Any]]):
    """Cache of enum values, lists and other small objects, by their XML from the name on."""

    def __missing__(self, text: str) -> tuple[str, Any]:
        found = read_property(f"<Obj {text}</Obj>")
        if len(text) <= _LONGEST_CACHED:
            if len(self) >= _CACHE_SIZE:
                self.clear()
            self[text] = found
        return found
