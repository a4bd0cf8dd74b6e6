"""Lability configuration data (.psd1): read as data, never run.

The keys are documented in Lability's about_ConfigurationData, about_Media and about_Networking, and
its defaults are in its Config folder (https://github.com/VirtualEngine/Lability).
"""

from nestlab.importers.lability.configuration import lability_draft

__all__ = ["lability_draft"]
