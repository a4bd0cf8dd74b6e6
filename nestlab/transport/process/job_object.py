"""A job object of Windows, which ends the children of this process together with it.

On other systems a child ends because its standard input is closed.
"""

from __future__ import annotations

import ctypes
import subprocess
from ctypes import Structure, c_int64, c_size_t, c_uint32, c_uint64
from functools import lru_cache
from typing import Any

# winnt.h: JOBOBJECTINFOCLASS and LimitFlags.
_EXTENDED_LIMIT_INFORMATION = 9
_KILL_ON_JOB_CLOSE = 0x2000


class BasicLimits(Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("PerProcessUserTimeLimit", c_int64),
        ("PerJobUserTimeLimit", c_int64),
        ("LimitFlags", c_uint32),
        ("MinimumWorkingSetSize", c_size_t),
        ("MaximumWorkingSetSize", c_size_t),
        ("ActiveProcessLimit", c_uint32),
        ("Affinity", c_size_t),
        ("PriorityClass", c_uint32),
        ("SchedulingClass", c_uint32),
    )


class IoCounters(Structure):
    """IO_COUNTERS."""

    _fields_ = tuple(
        (f"{kind}{what}Count", c_uint64)
        for what in ("Operation", "Transfer")
        for kind in ("Read", "Write", "Other")
    )


class ExtendedLimits(Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("BasicLimitInformation", BasicLimits),
        ("IoInfo", IoCounters),
        ("ProcessMemoryLimit", c_size_t),
        ("JobMemoryLimit", c_size_t),
        ("PeakProcessMemoryUsed", c_size_t),
        ("PeakJobMemoryUsed", c_size_t),
    )


def end_with_this_process(process: subprocess.Popen[bytes]) -> None:
    """Assign the child to the job of this process.

    If that fails, its standard input still closes when this process ends.
    """
    kernel = _kernel()
    job = _job() if kernel is not None else 0
    if kernel is not None and job:
        # Only the handle of Popen has the rights for this.
        handle = int(getattr(process, "_handle"))  # noqa: B009  # only Windows' Popen has it
        kernel.AssignProcessToJobObject(ctypes.c_void_p(job), ctypes.c_void_p(handle))


def _kernel() -> Any:
    """Return kernel32; None if this is not Windows."""
    loader = getattr(ctypes, "WinDLL", None)
    return loader("kernel32") if loader is not None else None


@lru_cache(maxsize=1)
def _job() -> int:
    """Return the job of this process, created once; the system closes it with the process."""
    kernel = _kernel()
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    job = kernel.CreateJobObjectW(None, None) or 0
    limits = ExtendedLimits()
    limits.BasicLimitInformation.LimitFlags = _KILL_ON_JOB_CLOSE
    size = ctypes.sizeof(limits)
    done = job and kernel.SetInformationJobObject(
        ctypes.c_void_p(job), _EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), size
    )
    return int(job) if done else 0
