"""AutomatedLab: the XML that its Export-LabDefinition and Export-Lab write.

The elements are the properties of its classes (https://github.com/AutomatedLab/AutomatedLab, folder
LabXml). New-LWHypervVM.ps1 and New-LWHypervNetworkSwitch.ps1 create VMs and switches from them.
"""

from nestlab.importers.automatedlab.lab_files import LAB_FILE, automatedlab_draft

__all__ = ["LAB_FILE", "automatedlab_draft"]
