"""Known errors of Hyper-V, networking, remoting and Windows: text or id to cause, first check and fix."""

from nestlab.known_errors.explanation import Explanation, Unexplained
from nestlab.known_errors.lookup import explain, look_up

__all__ = ["Explanation", "Unexplained", "explain", "look_up"]
