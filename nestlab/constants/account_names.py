"""Account names and passwords that Windows and Linux refuse, and names that they already use."""

from __future__ import annotations

BUILT_IN_ADMINISTRATOR = "Administrator"
"""The name of the built-in administrator account in English and several other languages."""

ADMINISTRATOR_BY_LANGUAGE = {
    "es": "Administrador",
    "pt": "Administrador",
    "fr": "Administrateur",
    "it": "Amministratore",
    "sv": "Administratör",
    "fi": "Järjestelmänvalvoja",
    "hu": "Rendszergazda",
    "ru": "Администратор",
}
"""The name of that account in the other languages of Windows, by the language's code."""

LOCALIZED_ADMINISTRATORS = tuple(dict.fromkeys(ADMINISTRATOR_BY_LANGUAGE.values()))

# https://learn.microsoft.com/windows-hardware/customize/desktop/unattend/microsoft-windows-shell-setup-useraccounts-localaccounts-localaccount-name
# https://learn.microsoft.com/powershell/module/microsoft.powershell.localaccounts/new-localuser
WINDOWS_NAME_LENGTH_MAXIMUM = 20
WINDOWS_NAME_FORBIDDEN_CHARACTERS = frozenset('"/\\[]:;|=,+*?<>@%')
WINDOWS_NAMES_IN_USE = frozenset(
    """
    guest; defaultaccount; wdagutilityaccount; defaultuser0; invité; invitado; gast; ospite;
    convidado; vieras; vendég; gäst; гость; none; system; local system; local service;
    network service; local; network; service; interactive; batch; dialup; everyone; anonymous;
    anonymous logon; authenticated users; self; restricted; creator owner; creator group; iusr;
    administrators; users; guests; power users; backup operators; replicator;
    remote desktop users; remote management users; network configuration operators;
    performance monitor users; performance log users; distributed com users; iis_iusrs;
    cryptographic operators; event log readers; certificate service dcom access;
    rds remote access servers; rds endpoint servers; rds management servers;
    hyper-v administrators; access control assistance operators; print operators;
    storage replica administrators; device owners; system managed accounts group
    """.strip()
    .replace("\n    ", " ")
    .split("; ")
)
"""Accounts and groups of every Windows installation, in lower case; no user can have their names.

The Guest account is listed under its name in several languages.
"""

# https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/security-policy-settings/password-must-meet-complexity-requirements
WINDOWS_PASSWORD_LENGTH_MINIMUM = 6
WINDOWS_PASSWORD_CATEGORIES_MINIMUM = 3
WINDOWS_NAME_IN_PASSWORD_MINIMUM = 3
"""The policy "Password must meet complexity requirements", which Windows Server has by default.

A password has characters of at least `WINDOWS_PASSWORD_CATEGORIES_MINIMUM` categories. It does not
contain the name of its account, if that name has `WINDOWS_NAME_IN_PASSWORD_MINIMUM` characters or
more.
"""

# useradd(8): NAME_REGEX of Debian's adduser, and is_valid_name of shadow.
LINUX_NAME_PATTERN = r"[a-z_][a-z0-9_-]*"
LINUX_NAME_LENGTH_MAXIMUM = 32
LINUX_PASSWORD_BYTES_MAXIMUM = 72
"""The number of bytes of a password that bcrypt uses; it ignores the rest."""

_LINUX_NAMES = """
    root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats
    nobody adm tty disk kmem dialout fax voice cdrom floppy tape sudo audio dip operator src
    shadow utmp video sasl plugdev staff users nogroup wheel halt shutdown ftp mem lock input
    render kvm sgx netdev lxd crontab ssh sshd dbus messagebus syslog polkitd systemd-network
    systemd-resolve systemd-timesync systemd-journal systemd-coredump systemd-oom tss uuidd
    tcpdump landscape pollinate chrony rpc rpcuser _apt
"""
LINUX_NAMES_IN_USE = frozenset(_LINUX_NAMES.split())
"""Users and groups of base-passwd (Debian, Ubuntu), of setup (Fedora, RHEL) and of cloud images.

useradd creates a group of the same name for each user, and refuses a name that a group has.
"""
