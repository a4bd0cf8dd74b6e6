"""Lists of VLAN ids, as Set-VMNetworkAdapterVlan reads them."""

import pytest

from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.transport import connect


@pytest.fixture
def session():
    session = connect("sim:ws2022-intel")
    list(session.run(Cmdlet("New-VM", {"Name": "HV1"})))
    return session


def allow(session, ids):
    parameters = {
        "VMName": "HV1",
        "Trunk": SwitchParameter.ON,
        "AllowedVlanIdList": ids,
        "NativeVlanId": 0,
        "Passthru": SwitchParameter.ON,
    }
    return list(session.run(Cmdlet("Set-VMNetworkAdapterVlan", parameters)))


def test_a_list_has_ids_and_ranges(session):
    (vlan,) = allow(session, "20, 10-12")
    assert vlan["AllowedVlanIdListString"] == "10-12,20"


@pytest.mark.parametrize("ids", ["²", "1-", "-1", "1--2", "1,,2", "a", "10-4095"])
def test_anything_else_is_refused_by_the_cmdlet(session, ids):
    with pytest.raises(CmdletError) as caught:
        allow(session, ids)
    assert caught.value.record.error_id == "InvalidParameter"
