"""The kernel that runner and sitegen share: schema, errors, registry."""

__version__ = "0.1.0"
