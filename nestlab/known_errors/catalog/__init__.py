"""Known errors of Hyper-V, NetNat, WinRM, DISM and boot screens: cause, first check and fix.

Every row has a public page or thread as `source`. `ids` are parts of fully qualified error ids, the
same in every language, and match anywhere in the text. `texts` are fragments of the text, or codes;
neither case nor spaces matter, and `*` matches anything. Texts in languages other than English come
from public threads. If no id or text matches, the row is chosen by the cmdlet that failed.
"""

from __future__ import annotations

from nestlab.known_errors.catalog.boot_errors import BOOT
from nestlab.known_errors.catalog.code_errors import CODES
from nestlab.known_errors.catalog.disk_errors import DISKS
from nestlab.known_errors.catalog.failed_cmdlets import CMDLETS
from nestlab.known_errors.catalog.guest_errors import GUESTS
from nestlab.known_errors.catalog.hyper_v_errors import HYPER_V
from nestlab.known_errors.catalog.network_errors import NETWORK
from nestlab.known_errors.catalog.platform_errors import PLATFORM
from nestlab.known_errors.catalog.remoting_errors import REMOTING
from nestlab.known_errors.catalog.service_errors import SERVICES
from nestlab.known_errors.catalog.session_errors import SESSIONS
from nestlab.known_errors.catalog.setup_errors import SETUP
from nestlab.known_errors.catalog.ssh_errors import SSH_AND_LOCAL
from nestlab.known_errors.catalog.tool_errors import TOOLS
from nestlab.known_errors.catalog.vm_errors import VMS
from nestlab.known_errors.catalog.windows_errors import WINDOWS
from nestlab.known_errors.explanation import Explanation

EXPLANATIONS: tuple[Explanation, ...] = (
    *PLATFORM,
    *SERVICES,
    *HYPER_V,
    *DISKS,
    *GUESTS,
    *BOOT,
    *SETUP,
    *NETWORK,
    *REMOTING,
    *SESSIONS,
    *SSH_AND_LOCAL,
    *VMS,
    *TOOLS,
    *CODES,
    *WINDOWS,
    *CMDLETS,
)
