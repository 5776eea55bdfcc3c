"""What the rollouts are asked: force, seed, type, number of steps, their length, under jit."""

CASES = {
    "no step": ("spring", 1, "float64", 0, 0.1, True),
    "one step": ("spring", 2, "float64", 1, 0.1, True),
    "two steps, without jit": ("spring", 3, "float64", 2, 0.1, False),
    "a spring": ("spring", 4, "float64", 300, 0.02, True),
    "a spring, backwards in time": ("spring", 5, "float64", 200, -0.03, True),
    "planets": ("planet", 6, "float64", 200, 0.01, True),
    "planets, without jit": ("planet", 7, "float64", 20, 0.02, False),
    "a small network": ("net", 8, "float64", 150, 0.05, True),
    "a chain": ("chain", 9, "float64", 400, 0.05, True),
    "a long orbit": ("chain", 10, "float64", 30_000, 0.001, True),
    "single precision": ("spring", 11, "float32", 60, 0.02, True),
    "single precision, a network": ("net", 12, "float32", 40, 0.05, True),
    "steps of no length": ("chain", 13, "float64", 10, 0.0, True),
}
