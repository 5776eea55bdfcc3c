"""Where the runner in the box starts."""

from harness_bench.cli import ended
from runner.box.inside import main

if __name__ == "__main__":
    main(ended)
