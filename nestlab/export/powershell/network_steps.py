"""The code of the steps for switches, addresses and Windows, with tests whether they are needed.

The tests are in PowerShell, and equivalent to the decisions of a plan.
"""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.export.powershell import queries as q
from nestlab.export.powershell.fields import DataField, with_fields
from nestlab.export.powershell.step_code import (
    Build,
    Same,
    StepChange,
    StepCode,
    equal_values,
    last_parameters,
    named_by_others,
    pipeline,
    simple,
    where,
)
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.parameter_values import Value
from nestlab.model.state import BUILT_IN_ECHO_RULE, ECHO_RULE
from nestlab.plan import Action, Step
from nestlab.texts import tr


def _create_switch(step: Step) -> StepCode:
    new = last_parameters(step)
    name = new["Name"]
    text = tr(
        "there is a switch {name} that this script did not create, or was interrupted while creating. Remove or rename it, or rename the one in the lab.",
        name=name,
    )
    code = named_by_others(q.switch, text, name, new["Notes"])
    return simple(step, *code.test, conflicts=code.conflicts)


def _create_nat(step: Step) -> StepCode:
    new = last_parameters(step)
    prefix = "InternalIPInterfaceAddressPrefix"
    named = where("Name", DataField("NatName", new["Name"]))
    return simple(step, _piped("Get-NetNat", named, q.equal(prefix, new[prefix])))


def _piped(reading: str, *filters: Cmdlet, **parameters: Value) -> Cmdlet:
    return pipeline(Cmdlet(reading, parameters), *filters)


def _forward_port(step: Step) -> StepCode:
    new = last_parameters(step)
    names = ("NatName", "Protocol", "ExternalPort", "InternalIPAddress", "InternalPort")
    return simple(step, _piped("Get-NetNatStaticMapping", *equal_values(new, *names)))


def _set_address(step: Step) -> StepCode:
    new = last_parameters(step)
    alias, gateway = new["InterfaceAlias"], new.get("DefaultGateway")
    wanted = equal_values(new, "IPAddress", "PrefixLength")
    found = q.of_interface("Get-NetIPAddress", alias, *wanted)
    if not gateway:
        return simple(step, found)
    # New-NetIPAddress sets both, but fails if the address exists and only the gateway is missing.
    route = _default_route(alias, gateway)
    add = {"DestinationPrefix": "0.0.0.0/0", "InterfaceAlias": alias, "NextHop": gateway}
    *before, address = step.cmdlets
    changes = (
        *(StepChange(with_fields(cmdlet)) for cmdlet in before),
        StepChange(with_fields(address), (found,)),
        StepChange(_add_default_route(add), (route,)),
    )
    return StepCode(changes=changes, test=(found, route))


def _add_default_route(new: Mapping[str, Value]) -> Cmdlet:
    values = {
        **new,
        "InterfaceAlias": DataField("InterfaceAlias", new["InterfaceAlias"]),
        "NextHop": DataField("DefaultGateway", new["NextHop"]),
    }
    return Cmdlet("New-NetRoute", values)


def _default_route(alias: Value, gateway: Value) -> Cmdlet:
    to = where("DestinationPrefix", "0.0.0.0/0")
    return q.of_interface("Get-NetRoute", alias, to, q.equal("NextHop", gateway, "DefaultGateway"))


def _set_dns_servers(step: Step) -> StepCode:
    new = last_parameters(step)
    found = q.of_interface("Get-DnsClientServerAddress", new["InterfaceAlias"])
    wanted = DataField("ServerAddresses", new.get("ServerAddresses", []))
    return simple(step, Same(found, "ServerAddresses", wanted))


def _interface_setting(step: Step) -> StepCode:
    new = last_parameters(step)
    wanted: tuple[Cmdlet, ...]
    if "InterfaceMetric" in new:
        wanted = (
            where("AutomaticMetric", "Disabled"),
            q.equal("InterfaceMetric", new["InterfaceMetric"]),
        )
    else:
        wanted = tuple(
            where(name, new[name]) for name in ("Forwarding", "AutomaticMetric") if name in new
        )
    return simple(step, q.of_interface("Get-NetIPInterface", new["InterfaceAlias"], *wanted))


def _add_route(step: Step) -> StepCode:
    new = last_parameters(step)
    # The destination is a value of the data file; that of a default route stays in the code.
    to = DataField("Destination", new["DestinationPrefix"])
    cmdlet = with_fields(step.cmdlets[0].with_parameters(DestinationPrefix=to))
    found = q.of_interface(
        "Get-NetRoute",
        new["InterfaceAlias"],
        where("DestinationPrefix", to),
        q.equal("NextHop", new["NextHop"]),
    )
    return StepCode(changes=(StepChange(cmdlet),), test=(found,))


