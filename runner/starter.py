"""The run.toml that `init` writes: what people change, or every setting there is."""

from typing import Final

SHORT_RUN_TOML: Final = """\
# What is measured. `harness-bench run run.toml` runs it, and continues after an
# interruption. `harness-bench init --all` writes every setting there is.

[run]
packs = ["tasks"]                   # folders of tasks
seeds = 1                           # trials of each model, harness and task

[limits]
agent_s = 1800.0                    # seconds until an agent is stopped

# One table for each model. `base_url` is the address of a server that is running; with
# `gguf = "model.gguf"` instead, llama-server is started.
[[model]]
name = "my-model"
quant = ""                          # "Q4_K_M"
base_url = "http://127.0.0.1:8080"  # without /v1

# One table for each harness. "mini" is included; `harness-bench harness install pi`
# installs another.
[[harness]]
name = "mini"
"""

RUN_TOML: Final = """\
# Settings of a run: what is measured, how often, and within which limits.
# `harness-bench run run.toml` runs it; the same command goes on where it ended.
# Each line shows the default, and may be left out. A line that starts with `#` and a
# name is an example; remove the `#` to use it. Paths are relative to this file, and may
# hold variables of the environment: "$MODELS/my-model.gguf".

[run]
# Name of the run and of its folder under runs/; without it, the name of this file, or
# of the folder around it where the file is called run.toml.
# name = "2026-11"

# Folders of tasks; at least one.
packs = ["tasks"]

# Names of tasks, or patterns.
tasks = ["*"]                       # ["fix-*", "sort-lines"]

# Trials of each cell, a cell being a model in a harness with a task.
seeds = 1

# Trials at one time. More than one changes what is measured where they share a model
# server.
jobs = 1

# How often a trial is executed, at most, when it fails for reasons that are not the
# agent's: a broken server, sandbox or grader. A valid failure is never repeated.
attempts = 3

# What confines the agent and the graded code.
sandbox = "bubblewrap"

# What executes the plan.
engine = "local"

# Whose workspaces are kept, to look at and for `harness-bench regrade`.
keep = "all"                        # "failed": those that did not pass; "none"

# What the models run on, in words; without it, the processor of this machine.
# hardware = "RTX 4090, 24 GB"

# Where a task sets a limit of its own, the lower one holds. All are above zero.
[limits]
agent_s = 1800.0                    # wall clock of the harness; then all is killed
idle_s = 600.0                      # seconds without work and without a call
silence_s = 1800.0                  # a call without a byte: then the server hangs
tokens = 400000                     # prompt and completion, over all calls
calls = 200                         # of the model
grader_s = 300.0                    # wall clock of the grader
processes = 512                     # processes and threads at one time
file_mb = 512                       # the largest file
disk_mb = 2048                      # workspace and home together

# One table for each model in each quantisation and variant. Models are loaded one after
# the other, each once.
[[model]]
name = "my-model"                   # as its provider spells it
quant = ""                          # "Q4_K_M"
variant = ""                        # what sets it apart besides: "high", "no thinking"
sweep = ""                          # trials that are meant to be compared: "q4"

# What serves it. Without it, what the other keys tell: `base_url` is "endpoint", a
# server that runs already and speaks OpenAI's protocol; `script` is "scripted", which
# acts out a script and is no model; `key_env` is "hosted", a vendor's API, which has
# `protocol` too, and `vendor` where pages are to name it other than by its host.
# server = "endpoint"
base_url = "http://127.0.0.1:8080"  # without /v1
# own_machine = true                # it is yours, though it is on the internet

context_tokens = 32768              # what it can hold; harnesses are told
output_tokens = 8192                # what one answer may have; each request says it
# temperature = 0.2                 # for each request; else as harness or server has it

# What is publicly known of it, for the pages of a site.
# title = "My Model 27B"
# note = "Dense; runs on one GPU."
# family = "Mine"                   # who made it; a colour each
# total_params_b = 27.0             # all parameters, in billions
# active_params_b = 27.0            # those used a token, in billions

# One table for each agent program; it may also have settings of its own.
[[harness]]
name = "mini"
variant = ""                        # sets apart two tables of one name: "diff edits"
# title = "mini"
# note = "A loop around three tools."
# vendor = "Example"                # who makes it, spelled as that of a hosted model
"""
