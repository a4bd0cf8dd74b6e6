"""MSLab: the JSON that a script exports from LabConfig.ps1, which the user has run for it.

What the keys mean is documented in MSLab's LabConfig.ps1, and what its scripts make of them is in
3_Deploy.ps1 and 0_DCHydrate.ps1 (https://github.com/microsoft/MSLab, folder Scripts).
"""

from nestlab.importers.mslab.export_script import EXPORT_SCRIPT
from nestlab.importers.mslab.lab_config import mslab_draft

__all__ = ["EXPORT_SCRIPT", "mslab_draft"]
