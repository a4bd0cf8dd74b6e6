"""From a call to bound parameters: signatures, parameter sets, validation, errors."""
