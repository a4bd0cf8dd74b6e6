"""Known errors of Hyper-V, networking, remoting and Windows: cause, first check and fix."""

from nestlab.known_errors.explanation import Explanation, Unexplained
from nestlab.known_errors.guest_credential import is_refused_credential
from nestlab.known_errors.lookup import explain, explain_all, explain_code

__all__ = [
    "Explanation",
    "Unexplained",
    "explain",
    "explain_all",
    "explain_code",
    "is_refused_credential",
]
