"""Pure functions on numbers; every formula names its source."""
