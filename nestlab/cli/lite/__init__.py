"""``nestlab lite``: nestlab as a static site, where Python runs in the browser."""
