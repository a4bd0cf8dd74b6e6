"""The file of a definition, and typed access to the tables in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.errors import DefinitionFileError
from nestlab.model.located import DataSyntaxError, Table, Unevaluated
from nestlab.model.size import Size
from nestlab.pattern import pattern
from nestlab.texts import tr

_WHOLE = pattern(r"\s*[+-]?[0-9]{1,18}\s*")
_MAXIMUM_BYTES = 16 << 20
_ENCODINGS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class Source:
    """The file of a definition; its errors name it."""

    path: Path

    def refused(
        self, message: str, *, line: int = 0, column: int = 0, hint: str = ""
    ) -> DefinitionFileError:
        """Return the error for a place in the file."""
        return DefinitionFileError(str(self.path), message, line=line, column=column, hint=hint)

    def syntax_error(self, error: DataSyntaxError) -> DefinitionFileError:
        """Return the error for a text that is not valid in its format."""
        return self.refused(
            error.message,
            line=error.line,
            column=error.column,
            hint=error.hint or tr("Correct the file, and import it again."),
        )

    def data(self) -> bytes:
        """Return the bytes of the file; raises DefinitionFileError."""
        try:
            with self.path.open("rb") as file:
                data = file.read(_MAXIMUM_BYTES + 1)
        except FileNotFoundError:
            hint = tr("Check the path; a relative path starts at the current directory.")
            raise self.refused(tr("there is no such file"), hint=hint) from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            hint = tr("Give the path of a file that you have permission to read.")
            raise self.refused(tr("cannot be read: {reason}", reason=why), hint=hint) from error
        if len(data) > _MAXIMUM_BYTES:
            hint = tr("Give the file of one lab.")
            raise self.refused(tr("is larger than {size}", size=Size(_MAXIMUM_BYTES)), hint=hint)
        return data

    def text(self) -> str:
        """Return the text of the file, in UTF-8 or UTF-16 with a byte order mark."""
        data = self.data()
        encoding = next((name for mark, name in _ENCODINGS if data.startswith(mark)), "utf-8-sig")
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            message = tr(
                "is not {encoding} text: byte {byte}",
                encoding=encoding.removesuffix("-sig"),
                byte=error.start + 1,
            )
            raise self.refused(message, line=line, hint=tr("Save the file as UTF-8.")) from error


class Fields:
    """The values of a table by key; case is ignored, and each method returns one type.

    A value of another type is an error with its line. A key that was read counts as used: `unused`
    has the others, which are listed as left out. `where` names the owner of the table in errors.
    """

    def __init__(self, table: Table, where: str, source: Source) -> None:
        self.table = table
        self.where = where
        self.source = source
        self._used: set[str] = set()

    def has(self, key: str) -> bool:
        """Whether the key has a value that is not null."""
        return self.table.named(key) is not None

    def raw(self, key: str) -> Any:
        """Return the value of a key as it was read; None if there is none."""
        self._used.add(key.casefold())
        return self.table.named(key)

    def use(self, *keys: str) -> None:
        """Count keys as used."""
        self._used.update(key.casefold() for key in keys)

    def unused(self) -> Iterator[str]:
        """Yield the keys with values that were not used, in the order of the file."""
        for key, value, _ in self.table.entries():
            if key.casefold() not in self._used and not _is_empty(value):
                yield key

    def wrong(self, key: str, what: str, hint: str = "") -> DefinitionFileError:
        """Return the error for the value of a key that is not what it must be."""
        value = _shown(self.table.named(key))
        return self.source.refused(
            tr(
                "{where}: {key} must be {what}, not {value}",
                where=self.where,
                key=key,
                what=what,
                value=value,
            ),
            line=self.table.line_of(key),
            hint=hint or tr("Correct the value, and import the file again."),
        )

    def text(self, key: str, default: str = "") -> str:
        """Return a text; numbers count as text. If it is missing or null, return the default."""
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool | dict | list):
            raise self.wrong(key, tr("a text"))
        if isinstance(value, Unevaluated):
            hint = tr("The file is read, and not run: write the value of the variable.")
            raise self.wrong(key, tr("a text without variables"), hint)
        return str(value)

    def texts(self, key: str) -> list[str]:
        """Return a list of texts; one text is a list of one."""
        value = self.raw(key)
        if value is None:
            return []
        items = value if isinstance(value, list) else [value]
        if any(isinstance(item, bool | dict | list | Unevaluated | None) for item in items):
            raise self.wrong(key, tr("a text, or a list of texts"))
        return [str(item) for item in items]

    def whole(self, key: str, *, lowest: int = 0, highest: int = 1 << 62) -> int | None:
        """Return a whole number, also one that is written as text; None if there is none."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, tr("a whole number"))
        if not lowest <= value <= highest:
            raise self.wrong(
                key, tr("a number from {minimum} to {maximum}", minimum=lowest, maximum=highest)
            )
        return value

    def size(self, key: str) -> Size | None:
        """Return a number of bytes, which may be a text such as 2GB; None if there is none."""
        value = self.raw(key)
        if value is None:
            return None
        try:
            size = Size.parse(value if isinstance(value, str) else int(value))
        except (TypeError, ValueError, OverflowError):
            raise self.wrong(key, tr("a number of bytes, such as 2GB")) from None
        if isinstance(value, bool) or not 0 < size < 1 << 62:
            raise self.wrong(key, tr("a number of bytes, such as 2GB"))
        return size

    def flag(self, key: str) -> bool | None:
        """Return a Boolean, also one that is written as text or number; None if there is none."""
        value = self.raw(key)
        if value is None or isinstance(value, bool):
            return value
        known = {"true": True, "1": True, "false": False, "0": False, "": None}
        if isinstance(value, str | int) and str(value).casefold() in known:
            return known[str(value).casefold()]
        raise self.wrong(key, tr("$true or $false"))

    def tables(self, key: str) -> list[Table]:
        """Return a list of tables; one table is a list of one."""
        value = self.raw(key)
        items = [] if value is None else value if isinstance(value, list) else [value]
        if not all(isinstance(item, Table) for item in items):
            raise self.wrong(key, tr("a list of tables"))
        return items

    def inner(self, key: str) -> Fields:
        """Return the fields of the table under a key; without the key, of an empty table."""
        value = self.raw(key)
        if value is None:
            value = Table(self.table.line_of(key))
        if not isinstance(value, Table):
            raise self.wrong(key, tr("a table"))
        return Fields(value, self.where, self.source)


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, dict | list) and not value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "$true" if value else "$false"
    if isinstance(value, dict):
        return tr("a table")
    return tr("a list") if isinstance(value, list) else repr(value)[:80]
