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
# `harness-bench run run.toml` runs it, and continues after an interruption. Each line
# shows the default and can be left out. Where a line starts with `#` and a name, remove
# the `#` to use it. Paths are relative to this file and may contain environment
# variables: "$MODELS/my-model.gguf".

[run]
# Name of the run and of its folder under runs/. Default: the name of this file or, if
# that is run.toml, of its folder.
# name = "2026-11"

# Folders of tasks; at least one.
packs = ["tasks"]

# Names of tasks, or patterns.
tasks = ["*"]                       # ["fix-*", "sort-lines"]

# How often each model tries each task in each harness.
seeds = 1

# Trials at a time. With more than one, trials that share a model server slow each other
# down, which changes what is measured.
jobs = 1

# How often a trial is tried, at most, if a server, sandbox or grader breaks. An agent's
# own failure is never repeated.
attempts = 3

# What confines the agent and the code that is graded.
sandbox = "bubblewrap"

# What executes the plan.
engine = "local"

# Which workspaces are kept, to look at and for `harness-bench regrade`.
keep = "all"                        # or "failed": those that did not pass; or "none"

# The hardware that the models run on. Default: the processor of this machine.
# hardware = "RTX 4090, 24 GB"

# If a task sets a limit too, the lower one applies. All are above zero.
[limits]
agent_s = 1800.0                    # seconds until the agent is stopped
idle_s = 600.0                      # seconds without work and without a call
silence_s = 1800.0                  # seconds without a byte until a call counts as hung
tokens = 400000                     # prompt and completion tokens over all calls
calls = 200                         # calls of the model
grader_s = 300.0                    # seconds until the grader is stopped
processes = 512                     # processes and threads at a time
file_mb = 512                       # size of the largest file, in MiB
disk_mb = 2048                      # workspace and home together, in MiB

# One table for each model in each quantisation and variant. Models are loaded one after
# the other, each once.
[[model]]
name = "my-model"                   # as its provider spells it
quant = ""                          # "Q4_K_M"
variant = ""                        # "high", "no thinking"
sweep = ""                          # "q4": trials that are meant to be compared

# What serves it. The other keys say so if this one is left out: `base_url` means
# "endpoint", a running server that speaks OpenAI's protocol; `gguf` "llama_server";
# `key_env` "hosted", a vendor's API, which also has `protocol` and `vendor`; `script`
# "scripted", which acts out a script and is no model.
# server = "endpoint"
base_url = "http://127.0.0.1:8080"  # without /v1
# own_machine = true                # this address on the internet is your own machine

context_tokens = 32768              # how much it can hold; harnesses are told
output_tokens = 8192                # how long one answer may be; each request says so
# temperature = 0.2                 # of each request; else as harness or server say

# What the pages of a site say about it.
# title = "My Model 27B"
# note = "Dense; runs on one GPU."
# family = "Mine"                   # who made it; each family has a colour
# total_params_b = 27.0             # all parameters, in billions
# active_params_b = 27.0            # those used per token, in billions

# One table for each harness. It can also have settings of its own.
[[harness]]
name = "mini"
variant = ""                        # "diff edits": tells two tables of one name apart
# title = "mini"
# note = "A loop around three tools."
# vendor = "Example"                # who makes it, spelled like a hosted vendor
"""
