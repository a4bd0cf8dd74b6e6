"""Sessions that fail on purpose."""

from __future__ import annotations

from nestlab.errors import CmdletError
from nestlab.model import ErrorRecord
from nestlab.transport.read_only import is_read_only


class PowerCut(BaseException):
    """The process dies: nothing is tidied up."""


class Interrupted:
    """A session that ends at the n-th statement that changes something, before or after it took effect."""

    def __init__(self, inner, counter, how):
        self._inner, self._counter, self._how = inner, counter, how

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def guest(self, vm_name, credential):
        return Interrupted(self._inner.guest(vm_name, credential), self._counter, self._how)

    def run(self, *statements, **options):
        if all(map(is_read_only, statements)):
            return self._inner.run(*statements, **options)
        outcome = None
        for statement in statements:
            self._counter.left -= 1
            if self._counter.left == 0 and self._how == "error before":
                raise CmdletError(statement, ErrorRecord("The disk is full."))
            if self._counter.left == 0 and self._how == "cut before":
                raise PowerCut
            outcome = self._inner.run(statement, **options)
            if self._counter.left == 0:
                raise PowerCut
        return outcome


class Counter:
    """How many changing statements are left until the end."""

    def __init__(self, left):
        self.left = left
