"""The integration services of a VM: names depend on the language of Windows, Ids do not.

The Id of a service ends with the GUID of its component, a constant of Hyper-V
(https://learn.microsoft.com/windows/win32/hyperv_v2/msvm-guestserviceinterfacecomponentsettingdata).
"""

from __future__ import annotations

from typing import NamedTuple

from nestlab.simulator.behaviour.localization import name_in
from nestlab.simulator.state.virtual_machine import VirtualMachine


class IntegrationService(NamedTuple):
    """A service: its English name, the GUID of its component, whether a new VM has it enabled."""

    name: str
    component: str
    enabled: bool = True

    def component_id(self, vm: VirtualMachine) -> str:
        r"""Return the Id of the service in a VM: ``Microsoft:<Id of the VM>\<GUID>``."""
        return f"Microsoft:{vm.id.upper()}\\{self.component}"

    def display_name(self, language: str) -> str:
        """Return the name of the service in a language of Windows."""
        return name_in(language, self.name)

    def is_enabled(self, vm: VirtualMachine) -> bool:
        """Whether a VM has the service enabled."""
        return vm.integration_services.get(self.name, self.enabled)


GUEST_SERVICE_INTERFACE = IntegrationService(
    "Guest Service Interface", "6C09BB55-D683-4DA0-8931-C9BF705F6480", enabled=False
)
HEARTBEAT = IntegrationService("Heartbeat", "84EAAE65-2F2E-45F5-9BB5-0E857DC8EB47")
SHUTDOWN = IntegrationService("Shutdown", "9F8233AC-BE49-4C79-8EE3-E7E1985B2077")

INTEGRATION_SERVICES = (
    GUEST_SERVICE_INTERFACE,
    HEARTBEAT,
    IntegrationService("Key-Value Pair Exchange", "2A34B1C2-FD73-4043-8A5B-DD2159BC743F"),
    SHUTDOWN,
    IntegrationService("Time Synchronization", "2497F4DE-E9FA-4204-80E4-4B75C46419C0"),
    IntegrationService("VSS", "5CED1297-4598-4915-A5FC-AD21BB4D02A4"),
)
"""All integration services, in the order in which Get-VMIntegrationService shows them."""
