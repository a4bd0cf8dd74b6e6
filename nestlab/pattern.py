"""Regular expressions that are compiled when they are first used.

A hundred patterns are constants of modules, and most runs of nestlab use fewer than ten of them;
compiling one takes as long as importing a small module.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, AnyStr, Generic

__all__ = ["pattern"]

if TYPE_CHECKING:
    from re import compile as pattern
else:

    def pattern(text: AnyStr, flags: int = 0) -> Any:
        """Return what `re.compile` does; it compiles the expression when it is first used.

        >>> pattern("[a-z]+").fullmatch("abc")[0]
        'abc'
        """
        return _Pattern(text, flags)


class _Pattern(Generic[AnyStr]):
    """Has the attributes and methods of a compiled pattern."""

    def __init__(self, text: AnyStr, flags: int) -> None:
        self._text: AnyStr = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(re.compile(self._text, self._flags), name)
        # From now on it is an ordinary attribute.
        setattr(self, name, found)
        return found
