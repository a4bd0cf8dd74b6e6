"""The loop: observe, check, plan, apply, verify."""
