"""Runs models in agent harnesses and records what happened."""
