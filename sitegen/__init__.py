"""Turns trial records into a static website."""
