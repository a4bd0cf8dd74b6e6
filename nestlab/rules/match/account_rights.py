"""Does this topology ask for more than the account may do?"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import PROVIDER
from nestlab.model.finding import Finding
from nestlab.model.topology import Switch, SwitchType
from nestlab.rules.match.host_match import Fit


def rights_missing(fit: Fit) -> Iterator[Finding]:
    """Addresses, NATs and External switches of the host want a local Administrator; Hyper-V Administrators is not enough."""
    if fit.state.security.elevated is not False:
        return
    for place in fit.place.switches:
        wanted = list(_beyond(fit, place.switch))
        if wanted:
            message = f"needs {' and '.join(wanted)}, which wants a local Administrator of {fit.machine}; the account is none"
            yield fit.finding(
                "rights-missing",
                "error",
                place.subject,
                place.keys,
                message,
                hint="Open the session as a member of its Administrators, or let one create this switch first.",
                evidence="Get-WindowsOptionalFeature -Online refused: it answers elevated administrators only",
                source=PROVIDER,
            )


def _beyond(fit: Fit, switch: Switch) -> Iterator[str]:
    """Yield what of a switch is not there yet and takes an Administrator to make."""
    there = {known.name.casefold() for known in (fit.hyper_v.switches if fit.hyper_v else ())}
    if switch.switch_type is SwitchType.EXTERNAL and switch.name.casefold() not in there:
        yield "an External switch"
    addresses = {
        address for interface in fit.state.ip_interfaces for address in interface.ip_addresses
    }
    if switch.ip_address is not None and switch.ip_address not in addresses:
        yield f"the address {switch.ip_address}"
    if switch.nat is not None and switch.nat not in {nat.internal_prefix for nat in fit.state.nats}:
        yield f"a NAT for {switch.nat}"
