"""Accounts and passwords that are keys of a topology file: refused, with the way to give them."""

from __future__ import annotations

import pytest

from nestlab.errors import TopologyFileError
from nestlab.topology_file import loads


@pytest.mark.parametrize(
    "key",
    ["password", "Passwd", "adminPassword", "admin_password", "local-admin-pwd", "contraseña", "username"],
)  # fmt: skip
@pytest.mark.parametrize(
    "text",
    [
        "vms: [{{name: a, guest: {{os: windows, {}: Geheim-1}}}}]",
        "vms: [{{name: a, {}: Geheim-1}}]",
        "images: {{ws2022: {{path: 'D:/a.vhdx', {}: Geheim-1}}}}",
        "{}: Geheim-1",
    ],
)
def test_a_key_named_like_a_password_has_the_hint_about_credentials(key, text):
    with pytest.raises(TopologyFileError) as error:
        loads(f"name: lab\n{text.format(key)}\n")
    (hint,) = {found.hint for found in error.value.findings if repr(key) in found.message}
    assert "guest: {credential: NAME}" in hint
    assert "Geheim-1" not in str(error.value)
