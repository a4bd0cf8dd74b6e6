"""Work side by side in threads, or in turn where Python has none: in a browser tab."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def has_threads() -> bool:
    """Whether threads can be started: Pyodide, the Python for browsers, has none."""
    return sys.platform != "emscripten"


def side_by_side(call: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
    """Return the result for each item, in their order; a thread for each of them."""
    every = list(items)
    if len(every) < 2 or not has_threads():  # noqa: PLR2004  # one needs no thread
        return [call(item) for item in every]
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # with logging, slow to import

    with ThreadPoolExecutor(len(every), "nestlab-workshop") as pool:
        return list(pool.map(call, every))
