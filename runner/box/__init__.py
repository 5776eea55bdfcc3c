"""The Linux half of the runner in one container a run; models stay outside."""
