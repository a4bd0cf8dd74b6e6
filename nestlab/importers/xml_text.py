"""Reads XML into elements with their lines; document types, and with them entities, are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.parsers import expat  # document types are refused, so no entity is expanded

from nestlab.dataclass import dataclass, field
from nestlab.model.located import DataSyntaxError
from nestlab.texts import mark, tr, translate

_MAX_DEPTH = 100
_HINT = mark("Export the definition again; the file has to be the XML that the tool writes.")


@dataclass(slots=True)
class Element:
    """An element: its tag, attributes, children and text, and its line."""

    tag: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def child(self, tag: str) -> Element | None:
        """Return the first child with a tag; None if there is none."""
        return next(self.all(tag), None)

    def all(self, tag: str) -> Iterator[Element]:
        """Yield the children with a tag."""
        return (child for child in self.children if child.tag == tag)

    def within(self, tag: str) -> list[Element]:
        """Return the children of the first child with a tag: the items of a list."""
        found = self.child(tag)
        return found.children if found is not None else []

    def value(self, tag: str) -> str:
        """Return the text of the first child with a tag; empty if there is none."""
        found = self.child(tag)
        return found.text.strip() if found is not None else ""


def read_xml(data: bytes) -> Element:
    """Return the root element of a document. Raises DataSyntaxError.

    >>> read_xml(b"<Lab><Name>a</Name></Lab>").value("Name")
    'a'
    """
    return _XmlReader().read(data)


class _XmlReader:
    def __init__(self) -> None:
        self._parser: Any = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._open: list[Element] = []
        self._root: Element | None = None

    def read(self, data: bytes) -> Element:
        try:
            self._parser.Parse(data, True)  # noqa: FBT003  # the whole document
        except expat.ExpatError as error:
            message = tr("is not XML: {problem}", problem=expat.ErrorString(error.code))
            place = error.lineno, error.offset + 1
            raise DataSyntaxError(message, *place, translate(_HINT)) from None
        except (LookupError, ValueError) as error:  # the encoding that it declares
            message = tr("is not XML: {problem}", problem=error)
            raise DataSyntaxError(message, 1, 1, translate(_HINT)) from None
        if self._root is None:
            raise DataSyntaxError(tr("is not XML: it has no element"), 1, 1, translate(_HINT))
        return self._root

    def _refused(self, message: str) -> DataSyntaxError:
        parser = self._parser
        return DataSyntaxError(
            message, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1, translate(_HINT)
        )

    def _doctype(self, *_: object) -> None:
        raise self._refused(tr("has a document type, <!DOCTYPE …>, which is not accepted"))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _MAX_DEPTH:
            raise self._refused(
                tr("elements are nested more than {limit} levels deep", limit=_MAX_DEPTH)
            )
        element = Element(tag, self._parser.CurrentLineNumber, attributes)
        if self._open:
            self._open[-1].children.append(element)
        elif self._root is None:
            self._root = element
        self._open.append(element)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        self._open[-1].text += text
