"""`python -m sitegen`: the commands of `harness-bench` that make a site."""

from harness_bench.cli import COMMANDS, main

if __name__ == "__main__":
    mine = {
        name: command
        for name, command in COMMANDS.items()
        if command.target.startswith("sitegen.")
    }
    main(found=mine, name="python -m sitegen")
