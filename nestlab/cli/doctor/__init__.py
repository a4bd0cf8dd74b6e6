"""``nestlab doctor``: whether nestlab works on this computer, and what to do where it does not."""
