"""The keys of a VM that are one parameter of Set-VM each."""

from __future__ import annotations

from nestlab.model.topology import CheckpointType, StartAction, StopAction
from nestlab.topology_file.key_types import Key, Setting
from nestlab.topology_file.scalars import BOOLEAN, choice_of, integer

VM_SETTING_KEYS = (
    Key(
        "automatic_start_action",
        choice_of(StartAction),
        "What happens to the VM when its host starts. Default: unchanged; StartIfRunning for a new VM.",
        label="Automatic start action",
        setting=Setting(
            "Set-VM",
            "AutomaticStartAction",
            initial="StartIfRunning",
            numbers={2: "Nothing", 3: "StartIfRunning", 4: "Start"},
        ),
    ),
    Key(
        "automatic_start_delay",
        integer(0, 1_000_000_000),
        "Delay of an automatic start, in seconds. Default: unchanged; 0 for a new VM.",
        label="Automatic start delay",
        hint="30",
        setting=Setting("Set-VM", "AutomaticStartDelay", initial=0),
    ),
    Key(
        "automatic_stop_action",
        choice_of(StopAction),
        "What happens to the VM when its host shuts down. Default: unchanged; Save for a new VM.",
        label="Automatic stop action",
        setting=Setting(
            "Set-VM",
            "AutomaticStopAction",
            initial="Save",
            numbers={2: "TurnOff", 3: "Save", 4: "ShutDown"},
            while_off=True,
        ),
    ),
    Key(
        "checkpoint_type",
        choice_of(CheckpointType),
        "Kind of checkpoints that the VM has: Production ones hold its disks, made consistent by the guest, Standard ones its memory as well. Default: unchanged; Production for a new VM.",
        label="Checkpoint type",
        setting=Setting(
            "Set-VM",
            "CheckpointType",
            initial="Production",
            numbers={2: "Disabled", 3: "Production", 4: "ProductionOnly", 5: "Standard"},
        ),
    ),
    Key(
        "automatic_checkpoints_enabled",
        BOOLEAN,
        "Whether Hyper-V takes a checkpoint whenever the VM starts, as client systems such as Windows 11 do for new VMs: the VM then runs on a disk of that checkpoint.",
        label="Automatic checkpoints",
        setting=Setting(
            "Set-VM", "AutomaticCheckpointsEnabled", initial=False, initial_on_client=True
        ),
    ),
)
