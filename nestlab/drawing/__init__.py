"""One geometry of nested boxes, and its writers."""
