"""Plans: the difference between what is wanted and what was observed, as steps."""

from nestlab.model.spelling import same_name
from nestlab.plan.address_entries import address_text, gateway_text, route_text
from nestlab.plan.address_users import removed_addresses, why_address_is_kept
from nestlab.plan.checkpoints import next_checkpoints, with_checkpoints_of, without_checkpoints
from nestlab.plan.cmdlet_targets import (
    addressed_by_name,
    delete_files,
    deleted_files,
    named_switches,
    where_guest_service_interface,
    with_ids,
)
from nestlab.plan.destroying import (
    plan_destroy,
    removed_checkpoints_text,
    unnamed_checkpoints_text,
)
from nestlab.plan.disk_contents import dismount
from nestlab.plan.disk_names import (
    data_disk_number,
    disk_path,
    is_guest_scope,
    named_disks,
    own_disk_path,
)
from nestlab.plan.dvd_drives import boots_from_dvd
from nestlab.plan.entries_of_others import (
    forward_text,
    on_switch_text,
    reservation_text,
    why_entry_is_kept,
)
from nestlab.plan.existing_disks import (
    may_write_to_existing_disks,
    use_by_others,
    why_image_is_not_copied,
    why_not_written,
)
from nestlab.plan.feature_steps import WIN_NAT_FEATURE
from nestlab.plan.first_boot_steps import no_heartbeat_reasons, windows_missing
from nestlab.plan.guest_credentials import guests_by_credential, windows_credential_names
from nestlab.plan.heartbeats import not_started_text, without_heartbeat
from nestlab.plan.host_changes import HostChange, host_changes
from nestlab.plan.in_use import (
    disconnect_cmdlets,
    extra_management_adapters,
    is_checkpoint_disk,
    other_vms_on,
    reason_of,
    serves_switch_of_others,
    use_of_disk,
    vms_to_disconnect,
    why_disks_are_kept,
    why_switch_is_kept,
    why_vm_is_kept,
)
from nestlab.plan.inner_power import (
    InnerVMs,
    is_at_or_inside,
    restore_steps,
    stopped_machine_of,
    vms_by_host,
    vms_inside,
)
from nestlab.plan.kinds import POWER_ACTIONS, Action, SubjectKind, TargetKind
from nestlab.plan.made_entries import (
    EntryKind,
    MadeEntry,
    ReadMadeEntries,
    entries_added,
    made_entries,
    port_forward,
    reservation,
)
from nestlab.plan.made_routes import MadeRoute, ReadMadeRoutes, made_routes, route_of
from nestlab.plan.missing_rights import (
    SIGN_IN_HINT,
    administrator_steps,
    refuse_missing_rights,
    rights_findings,
)
from nestlab.plan.nat_users import network_with, networks_of_others, vms_left_out, why_nat_is_kept
from nestlab.plan.new_accounts import AccountProblem, NewAccount, account_problems, new_accounts
from nestlab.plan.others_inside import DELETE_OTHERS_OPTION, OthersInside, others_inside
from nestlab.plan.past_runs import NewDisk, ReadNewDisks, new_disks
from nestlab.plan.placed_disks import PlacedDisk, data_disk_files, placed_disks
from nestlab.plan.plan import NOT_CHANGED, Plan, warning_text
from nestlab.plan.planned_machine import ObservedMachine, named_adapter
from nestlab.plan.power_steps import ON_STATES
from nestlab.plan.pruned_states import without_remainder, without_replaced_routes
from nestlab.plan.recreating import unreadable_guests
from nestlab.plan.refused_credentials import (
    RefusedCredential,
    refusals,
    with_refused_credentials,
)
from nestlab.plan.remainder_texts import KEPT_FOR_OTHERS
from nestlab.plan.scope_users import scope_users, why_scope_is_kept
from nestlab.plan.seed_disks import has_matching_seed, is_seed, seed_pattern
from nestlab.plan.step import (
    Deferred,
    Effect,
    Hazard,
    InnerVM,
    OutOfReach,
    Refusal,
    Remainder,
    Step,
    StepTarget,
    Unchanged,
)
from nestlab.plan.topology_plan import compare_unmarked, make_plan
from nestlab.plan.undeclared_adapters import DISCONNECT_OTHERS_OPTION
from nestlab.plan.undo_needs import ReadUndoNeeds, UndoNeed, attached_disks, undo_needs
from nestlab.plan.unmarked import UnmarkedObjects
from nestlab.plan.windows_partition import (
    PartitionProbe,
    after_mounting,
    mounting,
    partition_probes,
    writes_into_windows,
)

