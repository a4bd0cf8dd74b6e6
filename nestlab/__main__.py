"""``python -m nestlab``: works in a fresh clone with nothing but Python.

Any installed Python may read this file and nestlab.texts, even one that is too old to run nestlab,
so both keep to the syntax of Python 3.8.
"""

import gc
import sys

OLDEST_PYTHON = (3, 11)
INTERRUPTED = 130


def main() -> int:
    """Run nestlab; Ctrl-C ends it without a traceback, also while modules are imported."""
    try:
        return _run()
    except KeyboardInterrupt:
        from nestlab.texts import tr  # noqa: PLC0415  # rarely needed

        sys.stderr.write(tr("\nnestlab: interrupted") + "\n")
        return INTERRUPTED


def _run() -> int:
    """Check the Python version, prepare the environment, and run the command line in it."""
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(str(part) for part in sys.version_info[:3])
        from nestlab.texts import tr  # noqa: PLC0415  # rarely needed

        message = tr(
            "nestlab needs Python 3.11 or newer; this is Python {version} ({executable}).\n  Install a newer Python and start nestlab with it, for example: python3.12 -m nestlab",
            version=found,
            executable=sys.executable,
        )
        sys.stderr.write(message + "\n")
        return 2
    from nestlab.bootstrap_stamp import is_ready  # noqa: PLC0415  # its syntax needs a newer Python: checked above

    if not is_ready(sys.argv[1:]):
        from nestlab.bootstrap import prepare  # noqa: PLC0415  # slow to import, and most starts install nothing

        status = prepare(sys.argv[1:])
        if status is not None:
            return status
    gc.disable()  # nothing that is imported is garbage
    from nestlab.cli import program  # noqa: PLC0415  # what it imports may only just have been installed

    return program()


if __name__ == "__main__":
    sys.exit(main())
