"""Known errors of Hyper-V, NetNat, WinRM and DISM: what they mean, what to look at first, what mends them.

Every row stands on a public page or thread, named in `source`. `ids` are beginnings of fully qualified error ids,
`texts` fragments of the English text, or codes; neither case nor spaces matter, and `*` stands for anything.
"""

from __future__ import annotations

from nestlab.rules.explanation import Explanation
from nestlab.rules.explanations_hyper_v import HYPER_V
from nestlab.rules.explanations_network import NETWORK
from nestlab.rules.explanations_platform import PLATFORM
from nestlab.rules.explanations_remoting import REMOTING

EXPLANATIONS: tuple[Explanation, ...] = (*PLATFORM, *HYPER_V, *NETWORK, *REMOTING)
