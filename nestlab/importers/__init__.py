"""Importers: lab definitions of other tools as topologies, and what they leave out."""

from nestlab.importers.definition import ImportedLab, import_definition, import_lab
from nestlab.importers.draft import LeftOut
from nestlab.importers.mslab import EXPORT_SCRIPT

__all__ = ["EXPORT_SCRIPT", "ImportedLab", "LeftOut", "import_definition", "import_lab"]