def _serve_addresses(step: Step) -> StepCode:
    scopes = [cmdlet for cmdlet in step.cmdlets if cmdlet.name == "Add-DhcpServerv4Scope"]
    found = [
        _piped("Get-DhcpServerv4Scope", *equal_values(scope.parameters, *_SCOPE))
        for scope in scopes
    ]
    options = last_parameters(step)
    if "Router" not in options:  # a new scope whose clients get no router
        added = (StepChange(with_fields(scope), tuple(found)) for scope in scopes)
        return StepCode(changes=tuple(added), test=tuple(found))
    router = options["Router"]
    option = Cmdlet(
        "Get-DhcpServerv4OptionValue",
        {"ScopeId": DataField("ScopeId", options["ScopeId"]), "ErrorAction": "SilentlyContinue"},
    )
    value = DataField("Router", router if isinstance(router, list) else [router])
    routed = Same(pipeline(option, where("OptionId", 3)), "Value", value)
    changes = (
        *(StepChange(with_fields(scope), tuple(found)) for scope in scopes),
        StepChange(with_fields(step.cmdlets[-1].with_parameters(Router=value))),
    )
    return StepCode(changes=changes, test=(*found, routed))


def _activate_scope(step: Step) -> StepCode:
    new = last_parameters(step)
    scope = Cmdlet(
        "Get-DhcpServerv4Scope",
        {"ScopeId": DataField("ScopeId", new["ScopeId"]), "ErrorAction": "SilentlyContinue"},
    )
    return simple(step, pipeline(scope, where("State", DataField("State", new["State"]))))


_SCOPE = ("Name", "StartRange", "EndRange")
_DNS_OPTION = 6  # RFC 2132, 3.8


def _set_dhcp_dns(step: Step) -> StepCode:
    new = last_parameters(step)
    asked = {"ScopeId": DataField("ScopeId", new["ScopeId"]), "ErrorAction": "SilentlyContinue"}
    option = pipeline(Cmdlet("Get-DhcpServerv4OptionValue", asked), where("OptionId", _DNS_OPTION))
    return simple(step, Same(option, "Value", DataField("DnsServer", new["DnsServer"])))


def _reserve_address(step: Step) -> StepCode:
    new = last_parameters(step)
    found = _piped(
        "Get-DhcpServerv4Reservation",
        *equal_values(new, "IPAddress", "ClientId"),
        ScopeId=DataField("ScopeId", new["ScopeId"]),
        ErrorAction="SilentlyContinue",
    )
    return simple(step, found)


def _answer_ping(step: Step) -> StepCode:
    rules = (
        [ECHO_RULE]
        if last_parameters(step)["Action"] == "Block"
        else [ECHO_RULE, BUILT_IN_ECHO_RULE]
    )
    read = Cmdlet(
        "Get-NetFirewallRule",
        {"Name": DataField("Rules", rules), "ErrorAction": "SilentlyContinue"},
    )
    enabled = where("Enabled", "True")
    return simple(step, pipeline(read, enabled, q.equal("Action", last_parameters(step)["Action"])))


def _rename_computer(step: Step) -> StepCode:
    return simple(step, q.computer_named(last_parameters(step)["NewName"]), tested_later=True)


def _install(step: Step) -> StepCode:
    new = last_parameters(step)
    if "FeatureName" in new:
        name = DataField("FeatureName", new["FeatureName"])
        states = ("Enabled", "EnablePending")
        read = Cmdlet(
            "Get-WindowsOptionalFeature", {"Online": SwitchParameter.ON, "FeatureName": name}
        )
        return simple(step, pipeline(read, where("State", list(states), "In")))
    read = Cmdlet("Get-WindowsFeature", {"Name": DataField("Name", new["Name"])})
    states = ("Installed", "InstallPending")
    return simple(step, pipeline(read, where("InstallState", list(states), "In")))


NETWORK_BUILDERS: Mapping[Action, Build] = {
    Action.ACTIVATE_SCOPE: _activate_scope,
    Action.ADD_ROUTE: _add_route,
    Action.ANSWER_PING: _answer_ping,
    Action.CREATE_NAT: _create_nat,
    Action.CREATE_SWITCH: _create_switch,
    Action.DROP_PING: _answer_ping,
    Action.FORWARD_PORT: _forward_port,
    Action.INSTALL_DHCP: _install,
    Action.INSTALL_FEATURE: _install,
    Action.INSTALL_HYPER_V: _install,
    Action.RENAME_COMPUTER: _rename_computer,
    Action.RESERVE_ADDRESS: _reserve_address,
    Action.SERVE_ADDRESSES: _serve_addresses,
    Action.SET_ADDRESS: _set_address,
    Action.SET_DHCP_DNS: _set_dhcp_dns,
    Action.SET_DNS_SERVERS: _set_dns_servers,
    Action.SET_FORWARDING: _interface_setting,
    Action.SET_METRIC: _interface_setting,
}
"""The code of each kind of step about networks and Windows."""
