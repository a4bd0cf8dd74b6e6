"""Known errors of Hyper-V, NetNat, WinRM and DISM: what they mean, what to look at first, what mends them.

Every row stands on a public page or thread, named in `source`. `ids` are beginnings of fully
qualified error ids, the same in every language; `texts` fragments of the text, or codes; neither
case nor spaces matter, and `*` stands for anything. Texts of other languages than English stand in
public threads; for what is known in none of these ways there are the rows by cmdlet.
"""

from __future__ import annotations

from nestlab.rules.explanation import Explanation
from nestlab.rules.explanations_cmdlets import CMDLETS
from nestlab.rules.explanations_disks import DISKS
from nestlab.rules.explanations_hyper_v import HYPER_V
from nestlab.rules.explanations_network import NETWORK
from nestlab.rules.explanations_platform import PLATFORM
from nestlab.rules.explanations_remoting import REMOTING
from nestlab.rules.explanations_services import SERVICES
from nestlab.rules.explanations_sessions import SESSIONS

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