__all__ = [
    "DELETE_OTHERS_OPTION",
    "DISCONNECT_OTHERS_OPTION",
    "KEPT_FOR_OTHERS",
    "NOT_CHANGED",
    "ON_STATES",
    "POWER_ACTIONS",
    "SIGN_IN_HINT",
    "WIN_NAT_FEATURE",
    "AccountProblem",
    "Action",
    "Deferred",
    "Effect",
    "EntryKind",
    "Hazard",
    "HostChange",
    "InnerVM",
    "InnerVMs",
    "MadeEntry",
    "MadeRoute",
    "NewAccount",
    "NewDisk",
    "ObservedMachine",
    "OthersInside",
    "OutOfReach",
    "PartitionProbe",
    "PlacedDisk",
    "Plan",
    "ReadMadeEntries",
    "ReadMadeRoutes",
    "ReadNewDisks",
    "ReadUndoNeeds",
    "Refusal",
    "RefusedCredential",
    "Remainder",
    "Step",
    "StepTarget",
    "SubjectKind",
    "TargetKind",
    "Unchanged",
    "UndoNeed",
    "UnmarkedObjects",
    "account_problems",
    "address_text",
    "addressed_by_name",
    "administrator_steps",
    "after_mounting",
    "attached_disks",
    "boots_from_dvd",
    "compare_unmarked",
    "data_disk_files",
    "data_disk_number",
    "delete_files",
    "deleted_files",
    "disconnect_cmdlets",
    "disk_path",
    "dismount",
    "entries_added",
    "extra_management_adapters",
    "forward_text",
    "gateway_text",
    "guests_by_credential",
    "has_matching_seed",
    "host_changes",
    "is_at_or_inside",
    "is_checkpoint_disk",
    "is_guest_scope",
    "is_seed",
    "made_entries",
    "made_routes",
    "make_plan",
    "may_write_to_existing_disks",
    "mounting",
    "named_adapter",
    "named_disks",
    "named_switches",
    "network_with",
    "networks_of_others",
    "new_accounts",
    "new_disks",
    "next_checkpoints",
    "no_heartbeat_reasons",
    "not_started_text",
    "on_switch_text",
    "other_vms_on",
    "others_inside",
    "own_disk_path",
    "partition_probes",
    "placed_disks",
    "plan_destroy",
    "port_forward",
    "reason_of",
    "refusals",
    "refuse_missing_rights",
    "removed_addresses",
    "removed_checkpoints_text",
    "reservation",
    "reservation_text",
    "restore_steps",
    "rights_findings",
    "route_of",
    "route_text",
    "same_name",
    "scope_users",
    "seed_pattern",
    "serves_switch_of_others",
    "stopped_machine_of",
    "undo_needs",
    "unnamed_checkpoints_text",
    "unreadable_guests",
    "use_by_others",
    "use_of_disk",
    "vms_by_host",
    "vms_inside",
    "vms_left_out",
    "vms_to_disconnect",
    "warning_text",
    "where_guest_service_interface",
    "why_address_is_kept",
    "why_disks_are_kept",
    "why_entry_is_kept",
    "why_image_is_not_copied",
    "why_nat_is_kept",
    "why_not_written",
    "why_scope_is_kept",
    "why_switch_is_kept",
    "why_vm_is_kept",
    "windows_credential_names",
    "windows_missing",
    "with_checkpoints_of",
    "with_ids",
    "with_refused_credentials",
    "without_checkpoints",
    "without_heartbeat",
    "without_remainder",
    "without_replaced_routes",
    "writes_into_windows",
]
