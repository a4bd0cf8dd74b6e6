"""A small PowerShell engine for exported scripts: it runs their text on a simulated host.

The text is parsed by a grammar that is not ours. What the scripts do not use is not here, and
anything unknown is an error.
"""

from tests.export.engine.running import Run, run_script
from tests.export.engine.values import PsError

__all__ = ["PsError", "Run", "run_script"]
