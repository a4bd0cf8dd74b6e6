"""The names of the switch parameters of the commands that nestlab sends."""

from __future__ import annotations

_NAMES = """
    Access All AllowUnverifiedPaths AsJob AssignDriveLetter Average Brief CaseSensitive
    CContains CEQ CGE CGT Character CIn CLE CLike CLT CMatch CNE CNotContains CNotIn CNotLike
    CNotMatch Community Compress Confirm Contains CreateFullPath Debug Default DependentServices
    Descending DiagnoseRouting Differencing Directory DisableHeatGathering Dynamic
    DynamicMacAddress DynamicMemory EQ Experimental File Fixed Force Full GE GT IgnoreWhiteSpace
    In IncludeAllChildSnapshots IncludeAllCompartments IncludeAllSubFeature IncludeHidden IncludeManagementTools Is
    IsActive IsHidden IsNot Isolated IsValid KeyOnly LE Like LimitAccess Line ListImported LT
    ManagementOS Match Minimum NE NewLocalKeyProtector NoDriveLetter NoNewline NoRestart
    NotContains NotIn NotLike NotMatch NoVHD Oldest Online PassThru Physical Prerelease
    Promiscuous Quiet ReadOnly Recurse Remove RequiredServices ResetServerAddresses Restart
    RestoreLastKnownGoodKeyProtector Save Shallow ShowCommandInfo StaticMemory Sum Syntax
    ToMinimumSize TracePolicyStore TraceRoute Trunk TurnOff Unique Untagged
    UseAutomaticConnection UseLargeFRS UseMaximumSize UseTransaction Validate Verbose Wait
    WhatIf Word
"""  # not shown
SWITCH_PARAMETERS = frozenset(name.lower() for name in _NAMES.split())
"""Names that are switch parameters in every command that nestlab sends, in lower case.

They are written ``-Force``, never ``-Force $true``: there, ``$true`` is an argument by itself.
"""
