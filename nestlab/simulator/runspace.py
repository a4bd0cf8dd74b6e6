"""A runspace on a simulated machine, where pipelines run.

Guests are entered through PowerShell Direct.
"""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.dataclass import dataclass
from nestlab.model import ErrorRecord
from nestlab.simulator.access import handlers_for
from nestlab.simulator.behaviour import power
from nestlab.simulator.behaviour.localization import LocalizedSink, error_in
from nestlab.simulator.behaviour.network.ip_stack import complete_address_transfers
from nestlab.simulator.behaviour.network.lease_assignment import assign_leases
from nestlab.simulator.behaviour.powershell_direct import credential_refused, enter, session_lost
from nestlab.simulator.fault_injection import PowerCut, SessionDropped, SessionRefused, with_faults
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.call import Call, PowerShellError, Sink
from nestlab.simulator.powershell.pipeline_processor import run_call
from nestlab.simulator.powershell.roles.guest_limits import require_guest_access
from nestlab.simulator.powershell.session_state import (
    DEFAULT_CONFIGURATION,
    Configuration,
    SessionState,
)
from nestlab.simulator.state.clock_clients import CancelFlag
from nestlab.simulator.state.machine import Machine


@dataclass(frozen=True)
class GuestLogon:
    """The logon to one guest on the path to a machine.

    If the password is None, only the account is checked: sessions in this process have no password.
    """

    vm_name: str
    username: str
    password: str | None


class HostDown(Exception):
    """The host is restarting and not yet up."""


class SessionLost(HostDown):
    """The host, or the session to it, was lost during a call."""


class AccessRefused(PowerShellError):
    """The host rejects the account."""


class Runspace:
    """Runs calls on the host or in one of its guests."""

    def __init__(
        self,
        host: SimulatedHost,
        hops: tuple[GuestLogon, ...] = (),
        configuration: Configuration = DEFAULT_CONFIGURATION,
        entered_from: Configuration = DEFAULT_CONFIGURATION,
    ) -> None:
        self.host = host
        self.hops = hops
        self.configuration = configuration
        # A guest is entered by a function of the host's configuration, which may refuse it.
        self._entered_from = entered_from if hops else configuration

    def guest(self, vm_name: str, username: str, password: str | None) -> Runspace:
        """Return a runspace in a VM of this machine, with all commands.

        The guest is entered at each invocation.
        """
        hops = (*self.hops, GuestLogon(vm_name, username, password))
        return Runspace(self.host, hops, entered_from=self._entered_from)

    def invoke(self, calls: Sequence[Call], sink: Sink, cancel: CancelFlag | None = None) -> None:
        """Run calls in order, as the statements of one pipeline.

        Raises PowerShellError for a terminating error, HostDown while the host restarts, Cancelled;
        and SessionLost and AccessRefused for injected faults.
        """
        with self.host.call(cancel) as world, world.clock.cancelled_by(cancel):
            complete_address_transfers(world.host, world.clock.now)
            assign_leases(world)
            language = world.quirks.language
            if language != "en":
                sink = LocalizedSink(sink, language)
            try:
                if self.hops:
                    names = [hop.vm_name for hop in self.hops]
                    require_guest_access(self._entered_from, names, calls)
                machine = self._enter_hops(world.host)
                for call in calls:
                    world.clock.advance(0)  # raises Cancelled between two calls
                    _require_running(machine)
                    self._run(call, machine, sink)
            except PowerShellError as error:
                # The cause is kept: it shows whether -ErrorAction Stop made the error terminating.
                raise error_in(language, error) from error.__cause__

    def _run(self, call: Call, machine: Machine, sink: Sink) -> None:
        handlers = handlers_for(machine, virtual_account=self.configuration.restricted)
        if machine.world.faults:
            handlers = with_faults(handlers)
        try:
            run_call(call, SessionState(machine, handlers, self.configuration), sink)
        except PowerCut:
            power.shut_down(machine, power_cut=True)
            power.boot(machine)
            raise _session_lost_error(machine) from None
        except SessionDropped:
            raise _session_lost_error(machine) from None
        except SessionRefused:
            raise _access_refused_error(machine) from None

    def _enter_hops(self, machine: Machine) -> Machine:
        _require_running(machine)
        for hop in self.hops:
            machine = enter(machine, hop.vm_name, hop.username, hop.password)
        return machine


def _session_lost_error(machine: Machine) -> Exception:
    return SessionLost(machine.name) if machine.outer_host is None else session_lost(machine.name)


def _access_refused_error(machine: Machine) -> PowerShellError:
    if machine.outer_host is not None:
        return credential_refused(machine.name)
    exception = "System.Management.Automation.Remoting.PSRemotingTransportException"
    return AccessRefused(
        ErrorRecord(
            "Access is denied.",
            "OpenError",
            "AccessDenied,PSSessionStateBroken",
            machine.name,
            exception,
        )
    )


def _require_running(machine: Machine) -> None:
    if machine.ready_at > machine.world.clock.now:
        if machine.outer_host is None:
            raise HostDown(machine.name)
        raise session_lost(machine.name)
