"""The numbers of MS-PSRP: message types (2.2.1), states of pools and pipelines (2.2.3)."""

from __future__ import annotations

from enum import IntEnum


class MessageType(IntEnum):
    """The type of a message."""

    SESSION_CAPABILITY = 0x00010002
    INIT_RUNSPACEPOOL = 0x00010004
    PUBLIC_KEY = 0x00010005
    ENCRYPTED_SESSION_KEY = 0x00010006
    PUBLIC_KEY_REQUEST = 0x00010007
    GET_AVAILABLE_RUNSPACES = 0x00021007
    RUNSPACE_AVAILABILITY = 0x00021004
    RUNSPACEPOOL_STATE = 0x00021005
    CREATE_PIPELINE = 0x00021006
    APPLICATION_PRIVATE_DATA = 0x00021009
    PIPELINE_OUTPUT = 0x00041004
    ERROR_RECORD = 0x00041005
    PIPELINE_STATE = 0x00041006
    DEBUG_RECORD = 0x00041007
    VERBOSE_RECORD = 0x00041008
    WARNING_RECORD = 0x00041009
    PROGRESS_RECORD = 0x00041010
    INFORMATION_RECORD = 0x00041011


class PoolState(IntEnum):
    """The states of a runspace pool that a client handles."""

    OPENED = 2
    CLOSED = 3
    BROKEN = 5


class PipelineState(IntEnum):
    """The state of a pipeline."""

    NOT_STARTED = 0
    RUNNING = 1
    STOPPING = 2
    STOPPED = 3
    COMPLETED = 4
    FAILED = 5
