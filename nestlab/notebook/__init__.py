"""The panels (Jupyter widgets) and tables that the notebooks use."""

from nestlab.notebook.board_panel import BoardPanel
from nestlab.notebook.capability_panel import CapabilityPanel
from nestlab.notebook.connect_panel import ConnectPanel
from nestlab.notebook.designer import TopologyDesigner
from nestlab.notebook.document_panel import DocumentPanel
from nestlab.notebook.nesting_panel import NestingPanel
from nestlab.notebook.plan_panel import PlanPanel
from nestlab.notebook.scenario_verdicts import scenario_verdicts
from nestlab.notebook.stage_panel import StagePanel
from nestlab.notebook.trace_panel import TracePanel

__all__ = [
    "BoardPanel",
    "CapabilityPanel",
    "ConnectPanel",
    "DocumentPanel",
    "NestingPanel",
    "PlanPanel",
    "StagePanel",
    "TopologyDesigner",
    "TracePanel",
    "scenario_verdicts",
]
