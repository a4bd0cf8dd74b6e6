"""What happens on a simulated host by itself: starts and stops, features that take effect, addresses, frames."""
