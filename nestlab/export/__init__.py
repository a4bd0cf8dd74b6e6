"""Documents and scripts made from a lab."""
