"""Values of the keys that the key table gives a setting: every test that needs some takes them here.

A new key with a setting is thereby drawn, edited, built, compared, captured and seen in drift.
"""

from nestlab.dataclass import fields
from nestlab.model.plain import plain
from nestlab.model.topology import VM, NetworkAdapter
from nestlab.topology_file.keys import ADAPTER_SETTINGS, VM_SETTINGS
from nestlab.topology_file.one_line import value_of
from nestlab.topology_file.sample_values import sample_values

SETTINGS = {"VM": VM_SETTINGS, "NetworkAdapter": ADAPTER_SETTINGS}
"""The settings of each class of the model that has some."""
NOT_DRAWN = {"checkpoint_type": {"Disabled"}}
"""Values that other keys of a file may exclude, by key: a VM of type Disabled has no `checkpoints`."""


def setting_values(each):
    """Return values of a setting that differ; one that a new VM or adapter has comes last."""
    kind = each.key.value_kind
    texts = sample_values(kind) or ("first", "second")
    values = [
        value_of(text, kind) for text in texts if text not in NOT_DRAWN.get(each.key.name, ())
    ]
    return sorted(
        values, key=lambda value: each.setting.host_value(plain(value)) == each.setting.initial
    )


def values_by_field(settings):
    """Return the values of each setting by its attribute, the model's default first.

    That is None ("not changed"), but for `automatic_checkpoints_enabled`.
    """
    return {each.key.field: [default_of(each), *setting_values(each)] for each in settings}


def default_of(each):
    """Return the value that a VM or an adapter of the model has without the key."""
    models = (VM, NetworkAdapter)
    return next(f.default for model in models for f in fields(model) if f.name == each.key.field)


def samples(settings):
    """Return two values of each setting, as the file has them; the first is not that of a new one."""
    return {
        each.key.name: tuple(plain(value) for value in setting_values(each)[:2])
        for each in settings
    }


def unlike(settings, wanted, record):
    """Yield the settings that a record of the host shows otherwise than the file says."""
    for each in settings:
        expected, found = each.declared(wanted), record.get(each.setting.parameter)
        if expected is not None and str(found) != str(expected):
            yield f"{each.key.text_name} {found}, wanted {expected}"
