"""The credentials of a run: looked up and checked before its first step."""

from __future__ import annotations

from nestlab.errors import CredentialNotUsable
from nestlab.model.topology import Topology
from nestlab.plan import Plan, account_problems, needed_credentials, new_accounts
from nestlab.transport import Session
from nestlab.transport.credentials import how_to_provide


def require_usable_credentials(topology: Topology, plan: Plan, host: Session) -> None:
    """Look up the credentials that applying a plan needs, and check those of new accounts.

    Prompts come now: when the guest answers, half an hour later, the user may be away. Raises
    AccessDenied for the first that is not found, CredentialNotUsable with all that cannot be used;
    these are looked up again the next time.
    """
    credentials = host.prepare(*needed_credentials(topology))
    problems = list(account_problems(new_accounts(topology, plan), credentials))
    if problems:
        unusable = dict.fromkeys(problem.account.credential for problem in problems)
        host.forget(*unusable)
        fixes = dict.fromkeys(problem.fix for problem in problems)
        raise CredentialNotUsable(
            ". ".join(map(str, problems)),
            hint=" ".join([*fixes, *map(how_to_provide, unusable)]),
        )
