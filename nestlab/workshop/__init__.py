"""Workshops: seats, stages and their placement on hosts, from one file for a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nestlab.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from nestlab.workshop.learner_stage import LearnerStage, current_stage
    from nestlab.workshop.projector_page import board_page
    from nestlab.workshop.seat_board import SeatBoard, SeatStage, StageState
    from nestlab.workshop.seat_events import SeatEvent, SeatResult, SeatStarted, SeatStatus
    from nestlab.workshop.stage_cut import cut_of, stage_named, stage_topology
    from nestlab.workshop.stage_progress import StageProgress, progress_folder
    from nestlab.workshop.stage_report import StageHint, StageReport
    from nestlab.workshop.stage_times import StageTimes
    from nestlab.workshop.workshop_board import WorkshopBoard, board
    from nestlab.workshop.workshop_file import dumps, load, loads, save, schema
    from nestlab.workshop.workshop_plan import WorkshopPlan, plan
    from nestlab.workshop.workshop_run import WorkshopRun
    from nestlab.workshop.workshop_status import SeatState, WorkshopStatus, status
    from nestlab.workshop.workshop_values import (
        FaultKind,
        Seat,
        StageFault,
        Workshop,
        WorkshopStage,
    )

_EXPORTS = {
    "FaultKind": "workshop_values",
    "LearnerStage": "learner_stage",
    "Seat": "workshop_values",
    "SeatBoard": "seat_board",
    "SeatEvent": "seat_events",
    "SeatResult": "seat_events",
    "SeatStage": "seat_board",
    "SeatStarted": "seat_events",
    "SeatState": "workshop_status",
    "SeatStatus": "seat_events",
    "StageFault": "workshop_values",
    "StageHint": "stage_report",
    "StageProgress": "stage_progress",
    "StageReport": "stage_report",
    "StageState": "seat_board",
    "StageTimes": "stage_times",
    "Workshop": "workshop_values",
    "WorkshopBoard": "workshop_board",
    "WorkshopPlan": "workshop_plan",
    "WorkshopRun": "workshop_run",
    "WorkshopStage": "workshop_values",
    "WorkshopStatus": "workshop_status",
    "board": "workshop_board",
    "board_page": "projector_page",
    "current_stage": "learner_stage",
    "cut_of": "stage_cut",
    "dumps": "workshop_file",
    "load": "workshop_file",
    "loads": "workshop_file",
    "plan": "workshop_plan",
    "progress_folder": "stage_progress",
    "save": "workshop_file",
    "schema": "workshop_file",
    "stage_named": "stage_cut",
    "stage_topology": "stage_cut",
    "status": "workshop_status",
}

__all__ = [
    "FaultKind",
    "LearnerStage",
    "Seat",
    "SeatBoard",
    "SeatEvent",
    "SeatResult",
    "SeatStage",
    "SeatStarted",
    "SeatState",
    "SeatStatus",
    "StageFault",
    "StageHint",
    "StageProgress",
    "StageReport",
    "StageState",
    "StageTimes",
    "Workshop",
    "WorkshopBoard",
    "WorkshopPlan",
    "WorkshopRun",
    "WorkshopStage",
    "WorkshopStatus",
    "board",
    "board_page",
    "current_stage",
    "cut_of",
    "dumps",
    "load",
    "loads",
    "plan",
    "progress_folder",
    "save",
    "schema",
    "stage_named",
    "stage_topology",
    "status",
]

# `nestlab --help` reads no workshop.
__getattr__ = lazy_exports(__name__, _EXPORTS)
