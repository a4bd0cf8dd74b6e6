"""Known errors of Windows around Hyper-V: features, scripts, domains, accounts, names, pings."""

from __future__ import annotations

from nestlab.known_errors.explanation import Explanation
from nestlab.texts import mark

_MODULE = "https://learn.microsoft.com/powershell/module/"
WHERE_IT_FAILED = mark("the machine on which it failed")

WINDOWS: tuple[Explanation, ...] = (
    Explanation(
        code="feature-source",
        cause="Windows does not find the files of the role or feature: they were removed from this installation, and Windows Update or the source that a policy names does not have them.",
        check="Server: Get-WindowsFeature -Name Hyper-V | Format-Table Name, InstallState (Removed: its files were removed). Client: Get-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V (DisabledWithPayloadRemoved)",
        fix="Name the installation disc as the source: Install-WindowsFeature -Name Hyper-V -IncludeManagementTools -Source 'wim:<drive>:\\sources\\install.wim:<index>'; "
        "client: New-Item -ItemType Directory -Path C:\\mount; Mount-WindowsImage -ImagePath '<drive>:\\sources\\install.wim' -Index '<index>' -Path C:\\mount -ReadOnly; "
        "Enable-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V -All -Source C:\\mount\\Windows -LimitAccess; Dismount-WindowsImage -Path C:\\mount -Discard",
        runs_on=WHERE_IT_FAILED,
        source="https://github.com/AutomatedLab/AutomatedLab/issues/6",
        texts=(
            "0x800f081f",
            "0x800f0906",
            "0x800f0907",
            "the source files could not be found",
            "the source files could not be downloaded",
        ),
    ),
    Explanation(
        code="component-store",
        cause="The component store of this Windows is damaged, usually by an update that was interrupted, so roles and features cannot be installed.",
        check="Repair-WindowsImage -Online -ScanHealth",
        fix="DISM /Online /Cleanup-Image /RestoreHealth, restart, and install the update that CBS.log names again; then install the feature. For a lab VM it is quicker to create it again from its image",
        runs_on=WHERE_IT_FAILED,
        source="https://github.com/microsoft/WSL/issues/1580",
        texts=(
            "0x800f0831",
            "cbs_e_store_corruption",
            "0x80073712",
            "component store has been corrupted",
        ),
    ),
    Explanation(
        code="restart-pending",
        cause="Windows waits for a restart, after an update or another feature, and installs nothing until then.",
        check="Test-Path -Path 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending'",
        fix="Restart-Computer, then run the same command again",
        runs_on=WHERE_IT_FAILED,
        source=_MODULE + "servermanager/install-windowsfeature",
        texts=(
            "the server that you specified requires a restart",
            "because a restart is pending",
            "a system reboot is pending",
            "please reboot your computer and try again",
        ),
    ),
    Explanation(
        code="parent-feature",
        cause="The feature needs others that are not enabled.",
        check="Get-WindowsOptionalFeature -Online | Where-Object FeatureName -Like '*Hyper-V*' | Format-Table FeatureName, State",
        fix="Enable-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V -All, which enables them too",
        runs_on=WHERE_IT_FAILED,
        source=_MODULE + "dism/enable-windowsoptionalfeature",
        texts=("parent features are disabled", "0x800f081e"),
    ),
    Explanation(
        code="script-policy",
        cause="The execution policy of PowerShell on this machine does not allow this script to run.",
        check="Get-ExecutionPolicy -List",
        fix="For this session only: Set-ExecutionPolicy -Scope Process -ExecutionPolicy Bypass; for a file from the Internet: Unblock-File -Path '<file>'. Where a group policy sets it, ask the administrator",
        runs_on=WHERE_IT_FAILED,
        source=_MODULE + "microsoft.powershell.core/about/about_execution_policies",
        texts=("running scripts is disabled on this system", "is not digitally signed"),
    ),
    Explanation(
        code="empty-argument",
        cause="A parameter was given nothing, or a value that it does not take: often a variable that is empty because the command before found no VM or switch. The message names the parameter.",
        check="Get-VM | Format-Table Name, State; Get-VMSwitch | Format-Table Name, SwitchType",
        fix="Give the parameter a value that its list has: Get-Command -Syntax '<cmdlet>'; use -VMName '<name>' where a variable with a VM was meant",
        runs_on=WHERE_IT_FAILED,
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/pull/727",
        ids=("ParameterArgumentValidationError",),
        texts=("cannot validate argument on parameter",),
        general=True,
    ),
    Explanation(
        code="domain-trust",
        cause="The computer's password in the domain does not match: the VM was restored from a checkpoint or a copy, its computer account was deleted, or two clones have one name.",
        check="Test-ComputerSecureChannel -Verbose. Compare the time of the VM with that of the domain controller too",
        fix="With a local account: Test-ComputerSecureChannel -Repair -Credential '<DOMAIN\\admin>', or leave the domain and join again; generalize images before they are cloned",
        runs_on="the member of the domain",
        source=_MODULE + "microsoft.powershell.management/test-computersecurechannel",
        texts=(
            "trust relationship between this workstation and the primary domain failed",
            "computer account for this workstation trust relationship",
        ),
    ),
    Explanation(
        code="no-logon-server",
        cause="No domain controller answers: it is off or still starting, or this machine uses a DNS server that does not know the domain.",
        check="Resolve-DnsName -Name '_ldap._tcp.dc._msdcs.<domain>' -Type SRV. If it finds nothing, look at the DNS server: Get-DnsClientServerAddress -AddressFamily IPv4",
        fix="Start the domain controller first and wait for it; set it as the DNS server: Set-DnsClientServerAddress -InterfaceAlias '<adapter>' -ServerAddresses '<address of the domain controller>'",
        runs_on="the member of the domain",
        source="https://learn.microsoft.com/troubleshoot/windows-server/active-directory/troubleshoot-domain-join-error-codes",
        texts=(
            "no logon servers available",
            "domain either does not exist or could not be contacted",
            "0x8007054b",
            "0x8007051f",
        ),
    ),
    Explanation(
        code="destination-unreachable",
        cause="Nothing answers for the address in its own network, or no route leads there: the target is off, on another switch or VLAN, has another address, or the gateway is missing.",
        check="Get-NetNeighbor -AddressFamily IPv4 | Format-Table InterfaceAlias, IPAddress, State; Get-NetRoute -AddressFamily IPv4",
        fix="nestlab trace on the topology names the hop; then connect both to one switch and VLAN, or set the gateway: New-NetRoute -DestinationPrefix 0.0.0.0/0 -InterfaceAlias '<adapter>' -NextHop '<gateway>'",
        runs_on="the machine that sent it",
        source="https://learn.microsoft.com/windows-server/administration/windows-commands/ping",
        texts=(
            "destination host unreachable",
            "destination net unreachable",
            "transmit failed. general failure",
            "no route to host",
            "network is unreachable",
        ),
        general=True,
    ),
    Explanation(
        code="ttl-expired",
        cause="The packet was forwarded in a loop until its time to live (TTL) expired: two routers send it to each other, usually because a router has no route to the network of the lab and sends the packet back along its default route.",
        check="tracert -d '<address>'",
        fix="Remove the wrong route (Get-NetRoute -AddressFamily IPv4, Remove-NetRoute), and give the router a route to each lab network; nestlab trace shows every hop",
        runs_on="the routers that the trace repeats",
        source="https://learn.microsoft.com/windows-server/administration/windows-commands/ping",
        texts=("ttl expired in transit", "time to live exceeded"),
    ),
    Explanation(
        code="name-not-resolved",
        cause="The name cannot be resolved: the machine has no DNS server, or one that does not answer it. WinNAT has no DNS server, and a static address comes without one.",
        check="Get-DnsClientServerAddress -AddressFamily IPv4, in Linux resolvectl status. A ping to an address shows whether the network itself works",
        fix="Set-DnsClientServerAddress -InterfaceAlias '<adapter>' -ServerAddresses '<address>'; in a topology: dns_servers of the adapter",
        runs_on="the machine that asked",
        source="https://learn.microsoft.com/powershell/module/dnsclient/set-dnsclientserveraddress",
        texts=(
            "temporary failure in name resolution",
            "dns name does not exist",
            "could not find host",
            "no such host is known",
            "name or service not known",
        ),
        general=True,
    ),
    Explanation(
        code="account-locked",
        cause="The account is locked, after too many wrong passwords: often a program that still tries an old one.",
        check="Get-CimInstance Win32_UserAccount -Filter 'LocalAccount=True' | Format-Table Name, Disabled, Lockout; in a domain: Search-ADAccount -LockedOut",
        fix="First correct the password where it is stored, so that the account is not locked again. Then wait for the lockout duration (net accounts shows it), or unlock it as another administrator: net user '<user>' /active:yes; in a domain: Unlock-ADAccount -Identity '<user>'",
        runs_on="the machine to which the account belongs",
        source="https://learn.microsoft.com/windows/security/threat-protection/security-policy-settings/account-lockout-threshold",
        texts=("account is currently locked out", "0x80070775"),
    ),
    Explanation(
        code="password-expired",
        cause="The account has to change its password at the next logon, which no remote session can do: it expired, or an image was prepared like that.",
        check="Get-LocalUser | Format-Table Name, PasswordExpires, PasswordLastSet",
        fix="Change it on the console; in a lab: Set-LocalUser -Name '<user>' -PasswordNeverExpires $true, also in the image",
        runs_on="the machine to which the account belongs",
        source="https://learn.microsoft.com/powershell/module/microsoft.powershell.localaccounts/set-localuser",
        texts=(
            "password must be changed before",
            "password of this account has expired",
            "user must change password",
            "0x80070532",
            "0x80070773",
        ),
    ),
)
