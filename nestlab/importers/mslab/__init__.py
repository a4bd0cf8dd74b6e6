"""MSLab: JSON that the user exports from LabConfig.ps1 with a script of nestlab.

The keys are documented in MSLab's LabConfig.ps1; 3_Deploy.ps1 and 0_DCHydrate.ps1 create the lab
from them (https://github.com/microsoft/MSLab, folder Scripts).
"""

from nestlab.importers.mslab.export_script import EXPORT_SCRIPT
from nestlab.importers.mslab.lab_config import mslab_draft

__all__ = ["EXPORT_SCRIPT", "mslab_draft"]
