"""Replaces micropip and piplite in a site of ``nestlab lite``, which has nothing to install."""


async def install(*_requirements: object, **_options: object) -> None:
    """Say that nothing is installed.

    The kernel calls this for packages that it needs; the site has them, so this is not an error.
    """
    print(_notice())  # noqa: T201  # shown by the cell that asked


async def get_transformed_code(_arguments: object) -> str:
    """Return the code that replaces ``%pip install`` in a cell (piplite.cli)."""
    return f"print({_notice()!r})"


def _notice() -> str:
    from nestlab.texts import tr  # noqa: PLC0415  # the kernel imports this module before it starts

    return tr("This site has all its packages in it, and installs no others.")
