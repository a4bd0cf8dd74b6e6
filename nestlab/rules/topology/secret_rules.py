"""Rules about passwords in a topology file."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.dataclass import replace
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.rules.rule import NESTLAB, Rule, Scope, detects
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr
from nestlab.topology_file.secret_keys import names_a_secret, secret_keys

PASSWORD_IN_FILE = Rule(
    code="password-in-file",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The topology file seems to contain a password.",
    why="The file is shared, kept under version control and copied into exported documents, and Notes are written to the host. nestlab reads no password from it: a credential is looked up by its name.",
    fix="Remove the password from the file and change it where it is in use. Write guest: {credential: NAME}, and give user name and password in the keyring, in the variable NESTLAB_CREDENTIAL_<NAME> (user:password), or when asked.",
    example="vms: [{name: web1, guest: {os: windows, credential: lab, x-password: Geheim-1}, disk: {path: 'D:\\web1.vhdx'}}]",
    source=NESTLAB,
)


@detects(PASSWORD_IN_FILE)
def password_in_file(index: TopologyIndex) -> Iterator[Finding]:
    """A key that is named like a password, a credential with one, or a text that names one.

    The messages do not quote the values.
    """
    origin = index.topology.origin
    for name, line, column in secret_keys(origin.text) if origin is not None else ():
        what = tr("has the key {key}, which has no effect and seems to hold a password", key=name)
        found = index.finding(PASSWORD_IN_FILE, "topology", (), what)
        if found.location and origin is not None:
            found = replace(found, location=f"{origin.path}:{line}:{column}", keys=None)
        yield found
    for subject, keys, what in _texts(index):
        yield index.finding(PASSWORD_IN_FILE, subject, keys, what)


def _texts(index: TopologyIndex) -> Iterator[tuple[str, KeyPath, str]]:
    """Yield subject, keys and message of each value that seems to contain a password."""
    if names_a_secret(index.topology.description):
        yield "topology", ("description",), tr("has a description that seems to contain a password")
    for place, vm in index.vms:
        if names_a_secret(vm.notes):
            what = tr("has notes that seem to contain a password, and that are written to the host")
            yield place.subject, (*place.keys, "notes"), what
        if ":" in (vm.guest.credential or ""):
            what = tr(
                "has a credential with ':', like user:password, where the NAME of one belongs"
            )
            yield place.subject, (*place.keys, "guest", "credential"), what


DETECTORS = (password_in_file,)
"""The detectors of this module."""
