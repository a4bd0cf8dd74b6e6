"""Known errors of Hyper-V, NetNat, WinRM and DISM: what they mean, what to look at first, what mends them.

Every row stands on a public page or thread, named in `source`. `ids` are beginnings of fully
qualified error ids, the same in every language; `texts` fragments of the text, or codes; neither
case nor spaces matter, and `*` stands for anything. Texts of other languages than English stand in
public threads; for what is known in none of these ways there are the rows by cmdlet.
"""

from __future__ import annotations

from nestlab.known_errors.catalog.cmdlets import CMDLETS
from nestlab.known_errors.catalog.disks import DISKS
from nestlab.known_errors.catalog.hyper_v import HYPER_V
from nestlab.known_errors.catalog.network import NETWORK
from nestlab.known_errors.catalog.platform import PLATFORM
from nestlab.known_errors.catalog.remoting import REMOTING
from nestlab.known_errors.catalog.services import SERVICES
from nestlab.known_errors.catalog.sessions import SESSIONS
from nestlab.known_errors.explanation import Explanation

EXPLANATIONS: tuple[Explanation, ...] = (
    *PLATFORM,
    *SERVICES,
    *HYPER_V,
    *DISKS,
    *NETWORK,
    *REMOTING,
    *SESSIONS,
    *CMDLETS,
)
