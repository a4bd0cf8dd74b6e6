"""Where-Object compares Ids that many objects share as it compares each alone."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.transport import connect

NAMES = [f"vm{number}" for number in range(6)]
IDS = [f"{number:08x}-1111-2222-3333-abcdefabcdef" for number in range(3)]
SPELLINGS = [str, str.upper, "{{{}}}".format]


@cache
def host():
    session = connect()
    for name in NAMES:
        given = {"Name": name, "MemoryStartupBytes": Size(1 << 29)}
        session.run(Cmdlet("New-VM", {**given, "NoVHD": SwitchParameter.ON}))
    return session


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["", *IDS]), min_size=6, max_size=6),
    st.sampled_from(["EQ", "NE", "In", "GT", "Like"]),
    st.sampled_from([*(spell(each) for each in IDS for spell in SPELLINGS), "no Id", ""]),
)
def test_shared_ids_are_compared_as_each_alone(switch_ids, operator, value):
    hyper_v = host().simulated_host.world.host.hyper_v
    for name, switch_id in zip(NAMES, switch_ids, strict=True):
        hyper_v.vms_named(name)[0].settings.adapters[0].switch_id = switch_id
    condition = {"Property": "SwitchId", operator: SwitchParameter.ON, "Value": value}
    where = Cmdlet("Where-Object", condition)

    def found(vms):
        outcome = host().run(
            Cmdlet("Get-VMNetworkAdapter", {"VMName": vms, "ErrorAction": "Continue"}, where)
        )
        return [record["VMName"] for record in outcome], [each.message for each in outcome.errors]

    alone = [found(name) for name in NAMES]
    assert found(NAMES) == (
        [name for names, _ in alone for name in names],
        [error for _, errors in alone for error in errors],
    )
    if operator == "EQ" and value.strip("{}").lower() in IDS:
        same = [each == value.strip("{}").lower() for each in switch_ids]
        assert found(NAMES)[0] == [
            name for name, is_same in zip(NAMES, same, strict=True) if is_same
        ]
