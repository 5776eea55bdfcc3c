"""`python -m harness_bench` is `harness-bench`."""

from harness_bench.cli import main

if __name__ == "__main__":
    main(name="python -m harness_bench")
