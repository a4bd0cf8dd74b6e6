"""The rules: findings about a topology and about a host, one small generator each."""

from nestlab.rules.validation import validate

__all__ = ["validate"]
