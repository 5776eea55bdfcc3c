"""The site.toml that `init` writes: what people change, or every setting there is."""

from typing import Final

SHORT_SITE_TOML: Final = """\
# How the site looks and what it tells. Keep this file beside the results CSV.
# `harness-bench init --all` writes every setting there is.

[site]
title = "harness-bench"
base_url = ""                       # where it will be: "https://example.org/bench/"

[publish]
# Totals are always published. `true` adds how each trial ended.
cells = false
"""

SITE_TOML: Final = """\
# Settings of a harness-bench site. It lies beside the results CSV and is found
# there: `site.toml`, or `<name of the CSV>.site.toml` for one CSV among several.
# Each line shows the default, and may be left out. A line that starts with `#` and
# a name is an example; remove the `#` to use it.

[site]
title = "harness-bench"
question = "Which model, in which harness?"   # the line under the title

# Where the site will be published; embeds and previews of links need the whole
# address. Links between pages do not: the site works in any folder without it.
base_url = ""                       # "https://example.org/bench/"

# The sweep in which models and harnesses are compared; without it, the one with
# the most rows.
# default_sweep = "q4"

# Above every page and embedded chart: a word in bold, and one plain sentence.
status = ""                         # "preliminary"
note = ""                           # "One seed a cell."

# A Markdown file beside this one, shown on the methodology page.
# notes = "notes.md"

# A TOML file of statements, each of which the site judges by its numbers.
# claims = "claims.toml"

# Columns of tasks.csv that group the tasks: pages say who does how well on a group.
groups = ["language", "category", "difficulty"]

[publish]
# Totals by combo, model, harness and task are always published. `true` adds every
# cell: what each combo did with each task.
cells = false

# A number that mixes tasks with another key is shown only for groups of at least
# this many cells.
min_cells = 5

# "plain" shows the names of tasks, "numbered" replaces them.
task_ids = "plain"

# Folders whose contents must never appear in the site: it is searched for them.
private = []                        # ["tasks/private", "runs"]

[policy]
# Trials that ran out of time: "fail" counts them as failed, "drop" leaves them out.
timeout = "fail"

# Trials that ran or read the hidden grader: "keep", "fail" or "drop". The other
# two ways of counting are shown beside the one that is chosen.
grader_access = "keep"

# From which score on a trial counts as passed, if its row has neither status nor
# passed.
pass_score = 1.0

# Pass rates that are surely closer than this are called equal.
margin = 0.05

# Entries are ranked on what all ranked ones ran. That has to be this share of what
# half of all entries ran; whoever lacks too much of it stands apart.
min_coverage = 0.9

# Whether one ranking may hold a task in two versions.
mixed_task_versions = false

# [input] fits a table that was not written by harness-bench to the schema.
[input]
# The schema's column, and its name in the file.
columns = {}                        # {harness = "agent", passed = "resolved"}

# Words of the status column, and what they mean here. "score" is for a word that says
# no more than that the trial ended: passed or score then decides.
statuses = {}                       # {resolved = "pass", error = "agent_crash"}

# Other spellings of one name.
aliases = {}                        # {model = {"gpt 5" = "gpt-5"}}

# Values that mean "not measured".
unknown = {}                        # {tokens_out = ["0"]}

# What holds where a field is empty or absent. A status, passed or score given here
# is used only where a row has none of the three.
defaults = {}                       # {harness = "aider"}

# Columns of the file that share a name with the schema's but mean something else.
ignore = []                         # ["score"]

# Full marks: scores are divided by it.
score_scale = 1.0                   # 100 for percent

# A score that is then outside 0..1: "error", "clip" it, or treat it as "empty".
score_outside = "error"

# Which column decides where they contradict each other; without it, that is an error.
# verdict = "passed"                # or "status" or "score"

# Two rows for one trial: "error", keep the "first" or the "last", or "number" them:
# each is then a trial with a seed of its own.
duplicates = "error"

# One table for each sweep that needs a name or a word of explanation.
# [sweeps.q4]
# label = "4-bit sweep"
# note = "Every model in its 4-bit quantisation."
"""
"""Kept here rather than among the templates: it belongs to no page."""
