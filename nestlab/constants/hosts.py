"""The host that nestlab opens when none is named."""

from __future__ import annotations

from typing import Final

DEFAULT_HOST: Final = "sim:ws2022-intel"
"""The simulated host: a Windows Server 2022 that is ready for nested virtualization."""
