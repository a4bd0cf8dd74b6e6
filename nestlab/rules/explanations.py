"""Known errors of Hyper-V, NetNat, WinRM and DISM: what they mean, what to look at first, what mends them.

Every row stands on a public page or thread, named in `source`. `ids` are beginnings of fully qualified error ids,
`texts` fragments of the English text (case does not matter).
"""

from __future__ import annotations

from dataclasses import dataclass

LEARN = "https://learn.microsoft.com/windows-server/virtualization/hyper-v/"
NAT_PAGE = "https://learn.microsoft.com/virtualization/hyper-v-on-windows/user-guide/setup-nat-network"
DIRECT_PAGE = "https://learn.microsoft.com/virtualization/hyper-v-on-windows/user-guide/powershell-direct"
REMOTING_PAGE = "https://learn.microsoft.com/powershell/scripting/learn/remoting/"


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One known error: its cause, the first thing to check, the fix and where it runs, and the source of all that."""

    code: str
    cause: str
    check: str
    fix: str
    runs_on: str = "the machine on which the cmdlet failed"
    source: str
    ids: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.cause}\n  first check: {self.check}\n  fix ({self.runs_on}): {self.fix}\n  source: {self.source}"

    def to_dict(self) -> dict[str, str]:
        """Return the explanation as plain JSON data."""
        return {name: getattr(self, name) for name in ("code", "cause", "check", "fix", "runs_on", "source")}

    def _repr_html_(self) -> str:
        from nestlab.model.html import table  # noqa: PLC0415  # only notebooks need it

        rows = [("cause", self.cause), ("first check", self.check), (f"fix, on {self.runs_on}", self.fix), ("source", self.source)]
        return table((self.code, ""), rows)


@dataclass(frozen=True)
class Unexplained:
    """An error that nobody here knows. False, so that ``if explain(...)`` asks whether it is known."""

    error: str

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return f"Nothing is known here about: {self.error or 'an empty text'}\n  {self.advice}"

    @property
    def advice(self) -> str:
        """What to do with it all the same."""
        return (
            "Take the fully qualified id, which is the same in every language of Windows: $Error[0].FullyQualifiedErrorId, and ask again. "
            "Then see whether `nestlab check` finds something on that machine."
        )

    def to_dict(self) -> dict[str, str]:
        """Return plain JSON data; an empty code says that nothing is known."""
        return {"code": "", "error": self.error, "advice": self.advice}

    def _repr_html_(self) -> str:
        from nestlab.model.html import escape  # noqa: PLC0415  # only notebooks need it

        return f"<p><b>Nothing is known here about:</b> {escape(self.error)}</p><p>{escape(self.advice)}</p>"


EXPLANATIONS: tuple[Explanation, ...] = (
    Explanation(
        code="platform-cannot-nest",
        cause="The VM exposes virtualization extensions, and this platform cannot nest: AMD needs Windows Server 2022 or Windows 11, ARM64 cannot at all. "
        "Setting the flag succeeds; only starting the VM is refused.",
        check="Get-CimInstance Win32_Processor | Select-Object Manufacturer, Architecture; Get-CimInstance Win32_OperatingSystem | Select-Object BuildNumber",
        fix="Set-VMProcessor -VMName '<VM>' -ExposeVirtualizationExtensions $false, or move to a host that can nest",
        runs_on="the host",
        source=LEARN + "enable-nested-virtualization",
        texts=("this platform does not support nested virtualization",),
    ),
    Explanation(
        code="hypervisor-not-running",
        cause="The hypervisor of this machine is not running. In a nested host that means as a rule: the host does not expose the virtualization extensions to it.",
        check="Get-VMProcessor -VMName '<nested host>' | Select-Object ExposeVirtualizationExtensions (on the host around it)",
        fix="Stop-VM -Name '<nested host>'; Set-VMProcessor -VMName '<nested host>' -ExposeVirtualizationExtensions $true; Start-VM -Name '<nested host>'",
        runs_on="the host around the nested host",
        source="https://github.com/microsoft/MSLab/issues/353",
        texts=("because the hypervisor is not running", "one of the hyper-v components is not running", "0xc0351000", "0x80370102"),
    ),
    Explanation(
        code="role-prerequisite",
        cause="The Hyper-V role refuses to install because this machine shows no virtualization extensions.",
        check="Get-VMProcessor -VMName '<this machine>' | Select-Object ExposeVirtualizationExtensions (on the host around it)",
        fix="Stop the VM, Set-VMProcessor -VMName '<VM>' -ExposeVirtualizationExtensions $true, start it, install again",
        runs_on="the host around this machine",
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/193",
        ids=("Alteration_PrerequisiteCheck_Failed",),
        texts=("required virtualization capabilities", "a prerequisite check for the hyper-v feature failed"),
    ),
    Explanation(
        code="vm-must-be-off",
        cause="This setting can only change while the VM is off; it is running, saved or paused.",
        check="Get-VM -Name '<VM>' | Select-Object State",
        fix="Stop-VM -Name '<VM>' (a saved state has to be dropped first: Remove-VMSavedState), then set it again",
        runs_on="the host of the VM",
        source=LEARN + "enable-nested-virtualization",
        ids=("InvalidState,Microsoft.HyperV",),
        texts=("cannot be performed while the virtual machine is in its current state",),
    ),
    Explanation(
        code="vm-not-found",
        cause="No VM of this name is on this machine, or you may not see it.",
        check="Get-VM | Select-Object Name, State",
        fix="Correct the name. Where the list is empty, open the session as local Administrator or as a member of Hyper-V Administrators",
        source="https://github.com/kubernetes/minikube/issues/8970",
        texts=("unable to find a virtual machine with name",),
    ),
    Explanation(
        code="no-shutdown",
        cause="The guest does not listen to a shutdown: its integration service is off, it is still starting, or there is no system on its disk.",
        check="Get-VM -Name '<VM>' | Select-Object State, Heartbeat, Uptime; Get-VMIntegrationService -VMName '<VM>' -Name 'Shutdown'",
        fix="Wait until it has started and try again, or shut it down from inside; Stop-VM -Name '<VM>' -TurnOff cuts its power, and what it has not saved is lost",
        runs_on="the host of the VM",
        source="https://learn.microsoft.com/powershell/module/hyper-v/stop-vm",
        texts=("because the shutdown integration service is unavailable",),
    ),
    Explanation(
        code="switch-not-found",
        cause="No virtual switch of this name is on this machine.",
        check="Get-VMSwitch | Select-Object Name, SwitchType",
        fix="Correct the name, or create the switch first: New-VMSwitch -Name '<switch>' -SwitchType Internal",
        source="https://github.com/VirtualEngine/Lability/issues/40",
        texts=("unable to find a virtual switch with name", "no ethernet switch could be found matching"),
    ),
    Explanation(
        code="management-service",
        cause="The Virtual Machine Management service does not answer: it is stopped, still starting after the role was installed, or hidden from a session without rights.",
        check="Get-Service -Name vmms",
        fix="Start-Service -Name vmms, or open the session with administrator rights",
        source="https://github.com/kubernetes/minikube/issues/16679",
        texts=("verify that the virtual machine management service on the computer is running",),
    ),
    Explanation(
        code="no-permission",
        cause="The account may not do this with Hyper-V.",
        check="whoami /groups: is Hyper-V Administrators or Administrators among them, and was the session opened after joining?",
        fix="Add-LocalGroupMember -Group 'Hyper-V Administrators' -Member '<user>', then open a new session",
        runs_on="the host",
        source="https://github.com/kubernetes/minikube/issues/9286",
        ids=("AccessDenied,Microsoft.HyperV",),
        texts=("do not have the required permission to complete this task",),
    ),
    Explanation(
        code="nat-needs-administrator",
        cause="NAT and its port forwards need local Administrators; Hyper-V Administrators is enough for VMs and switches only.",
        check="whoami /groups: is BUILTIN\\Administrators among them, and enabled?",
        fix="Open the session with an account of the local Administrators group",
        runs_on="the host",
        source=NAT_PAGE,
        ids=("Windows System Error 5,",),
    ),
    Explanation(
        code="not-enough-memory",
        cause="The host has too little free memory to start this VM.",
        check="Get-VMHost | Select-Object MemoryCapacity; Get-VM | Select-Object Name, State, MemoryAssigned",
        fix="Stop another VM, or Set-VMMemory -VMName '<VM>' -StartupBytes <less> while the VM is off",
        runs_on="the host of the VM",
        source="https://github.com/kubernetes/minikube/issues/18049",
        ids=("OutOfMemory,Microsoft.HyperV",),
        texts=("not enough memory in the system to start", "0x8007000e", "0x800705aa"),
    ),
    Explanation(
        code="switch-in-use",
        cause="The switch is still used: by the adapter of a running VM, or by a NAT on its address.",
        check="Get-VMNetworkAdapter -VMName * | Select-Object VMName, SwitchName; Get-NetNat",
        fix="Disconnect or stop these VMs and Remove-NetNat first, then Remove-VMSwitch -Name '<switch>' -Force",
        source="https://github.com/AutomatedLab/AutomatedLab/issues/164",
        ids=("ObjectInUse,Microsoft.HyperV.PowerShell.Commands.RemoveVMSwitch",),
        texts=("cannot be deleted because it is being used by running virtual machines",),
    ),
    Explanation(
        code="adapter-in-use",
        cause="The physical adapter carries another External switch already; an adapter can be in one switch only.",
        check="Get-VMSwitch -SwitchType External | Select-Object Name, NetAdapterInterfaceDescription",
        fix="Use the External switch that is there, or another adapter",
        source="https://github.com/canonical/multipass/issues/2159",
        ids=("ObjectInUse,Microsoft.HyperV.PowerShell.Commands.NewVMSwitch",),
    ),
    Explanation(
        code="adapter-gone",
        cause="The adapter that the switch should ride on is not there, or Windows has lost its binding.",
        check="Get-NetAdapter | Select-Object Name, InterfaceDescription, Status",
        fix="Name an adapter of this list; names differ between languages and machines",
        source="https://github.com/canonical/multipass/issues/3207",
        texts=("cannot find a physical network adapter named", "bind failed: element not found", "0x80070490"),
    ),
    Explanation(
        code="default-switch",
        cause="The Default Switch belongs to Windows and cannot be changed or removed; its address range changes at every start.",
        check="Get-VMSwitch -Name 'Default Switch'",
        fix="Use an Internal switch of your own with an address and New-NetNat",
        source="https://github.com/canonical/multipass/issues/3580",
        texts=("automatic internet connection sharing switch cannot be modified",),
    ),
    Explanation(
        code="nat-overlap",
        cause="The NAT's prefix overlaps an address or another NAT of this machine, or this Windows build carries only one NAT. Docker, WSL and Internet Connection Sharing "
        "own NATs that Get-NetNat does not show.",
        check="Get-NetNat; Get-NetIPAddress -AddressFamily IPv4; Get-NetRoute -AddressFamily IPv4",
        fix="Choose a prefix that nothing uses, or one larger prefix for all labs of this machine",
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/361",
        ids=("Windows System Error 87,New-NetNat",),
    ),
    Explanation(
        code="nat-name-taken",
        cause="A NAT of this name exists, perhaps one of Docker or WSL that Get-NetNat does not show.",
        check="Get-NetNat; docker network ls; wsl --list",
        fix="Choose another name, or remove the other NAT",
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/1244",
        ids=("Windows System Error 52,New-NetNat",),
        texts=("a duplicate name exists on the network",),
    ),
    Explanation(
        code="winnat-absent",
        cause="WinNAT is not on this machine: it comes with the Hyper-V role or the Containers feature on Windows 10 1607, Windows Server 2016 or newer.",
        check="Get-Service -Name winnat",
        fix="Install the Hyper-V role and restart the machine",
        source="https://github.com/pluralsight/PS-AutoLab-Env/issues/260",
        ids=("HRESULT 0x80041010",),
    ),
    Explanation(
        code="port-taken",
        cause="The external port is reserved or used on this machine already; WinNAT itself reserves blocks of ports.",
        check="netsh interface ipv4 show excludedportrange protocol=tcp; Get-NetNatStaticMapping",
        fix="Choose another external port, or stop the program that uses it",
        source="https://github.com/MicrosoftDocs/windows-powershell-docs/issues/1594",
        ids=("Windows System Error 32,Add-NetNatStaticMapping",),
    ),
    Explanation(
        code="address-exists",
        cause="This address is on this machine already.",
        check="Get-NetIPAddress -IPAddress '<address>'",
        fix="Remove-NetIPAddress -IPAddress '<address>' -Confirm:$false where it is on the wrong adapter; otherwise nothing is left to do",
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/338",
        ids=("Windows System Error 87,New-NetIPAddress", "Windows System Error 5010,New-NetIPAddress"),
        texts=("instance msft_netipaddress already exists",),
    ),
    Explanation(
        code="second-gateway",
        cause="The adapter has a default gateway already.",
        check="Get-NetRoute -DestinationPrefix '0.0.0.0/0'",
        fix="Remove-NetRoute -DestinationPrefix '0.0.0.0/0' -InterfaceAlias '<adapter>' -Confirm:$false, then set the new one",
        source="https://learn.microsoft.com/powershell/module/nettcpip/new-netipaddress",
        texts=("instance defaultgateway already exists",),
    ),
    Explanation(
        code="adapter-still-dhcp",
        cause="The adapter still takes its address from DHCP, or is not ready yet.",
        check="Get-NetIPInterface -InterfaceAlias '<adapter>' -AddressFamily IPv4 | Select-Object Dhcp, ConnectionState",
        fix="Set-NetIPInterface -InterfaceAlias '<adapter>' -Dhcp Disabled, wait a few seconds, set the address again",
        source="https://github.com/docker/for-win/issues/432",
        texts=("inconsistent parameters policystore persistentstore and dhcp enabled",),
    ),
    Explanation(
        code="net-adapter-not-found",
        cause="No adapter of this name is on this machine. `vEthernet (switch)` exists only where the machine itself is on the switch.",
        check="Get-NetAdapter | Select-Object Name, Status",
        fix="Correct the name; Windows numbers adapters (Ethernet 2) and translates names",
        source="https://github.com/pluralsight/PS-AutoLab-Env/issues/199",
        ids=("CmdletizationQuery_NotFound_Name,Get-NetAdapter",),
    ),
    Explanation(
        code="disk-exists",
        cause="A file of this name is there already, from an earlier lab perhaps.",
        check="Test-Path -Path '<file>'; Get-VM | Get-VMHardDiskDrive | Select-Object VMName, Path",
        fix="Choose another name, or remove the file if no VM uses it",
        source="https://github.com/microsoft/MSLab/issues/386",
        texts=("the file exists. (0x80070050)",),
    ),
    Explanation(
        code="disk-connected",
        cause="This disk is connected to the VM already.",
        check="Get-VMHardDiskDrive -VMName '<VM>'",
        fix="Nothing is left to do, or choose another disk",
        source="https://github.com/crc-org/crc/issues/1401",
        texts=("the disk is already connected to the virtual machine",),
    ),
    Explanation(
        code="switch-type-external",
        cause="New-VMSwitch takes no -SwitchType External: an External switch is made by naming its adapter.",
        check="Get-NetAdapter | Select-Object Name, Status",
        fix="New-VMSwitch -Name '<switch>' -NetAdapterName '<adapter>' -AllowManagementOS $true",
        source="https://github.com/MicrosoftDocs/windowsserverdocs/pull/7716",
        texts=('does not belong to the set "internal,private"',),
    ),
    Explanation(
        code="parameter-set",
        cause="These parameters do not go together in one call (for example -AllowManagementOS with -SwitchType Internal).",
        check="Get-Command -Syntax '<cmdlet>'",
        fix="Use the parameters of one line of that list",
        source="https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_parameter_sets",
        ids=("AmbiguousParameterSet",),
        texts=("parameter set cannot be resolved",),
    ),
    Explanation(
        code="vbs-opt-out",
        cause="Windows builds 14352 to 14361 wanted the VM opted out of virtualization-based security first.",
        check="Get-CimInstance Win32_OperatingSystem | Select-Object BuildNumber",
        fix="Update Windows, or Set-VMSecurity -VMName '<VM>' -VirtualizationBasedSecurityOptOut $true",
        runs_on="the host",
        source="https://github.com/PlagueHO/LabBuilder/issues/251",
        texts=("without enabling virtualizationbasedsecurityoptout",),
    ),
    Explanation(
        code="version-not-supported",
        cause="The VM's configuration version is one that this host does not run.",
        check="Get-VM -Name '<VM>' | Select-Object Version; Get-VMHostSupportedVersion",
        fix="Update-VMVersion -Name '<VM>' (no way back), or recreate the VM from its disks",
        runs_on="the host of the VM",
        source=LEARN + "deploy/upgrade-virtual-machine-version-in-hyper-v-on-windows-or-windows-server",
        texts=("configuration version is not supported", "version of the virtual machine configuration"),
    ),
    Explanation(
        code="feature-unknown",
        cause="This edition of Windows does not know the feature: servers use Install-WindowsFeature, clients Enable-WindowsOptionalFeature, and Home has no Hyper-V.",
        check="Get-CimInstance Win32_OperatingSystem | Select-Object Caption, ProductType",
        fix="Server: Install-WindowsFeature -Name Hyper-V -IncludeManagementTools. Client: Enable-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V -All",
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/1609",
        texts=("feature name * is unknown",),
    ),
    Explanation(
        code="not-elevated",
        cause="The session has no administrator rights.",
        check="whoami /groups: is the Administrators group enabled, or used for deny only?",
        fix="Open the session as administrator; over remoting, use an account of the local Administrators group",
        source="https://github.com/kubernetes/minikube/issues/7199",
        texts=("the requested operation requires elevation",),
    ),
    Explanation(
        code="guest-credential",
        cause="PowerShell Direct wants an account of the guest, not of the host.",
        check="The user name: .\\Administrator for a local account of the guest, DOMAIN\\name on a domain controller",
        fix="Give the guest's user name and password under the credential's name that the topology uses",
        runs_on="your machine",
        source=DIRECT_PAGE,
        texts=("the credential is invalid",),
    ),
    Explanation(
        code="guest-not-running",
        cause="PowerShell Direct reaches running, booted guests only.",
        check="Get-VM -Name '<VM>' | Select-Object State, Heartbeat",
        fix="Start-VM -Name '<VM>' and wait for its heartbeat",
        runs_on="the host of the VM",
        source=DIRECT_PAGE,
        ids=("InvalidVMState",),
        texts=("is not in running state",),
    ),
    Explanation(
        code="guest-name",
        cause="The name names no VM, or more than one: VM names are not unique.",
        check="Get-VM -Name '<VM>' | Select-Object Name, Id",
        fix="Rename-VM one of them",
        runs_on="the host of the VM",
        source=DIRECT_PAGE,
        ids=("InvalidVMNameNotSingle", "InvalidVMNameNoVM", "InvalidVMNameMultipleVM"),
        texts=("does not resolve to a single virtual machine",),
    ),
    Explanation(
        code="session-lost",
        cause="The session was lost while it ran: the machine restarted, or an External switch took over the adapter that the session came through.",
        check="ping the machine; Get-NetIPConfiguration on its console",
        fix="Connect again and apply again: what is done already is left alone",
        runs_on="your machine",
        source="https://github.com/Azure/AzureStackHCI-EvalGuide/issues/18",
        ids=("PSSessionStateBroken",),
        texts=("a remote session might have ended", "pssessionstatebroken"),
    ),
    Explanation(
        code="no-language",
        cause="The endpoint is a restricted (JEA) one: it runs its own commands only, no scripts.",
        check="Get-Command in that session",
        fix="Publish the role capabilities that nestlab needs, or connect to the default configuration",
        runs_on="the host",
        source=REMOTING_PAGE + "jea/overview",
        ids=("ScriptsNotAllowed",),
        texts=("no-language mode",),
    ),
    Explanation(
        code="command-not-found",
        cause="The machine does not know this command: its module is not installed, or the endpoint hides it.",
        check="Get-Module -ListAvailable; Get-Command -Name '<cmdlet>'",
        fix="Install-WindowsFeature -Name Hyper-V-PowerShell for the Hyper-V module",
        source=LEARN + "get-started/install-hyper-v",
        ids=("CommandNotFoundException",),
        texts=("is not recognized as the name of a cmdlet",),
    ),
    Explanation(
        code="trusted-hosts",
        cause="Without Kerberos, WinRM talks only over HTTPS or to machines in TrustedHosts.",
        check="Get-Item WSMan:\\localhost\\Client\\TrustedHosts",
        fix="Use winrms:// (HTTPS); or Set-Item WSMan:\\localhost\\Client\\TrustedHosts -Value '<host>' where a Windows client insists",
        runs_on="your machine",
        source=REMOTING_PAGE + "winrm-security",
        texts=("trustedhosts",),
    ),
)
