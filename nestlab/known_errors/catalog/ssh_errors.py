"""Known errors of PowerShell over SSH, and of PowerShell that a policy of its machine restricts."""

from __future__ import annotations

from nestlab.known_errors.explanation import Explanation
from nestlab.texts import mark

SSH_PAGE = (
    "https://learn.microsoft.com/powershell/scripting/security/remoting/ssh-remoting-in-powershell"
)
OPENSSH_PAGE = "https://learn.microsoft.com/windows-server/administration/openssh/"
LANGUAGE_PAGE = "https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_language_modes"
RESTRICTION_PAGE = "https://learn.microsoft.com/windows/security/application-security/application-control/app-control-for-business/applocker/applocker-overview"
CLIENT = mark("your machine")
HOST = mark("the host")

SSH_AND_LOCAL: tuple[Explanation, ...] = (
    Explanation(
        code="ssh-no-subsystem",
        cause="The SSH server has no subsystem with that name, or cannot start it: Windows PowerShell 5.1 has none, PowerShell 7 needs a line in sshd_config.",
        check="Select-String -Path $env:ProgramData\\ssh\\sshd_config -Pattern Subsystem",
        fix="In sshd_config: Subsystem powershell c:/progra~1/powershell/7/pwsh.exe -sshs -nologo; then Restart-Service sshd",
        runs_on=HOST,
        source=SSH_PAGE,
        texts=("subsystem request failed", "the ssh server of*has no subsystem"),
    ),
    Explanation(
        code="ssh-host-key-changed",
        cause="The host presents a key other than the one that this computer has stored: it was reinstalled, or another machine answers at its address.",
        check="ssh-keygen -F '<host>' shows the stored key, and the administrator of the host can confirm the new one",
        fix="ssh-keygen -R '<host>', then connect once in a terminal and compare the fingerprint",
        runs_on=CLIENT,
        source=OPENSSH_PAGE + "openssh-overview",
        texts=("remote host identification has changed",),
    ),
    Explanation(
        code="ssh-host-key-unknown",
        cause="This computer has never accepted the key of the host, and ssh cannot ask for confirmation here.",
        check="ssh-keygen -F '<host>' finds nothing",
        fix="Connect once with ssh in a terminal, compare the fingerprint, and answer yes",
        runs_on=CLIENT,
        source=OPENSSH_PAGE + "openssh-overview",
        texts=("host key verification failed",),
    ),
    Explanation(
        code="ssh-key-refused",
        cause="The host accepts none of the keys that ssh offered, or ssh offered more keys than the host allows before the right one (Too many authentication failures).",
        check="ssh-add -l lists the keys of the agent, and the host needs the public key of one",
        fix="ssh-add, and on the host put the public key into authorized_keys of the account, for administrators C:\\ProgramData\\ssh\\administrators_authorized_keys. Too many authentication failures: name the key, ssh -i '<key>' -o IdentitiesOnly=yes (or both in ~/.ssh/config)",
        runs_on=CLIENT,
        source=OPENSSH_PAGE + "openssh_keymanagement",
        texts=("permission denied (publickey", "too many authentication failures"),
    ),
    Explanation(
        code="ssh-connection-lost",
        cause="The connection to the SSH server was lost: the computer went to sleep, the network changed, or a machine restarted.",
        check="Test-NetConnection '<host>' -Port 22",
        fix="Connect again; plan again, and apply what remains",
        runs_on=CLIENT,
        source=OPENSSH_PAGE + "openssh-overview",
        texts=("client_loop: send disconnect", "timeout, server*not responding"),
    ),
    Explanation(
        code="ssh-not-listening",
        cause="No SSH server answers at that address and port. Refused: sshd is not installed or not started. Timed out: a firewall drops the connection, or the address is another one.",
        check="Get-Service sshd; Get-NetFirewallRule -Name OpenSSH-Server-In-TCP",
        fix="Add-WindowsCapability -Online -Name OpenSSH.Server~~~~0.0.1.0; Start-Service sshd",
        runs_on=HOST,
        source=OPENSSH_PAGE + "openssh_install_firstuse",
        texts=(
            "ssh: connect to host*connection refused",
            "ssh: connect to host*connection timed out",
            "ssh: connect to host*no route to host",
        ),
    ),
    Explanation(
        code="ssh-jump-host-failed",
        cause="The jump host, or the command of ProxyCommand, failed. The messages above this line are those of the jump host, not of the host behind it.",
        check="ssh -G '<host>' shows proxyjump and proxycommand as ssh has read them",
        fix="Connect to the jump host alone with ssh in a terminal, and correct what fails there",
        runs_on=CLIENT,
        source="https://man.openbsd.org/ssh_config#ProxyJump",
        texts=("closed by unknown port 65535",),
    ),
    Explanation(
        code="ssh-closed-at-once",
        cause="The connection was accepted and closed before any key was exchanged: sshd takes no further connections now (MaxStartups), it blocks this address, or another program listens at the port.",
        check="Get-WinEvent -LogName OpenSSH/Operational -MaxEvents 20",
        fix="Wait a minute and connect again; if that does not help, correct the port, or the limits in sshd_config",
        runs_on=HOST,
        source="https://man.openbsd.org/sshd_config#MaxStartups",
        texts=("kex_exchange_identification:",),
        general=True,
    ),
    Explanation(
        code="local-without-powershell",
        cause="local: runs PowerShell on this machine, and the PATH has none: this is not Windows, it is WSL that cannot run Windows programs (interop is off, or they are not on the PATH), or PowerShell 7 is not installed.",
        check="Windows: where.exe powershell pwsh. Linux or WSL: command -v pwsh powershell.exe",
        fix="Windows: winget install Microsoft.PowerShell, for local:pwsh; elsewhere install PowerShell 7 from the packages of the distribution or of Microsoft; for another machine --host ssh://USER@HOST or winrms://HOST",
        runs_on=CLIENT,
        source=SSH_PAGE,
        texts=(
            "there is no powershell.exe on this machine",
            "there is no powershell 7 (pwsh) on this machine",
        ),
    ),
    Explanation(
        code="program-blocked",
        cause="AppLocker, App Control or a software restriction policy blocks the program.",
        check="Get-AppLockerPolicy -Effective | Select-Object -ExpandProperty RuleCollections",
        fix="Ask the administrator of the machine to allow it, or connect in another way: local:pwsh, winrm://localhost",
        runs_on="the machine on which it was started",
        source=RESTRICTION_PAGE,
        texts=("this program is blocked by group policy", "blocked by your system administrator"),
    ),
    Explanation(
        code="constrained-language",
        cause="PowerShell runs in Constrained Language Mode, as a policy of the machine (App Control, AppLocker) requires: cmdlets run, methods and types of .NET do not.",
        check="$ExecutionContext.SessionState.LanguageMode",
        fix="Ask the administrator of the machine for a rule that allows the script, or use an account that the policy exempts",
        runs_on="the machine on which it failed",
        source=LANGUAGE_PAGE,
        ids=(
            "MethodInvocationNotSupportedInConstrainedLanguage",
            "CannotCreateTypeConstrainedLanguage",
            "PropertySetterNotSupportedInConstrainedLanguage",
        ),
        texts=("only on core types in this language mode", "only on core types are supported"),
    ),
)
