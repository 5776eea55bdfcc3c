"""`python -m runner`: the commands of `harness-bench` that measure."""

from harness_bench.cli import COMMANDS, main

if __name__ == "__main__":
    mine = {
        name: command
        for name, command in COMMANDS.items()
        if command.target.startswith("runner.")
    }
    main(found=mine, name="python -m runner")
