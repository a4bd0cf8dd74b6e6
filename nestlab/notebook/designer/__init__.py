"""The topology designer of the notebooks."""

from nestlab.notebook.designer.widget import TopologyDesigner

__all__ = ["TopologyDesigner"]
