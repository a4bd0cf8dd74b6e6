"""Known errors of NAT, addresses and adapters of a machine."""

from __future__ import annotations

from nestlab.known_errors.explanation import Explanation

NAT_PAGE = (
    "https://learn.microsoft.com/virtualization/hyper-v-on-windows/user-guide/setup-nat-network"
)

NETWORK: tuple[Explanation, ...] = (
    Explanation(
        code="nat-needs-administrator",
        cause="NAT, addresses and other network settings of Windows need local Administrators; Hyper-V Administrators is enough for VMs and switches only.",
        check="whoami /groups: is BUILTIN\\Administrators among them, and enabled?",
        fix="Open the session with an account of the local Administrators group",
        runs_on="the host",
        source=NAT_PAGE,
        ids=("Windows System Error 5,",),
    ),
    Explanation(
        code="dhcp-needs-administrator",
        cause="The DHCP server refused the account: reading it needs DHCP Users, changing it DHCP Administrators, and local Administrators may do both.",
        check="whoami /groups: is BUILTIN\\Administrators, DHCP Administrators or DHCP Users among them, and enabled?",
        fix="Open the session with an account of the local Administrators group",
        source="https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/dd183645(v=ws.10)",
        ids=("WIN32 5,",),
        texts=("failed to get version of the dhcp server",),
    ),
    Explanation(
        code="nat-overlap",
        cause="The NAT's prefix overlaps an address or another NAT of this machine, or this version of Windows allows only one NAT and already has one: before build 20348 (Windows Server 2022, Windows 11) it refuses any second NAT, whatever its prefix. Docker, WSL and Internet Connection Sharing "
        "own NATs that Get-NetNat does not show.",
        check="Get-NetNat; Get-NetIPAddress -AddressFamily IPv4; Get-NetRoute -AddressFamily IPv4; cmd /c ver",
        fix="Before build 20348, where there is a NAT, no other prefix helps: put NAT into the nested hosts, connect the VMs to an External switch or to the switch of the NAT that exists, or have the program "
        "that holds that NAT remove it (Docker, WSL). Otherwise choose a prefix that nothing uses",
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/361",
        ids=("Windows System Error 87,New-NetNat",),
        texts=("New-NetNat*: The parameter is incorrect",),
    ),
    Explanation(
        code="nat-name-taken",
        cause="A NAT with this name exists, perhaps one of Docker or WSL that Get-NetNat does not show.",
        check="Get-NetNat; docker network ls; wsl --list",
        fix="Choose another name, or remove the other NAT",
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/1244",
        ids=("Windows System Error 52,New-NetNat",),
        texts=("a duplicate name exists on the network",),
    ),
    Explanation(
        code="winnat-absent",
        cause="WinNAT is not installed on this machine: it comes with the Hyper-V role or the Containers feature on Windows 10 1607, Windows Server 2016 or newer.",
        check="Get-Service -Name winnat",
        fix="Install the Hyper-V role and restart the machine",
        source="https://github.com/pluralsight/PS-AutoLab-Env/issues/260",
        ids=(
            "HRESULT 0x80041010,Get-NetNat",
            "HRESULT 0x80041010,New-NetNat",
            "HRESULT 0x80041010,Set-NetNat",
            "HRESULT 0x80041010,Remove-NetNat",
            "HRESULT 0x80041010,Add-NetNat",
        ),
        texts=("Get-NetNat*: Invalid class",),
    ),
    Explanation(
        code="port-taken",
        cause="The external port is already reserved or used on this machine; WinNAT itself reserves blocks of ports.",
        check="netsh interface ipv4 show excludedportrange protocol=tcp; Get-NetNatStaticMapping",
        fix="Choose another external port, or stop the program that uses it",
        source="https://github.com/MicrosoftDocs/windows-powershell-docs/issues/1594",
        ids=("Windows System Error 32,Add-NetNatStaticMapping",),
    ),
    Explanation(
        code="address-exists",
        cause="This machine already has this address.",
        check="Get-NetIPAddress -IPAddress '<address>'",
        fix="Remove-NetIPAddress -IPAddress '<address>' -Confirm:$false if it is on the wrong adapter; otherwise there is nothing to do",
        source="https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/338",
        ids=(
            "Windows System Error 87,New-NetIPAddress",
            "Windows System Error 5010,New-NetIPAddress",
        ),
        texts=(
            "instance msft_netipaddress already exists",
            "New-NetIPAddress*: The object already exists",
        ),
    ),
    Explanation(
        code="route-exists",
        cause="A route to this destination over this adapter already exists.",
        check="Get-NetRoute -AddressFamily IPv4 | Format-Table DestinationPrefix, NextHop, InterfaceAlias",
        fix="There is nothing to do if its next hop is right; otherwise Remove-NetRoute -DestinationPrefix '<destination>' -InterfaceAlias '<adapter>' -Confirm:$false, then New-NetRoute again",
        source="https://learn.microsoft.com/powershell/module/nettcpip/new-netroute",
        ids=("Windows System Error 87,New-NetRoute", "Windows System Error 5010,New-NetRoute"),
        texts=("instance msft_netroute already exists", "New-NetRoute*: The object already exists"),
    ),
    Explanation(
        code="adapter-not-yet-there",
        cause="The adapter does not exist yet: after New-VMSwitch its vEthernet adapter takes a moment.",
        check="Get-NetAdapter -Name 'vEthernet (<switch>)'",
        fix="Wait until this cmdlet shows it, then New-NetIPAddress again",
        source="https://github.com/Siemens-Healthineers/K2s/issues/1131",
        ids=("Windows System Error 1168,New-NetIPAddress",),
        texts=("New-NetIPAddress*: Element not found",),
    ),
    Explanation(
        code="second-gateway",
        cause="The adapter already has a default gateway.",
        check="Get-NetRoute -DestinationPrefix '0.0.0.0/0'",
        fix="Remove-NetRoute -DestinationPrefix '0.0.0.0/0' -InterfaceAlias '<adapter>' -Confirm:$false, then set the new one",
        source="https://learn.microsoft.com/powershell/module/nettcpip/new-netipaddress",
        texts=("instance defaultgateway already exists",),
    ),
    Explanation(
        code="gateway-outside",
        cause="The default gateway is not an IP address, or not in the network of the address that is set.",
        check="Get-NetIPAddress -InterfaceAlias '<adapter>' -AddressFamily IPv4 | Select-Object IPAddress, PrefixLength",
        fix="Name a gateway in the same network, or correct -PrefixLength",
        source="https://learn.microsoft.com/powershell/module/nettcpip/new-netipaddress",
        texts=("invalid parameter defaultgateway",),
    ),
    Explanation(
        code="adapter-still-dhcp",
        cause="The adapter still gets its address from DHCP, or has no link: its switch is missing, or its cable is unplugged.",
        check="Get-NetIPInterface -InterfaceAlias '<adapter>' -AddressFamily IPv4 | Select-Object Dhcp, ConnectionState",
        fix="Set-NetIPInterface -InterfaceAlias '<adapter>' -Dhcp Disabled (an adapter without a link also needs -PolicyStore PersistentStore), then set the address again",
        source="https://github.com/docker/for-win/issues/432",
        texts=("inconsistent parameters policystore persistentstore and dhcp enabled",),
    ),
    Explanation(
        code="net-adapter-not-found",
        cause="There is no adapter with this name on this machine. `vEthernet (switch)` exists only if the machine itself is connected to the switch.",
        check="Get-NetAdapter | Select-Object Name, Status",
        fix="Correct the name; Windows numbers adapters (Ethernet 2) and localizes names",
        source="https://github.com/pluralsight/PS-AutoLab-Env/issues/199",
        ids=("CmdletizationQuery_NotFound_Name,Get-NetAdapter",),
    ),
    Explanation(
        code="port-reserved",
        cause="The port is reserved: WinNAT reserves blocks of ports for its NATs, and nothing else can listen there.",
        check="netsh interface ipv4 show excludedportrange protocol=tcp",
        fix="Choose another port; or Stop-Service winnat, start the program, Start-Service winnat",
        source="https://github.com/docker/for-win/issues/3171",
        texts=("forbidden by its access permissions", "winerror 10013"),
    ),
    Explanation(
        code="no-dhcp-answer",
        cause="No DHCP server answered, so Windows assigned itself an address in 169.254.0.0/16. WinNAT has no DHCP server, and that of Azure does not answer VMs inside a VM.",
        check="Get-NetIPConfiguration; Get-NetIPInterface -AddressFamily IPv4 | Select-Object InterfaceAlias, Dhcp",
        fix="Assign a static address: New-NetIPAddress -InterfaceAlias '<adapter>' -IPAddress '<address>' -PrefixLength 24 -DefaultGateway '<gateway>'; or run a DHCP server on the machine that has the switch",
        runs_on="the guest",
        source="https://learn.microsoft.com/virtualization/hyper-v-on-windows/user-guide/nested-virtualization",
        texts=("169.254.",),
    ),
    Explanation(
        code="nothing-matches",
        cause="No object on this machine matches the command; an object that was to be removed no longer exists.",
        check="The same Get- cmdlet without any filter",
        fix="Correct the name or the address, or do nothing",
        source="https://learn.microsoft.com/powershell/module/nettcpip/",
        ids=("CmdletizationQuery_NotFound",),
        texts=("no matching msft_*objects found", "no msft_*objects found"),
        general=True,
    ),
    Explanation(
        code="class-absent",
        cause="The CIM class of this cmdlet does not exist on this machine: its role or feature is not installed, or Windows needs a restart after the installation.",
        check="Get-Service -Name winnat, vmms, dhcpserver: a service that is not found shows which one is missing",
        fix="Install what the cmdlet needs, and restart the machine: the Hyper-V role for VMs and NAT, the DHCP role for DHCP; LBFO teams need Windows Server",
        source="https://github.com/pluralsight/PS-AutoLab-Env/issues/260",
        texts=("invalid class", "0x80041010"),
        general=True,
    ),
)
