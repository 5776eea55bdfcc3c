"""What is checked before a run: the machine, the sandbox, every part of the plan."""
