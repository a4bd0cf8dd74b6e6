"""What a step does, and to what kind of object, as written in plans, events and journals."""

from __future__ import annotations

from enum import StrEnum

from nestlab.texts import tr


class Action(StrEnum):
    """What a step does. Its value is part of step ids, and stored in journals and saved plans."""

    ACTIVATE_SCOPE = "activate-scope"
    ADD_ADAPTER = "add-adapter"
    ADD_DISK = "add-disk"
    ADD_DVD_DRIVE = "add-dvd-drive"
    ADD_MANAGEMENT_ADAPTER = "add-management-adapter"
    ADD_ROUTE = "add-route"
    ADOPT_SWITCH = "adopt-switch"
    ADOPT_VM = "adopt-vm"
    ALLOW_MAC_SPOOFING = "allow-mac-spoofing"
    ANSWER_PING = "answer-ping"
    COPY_IMAGE = "copy-image"
    CONNECT_ADAPTER = "connect-adapter"
    CREATE_CHECKPOINT = "create-checkpoint"
    CREATE_DISK = "create-disk"
    CREATE_NAT = "create-nat"
    CREATE_SWITCH = "create-switch"
    CREATE_VM = "create-vm"
    DELETE_DISK = "delete-disk"
    DETACH_DISK = "detach-disk"
    DISCONNECT_ADAPTER = "disconnect-adapter"
    DROP_PING = "drop-ping"
    ENABLE_ADAPTER = "enable-adapter"
    ENABLE_GUEST_SERVICE = "enable-guest-service"
    EXPAND_DISK = "expand-disk"
    EXPOSE_EXTENSIONS = "expose-extensions"
    FORBID_MAC_SPOOFING = "forbid-mac-spoofing"
    FORWARD_PORT = "forward-port"
    HIDE_EXTENSIONS = "hide-extensions"
    INSERT_DVD = "insert-dvd"
    INSTALL_DHCP = "install-dhcp"
    INSTALL_FEATURE = "install-feature"
    INSTALL_HYPER_V = "install-hyper-v"
    MARK_VM = "mark-vm"
    REMOVE_ADAPTER = "remove-adapter"
    REMOVE_ADDRESS = "remove-address"
    REMOVE_DVD_DRIVE = "remove-dvd-drive"
    REMOVE_GATEWAY = "remove-gateway"
    REMOVE_MANAGEMENT_ADAPTER = "remove-management-adapter"
    REMOVE_NAT = "remove-nat"
    REMOVE_PORT_FORWARD = "remove-port-forward"
    REMOVE_RESERVATION = "remove-reservation"
    REMOVE_ROUTE = "remove-route"
    REMOVE_SAVED_STATE = "remove-saved-state"
    REMOVE_SCOPE = "remove-scope"
    REMOVE_SWITCH = "remove-switch"
    REMOVE_VM = "remove-vm"
    RENAME_COMPUTER = "rename-computer"
    RENAME_ADAPTER = "rename-adapter"
    REPLACE_DISK = "replace-disk"
    REPLACE_NAT = "replace-nat"
    RESERVE_ADDRESS = "reserve-address"
    RESET_VM = "reset-vm"
    RESTART = "restart"
    RESTORE_MEMORY = "restore-memory"
    RESTORE_PROCESSOR_COUNT = "restore-processor-count"
    RESUME_VM = "resume-vm"
    SERVE_ADDRESSES = "serve-addresses"
    SET_ADAPTER_SETTING = "set-adapter-setting"
    SET_ADDRESS = "set-address"
    SET_DHCP = "set-dhcp"
    SET_DHCP_DNS = "set-dhcp-dns"
    SET_DNS_SERVERS = "set-dns-servers"
    SET_FORWARDING = "set-forwarding"
    SET_GATEWAY = "set-gateway"
    SET_MAC_ADDRESS = "set-mac-address"
    SET_MAC_ADDRESS_SPOOFING = "set-mac-address-spoofing"
    SET_MEMORY = "set-memory"
    SET_METRIC = "set-metric"
    SET_NOTES = "set-notes"
    SET_PROCESSOR_COUNT = "set-processor-count"
    SET_SECURE_BOOT = "set-secure-boot"
    SET_SWITCH = "set-switch"
    SET_TEAMING = "set-teaming"
    SET_TPM = "set-tpm"
    SET_VLAN = "set-vlan"
    SET_VM_SETTING = "set-vm-setting"
    SHUT_DOWN_VM = "shut-down-vm"
    START_VM = "start-vm"
    STOP_FORWARDING = "stop-forwarding"
    STOP_VM = "stop-vm"
    SUSPEND_VM = "suspend-vm"
    WRITE_ANSWER_FILE = "write-answer-file"
    TURN_OFF_VM = "turn-off-vm"
    UPGRADE_VERSION = "upgrade-version"
    WRITE_SEED = "write-seed"


POWER_ACTIONS = frozenset(
    {
        Action.RESTART,
        Action.RESUME_VM,
        Action.SHUT_DOWN_VM,
        Action.START_VM,
        Action.STOP_VM,
        Action.SUSPEND_VM,
    }
)
"""Actions on the power state of a VM in a topology's plan; other changes may require them."""


class TargetKind(StrEnum):
    """What a step creates or changes.

    `WINDOWS` is a setting of the machine's own Windows, `SCOPE` a DHCP scope.
    """

    ADAPTER = "adapter"
    ADDRESS = "address"
    DISK = "disk"
    NAT = "nat"
    SCOPE = "scope"
    SWITCH = "switch"
    VM = "vm"
    WINDOWS = "windows"


class SubjectKind(StrEnum):
    """What a plan or a journal applies to: a topology, nesting of VMs, a reset to checkpoints."""

    TOPOLOGY = "topology"
    NESTING = "nesting"
    RESET = "reset"

    def title_of(self, subject: str) -> str:
        """Return a subject as text.

        >>> SubjectKind.TOPOLOGY.title_of("nat-lab"), SubjectKind.NESTING.title_of("HV1, HV2")
        ('nat-lab', 'nesting of HV1, HV2')
        """
        if self is SubjectKind.RESET:
            return tr("reset of {subject}", subject=subject)
        return (
            subject if self is SubjectKind.TOPOLOGY else tr("nesting of {subject}", subject=subject)
        )
