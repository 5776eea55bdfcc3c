"""`python -m harness_bench` is `harness-bench`."""

from harness_bench.start import main

if __name__ == "__main__":
    main(name="python -m harness_bench")
