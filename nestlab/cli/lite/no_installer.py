"""Replaces micropip and piplite in a site of ``nestlab lite``, which has nothing to install."""

_ASKED_FOR_BY_KERNEL = ("ipykernel", "comm", "pyodide-kernel", "jedi", "ipython")


async def install(requirements: object, **_options: object) -> None:
    """Say that nothing is installed; the packages that the kernel asks for are there."""
    if requirements in _ASKED_FOR_BY_KERNEL:
        return
    print(_notice())  # noqa: T201  # shown by the cell that asked


async def get_transformed_code(_arguments: object) -> str:
    """Return the code that replaces ``%pip install`` in a cell (piplite.cli)."""
    return f"print({_notice()!r})"


def _notice() -> str:
    from nestlab.texts import tr  # noqa: PLC0415  # the kernel imports this module before it starts

    return tr("This site has all its packages in it, and installs no others.")
