"""The host that nestlab opens when none is named."""

from __future__ import annotations

from typing import Final

DEFAULT_HOST: Final = "sim:ws2022-intel"
"""The simulated host: a Windows Server 2022 that is ready for nested virtualization."""

GUEST_SERVICE_INTERFACE_ID: Final = "6C09BB55-D683-4DA0-8931-C9BF705F6480"
"""How the Id of the integration service ends by which Copy-VMFile copies, in every language."""
