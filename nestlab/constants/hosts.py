"""Names, ids and addresses by which hosts and their services are found."""

from __future__ import annotations

from typing import Final

DEFAULT_HOST: Final = "sim:ws2022-intel"
"""The host that nestlab opens when none is named: a simulated Windows Server 2022."""

GUEST_SERVICE_INTERFACE_ID: Final = "6C09BB55-D683-4DA0-8931-C9BF705F6480"
"""The end of the Id of the Guest Service Interface, the integration service of Copy-VMFile.

The service's name is localized, its Id is not.
"""

AZURE_WIRE_SERVER_ADDRESS: Final = "168.63.129.16"
"""Azure's DNS server and VM agent endpoint, the same in every region (AZURE_WIRE_SERVER)."""
