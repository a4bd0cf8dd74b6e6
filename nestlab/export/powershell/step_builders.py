"""The function that builds the code of a step, for each kind of step."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.export.powershell.dvd_steps import DVD_BUILDERS
from nestlab.export.powershell.network_steps import NETWORK_BUILDERS
from nestlab.export.powershell.step_code import Build
from nestlab.export.powershell.vm_steps import VM_BUILDERS
from nestlab.plan import Action

BUILDERS: Mapping[Action, Build] = {**NETWORK_BUILDERS, **VM_BUILDERS, **DVD_BUILDERS}
"""By kind of step; kinds that are not here cannot be in a script."""
