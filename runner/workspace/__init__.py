"""The files that an agent works on, and where they lie meanwhile."""
