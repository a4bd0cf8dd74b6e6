"""Known errors of opening a session, as PowerShell and other clients word them."""

from __future__ import annotations

from nestlab.known_errors.explanation import Explanation

TROUBLESHOOTING = "https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_remote_troubleshooting"
LIMITS = "https://learn.microsoft.com/windows/win32/winrm/installation-and-configuration-for-windows-remote-management"

SESSIONS: tuple[Explanation, ...] = (
    Explanation(
        code="winrm-host-process",
        cause="WinRM runs on that computer, but its PowerShell host (wsmprovhost.exe) does not start or exits immediately: its endpoint is damaged, or its memory quota is too small.",
        check="Get-PSSessionConfiguration | Format-Table Name, Enabled; Get-Item -Path WSMan:\\localhost\\Shell\\MaxMemoryPerShellMB",
        fix="Enable-PSRemoting -Force, in an elevated Windows PowerShell, registers the endpoints again; for a small quota: Set-Item WSMan:\\localhost\\Shell\\MaxMemoryPerShellMB 2048; Restart-Service WinRM",
        runs_on="the host",
        source="https://github.com/jborean93/pypsrp/issues/36",
        texts=(
            "could not launch a host process to process the given request",
            "wsman provider host process did not return a proper response",
            "wsmanfault message. (code: 2,",
            'wsmanfault*code="2"',
        ),
    ),
    Explanation(
        code="winrm-envelope",
        cause="The answer or the request is larger than WinRM on the server accepts in one message (MaxEnvelopeSizekb).",
        check="Get-Item -Path WSMan:\\localhost\\MaxEnvelopeSizekb",
        fix="Set-Item -Path WSMan:\\localhost\\MaxEnvelopeSizekb -Value 2048, or request less at a time",
        runs_on="the host",
        source=LIMITS,
        texts=(
            "exceeds the maximum envelope size",
            "exceeded the configured maxenvelopesize quota",
            "maximum envelope size*exceeded",
            "maxenvelopesize*quota",
        ),
    ),
    Explanation(
        code="winrm-quota",
        cause="A quota of WinRM on the server is used up: operations, processes or memory of this account's shells, or the size of what one session may send.",
        check="Get-ChildItem -Path WSMan:\\localhost\\Shell, WSMan:\\localhost\\Service | Format-Table Name, Value",
        fix="Close unused sessions (Remove-PSSession); or raise the quota that the message names: Set-Item WSMan:\\localhost\\Shell\\MaxProcessesPerShell 100, "
        "Set-Item WSMan:\\localhost\\Service\\MaxConcurrentOperationsPerUser 4294967295; Restart-Service WinRM",
        runs_on="the host",
        source=LIMITS,
        texts=(
            "maximum number of concurrent operations for this user",
            "maximum number of processes per shell",
            "exceeded the allowed maximum object size",
            "exceeded the allowed maximum data size",
            "system load quota",
            "quota for this user",
        ),
        general=True,
    ),
    Explanation(
        code="kerberos-name",
        cause="Kerberos has no ticket for the name that was used: it is an alias, an address or a short name, or the service name HTTP/host belongs to another account.",
        check="setspn -Q 'HTTP/<host>'; klist",
        fix="Connect by the full name that the machine has in the domain, not by alias or address; if setspn names a service account, remove that SPN from it, or use -SessionOption (New-PSSessionOption -IncludePortInSPN)",
        runs_on="your machine",
        source=TROUBLESHOOTING,
        texts=(
            "0x80090322",
            "sec_e_wrong_principal",
            "target principal name is incorrect",
            "server not found in kerberos database",
            "0x80090303",
            "sec_e_target_unknown",
        ),
    ),
    Explanation(
        code="certificate-not-trusted",
        cause="This client does not trust the certificate of the host's HTTPS listener: it is self-signed, or issued by a certificate authority (CA) that is not trusted here.",
        check="Test-NetConnection -ComputerName '<host>' -Port 5986; on the host: Get-ChildItem -Path Cert:\\LocalMachine\\My",
        fix="Import the certificate of the listener, or its CA certificate, here: Import-Certificate -FilePath '<file>' -CertStoreLocation Cert:\\CurrentUser\\Root; "
        "elsewhere name the file to the client (nestlab: SSL_CERT_FILE; Ansible: ansible_winrm_ca_trust_path)",
        runs_on="your machine",
        source="https://github.com/taliesins/terraform-provider-hyperv/issues/205",
        texts=(
            "certificate_verify_failed",
            "certificate verify failed",
            "certificate signed by unknown authority",
            "certificate is signed by an unknown certificate authority",
            "self-signed certificate in certificate chain",
            "0x800b0109",
        ),
    ),
    Explanation(
        code="certificate-name",
        cause="The certificate of the host's HTTPS listener does not contain the name that was used to connect.",
        check="On the host: Get-ChildItem -Path Cert:\\LocalMachine\\My | Format-List Subject, DnsNameList",
        fix="Connect by a name in the certificate, or give the listener a certificate with that name",
        runs_on="your machine",
        source=TROUBLESHOOTING,
        texts=(
            "certificate contains a common name (cn) that does not match",
            "certificate verify failed: hostname mismatch",
            "certificate verify failed: ip address mismatch",
            "x509: certificate is valid for",
            "doesn't contain any ip sans",
            "0x800b010f",
        ),
    ),
    Explanation(
        code="authentication-method",
        cause="The host does not offer the authentication method that the client uses: Basic and CredSSP are off by default, and Basic works with local accounts only.",
        check="Get-ChildItem -Path WSMan:\\localhost\\Service\\Auth | Format-Table Name, Value",
        fix="Use negotiate, kerberos or ntlm; for CredSSP: Enable-WSManCredSSP -Role Server -Force on the host",
        runs_on="the host",
        source="https://docs.ansible.com/ansible/latest/os_guide/windows_winrm.html",
        texts=(
            "did not response with one of the following authentication methods",
            "did not respond with one of the following authentication methods",
            "requested auth method is basic, but*not supported",
            "authentication scheme is not supported",
        ),
    ),
    Explanation(
        code="guest-session-ended",
        cause="PowerShell Direct reached the VM, but the process behind its socket ended: the guest restarts, is not ready yet, or its Hyper-V PowerShell Direct Service (vmicvmsession) is not running.",
        check="Get-VM -Name '<VM>' | Format-Table State, Heartbeat, Uptime; Get-VMIntegrationService -VMName '<VM>'",
        fix="Wait until the heartbeat is Ok and connect again; in the guest: Start-Service -Name vmicvmsession",
        runs_on="the host of the VM",
        source="https://learn.microsoft.com/virtualization/hyper-v-on-windows/user-guide/powershell-direct",
        ids=("2100,PSSessionOpenFailed", "2100,PSSessionStateBroken"),
        texts=(
            "hyper-v socket target process has ended",
            "hyper-v socket*has ended",
            "hyper-v socket*connection*failed",
        ),
    ),
    Explanation(
        code="credssp-update",
        cause="CredSSP refuses the connection, because only one of the two computers has the security update of 2018 for it (CVE-2018-0886): an old image, or an old client.",
        check="Get-HotFix | Sort-Object InstalledOn | Format-Table HotFixID, InstalledOn (on both)",
        fix="Install current updates on both computers; service an image offline (Add-WindowsPackage); or do not use CredSSP: negotiate or Kerberos, and PowerShell Direct for guests. Setting the Encryption Oracle Remediation policy to Vulnerable also works, but leaves the vulnerability open",
        runs_on="the older of the two computers",
        source="https://github.com/AutomatedLab/AutomatedLab/issues/353",
        ids=("50,PSSessionOpenFailed",),
        texts=(
            "credssp encryption oracle remediation",
            "failed with the following error message : the request is not supported",
        ),
    ),
    Explanation(
        code="winrm-through-proxy",
        cause="Something other than WinRM answered: usually an HTTP proxy between the two computers, or http.sys on the host because its WinRM service is not running.",
        check="netsh winhttp show proxy; Test-WSMan -ComputerName '<host>'",
        fix="New-PSSessionOption -ProxyAccessType NoProxyServer for this session, or exclude the host from the proxy (its bypass list); on the host: Restart-Service WinRM",
        runs_on="your machine",
        source=TROUBLESHOOTING,
        texts=(
            "received an http status code of 5",
            "received an http bad gateway",
            "http response error: 502",
            "http response error: 503",
        ),
    ),
    Explanation(
        code="rpc-unavailable",
        cause="The remote computer does not answer RPC, which Hyper-V Manager, -ComputerName of some cmdlets and WMI use: it is off, its firewall blocks it, or its name resolves to another address.",
        check="Test-NetConnection -ComputerName '<host>' -Port 135",
        fix="Use a PowerShell session instead, which needs WinRM only: Enter-PSSession -ComputerName '<host>'; or on the host: Enable-NetFirewallRule -DisplayGroup 'Windows Management Instrumentation (WMI)' (the name of the group is localized)",
        runs_on="the host",
        source="https://learn.microsoft.com/troubleshoot/windows-server/networking/rpc-errors-troubleshooting",
        texts=("the rpc server is unavailable", "0x800706ba"),
    ),
    Explanation(
        code="client-library",
        cause="The Python that runs this client has no library for WinRM or PSRP.",
        check="python -m pip list",
        fix="python -m pip install pywinrm (Ansible's connection winrm) or pypsrp (connection psrp, nestlab), into the Python that the message names",
        runs_on="your machine",
        source="https://docs.ansible.com/ansible/latest/os_guide/windows_winrm.html",
        texts=(
            "no module named 'winrm'",
            "no module named 'pypsrp'",
            "winrm or requests is not installed",
            "pypsrp or dependency is not installed",
        ),
    ),
)
