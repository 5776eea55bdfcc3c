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
# Settings of a harness-bench site. Keep this file beside the results CSV, as
# `site.toml`, or as `<name of the CSV>.site.toml` for one CSV among several. Each line
# shows the default and can be left out. Where a line starts with `#` and a name,
# remove the `#` to use it.

[site]
title = "harness-bench"
question = "Which model, in which harness?"   # the line under the title

# Where the site will be published. Embeds and link previews need the whole address;
# links between pages work without it.
base_url = ""                       # "https://example.org/bench/"

# The sweep in which models and harnesses are compared. Default: the one with the most
# rows.
# default_sweep = "q4"

# A word in bold and a sentence, shown above every page and embedded chart.
status = ""                         # "preliminary"
note = ""                           # "One seed a cell."

# A Markdown file beside this one, shown on the methodology page.
# notes = "notes.md"

# A TOML file of statements that the site checks against its numbers.
# claims = "claims.toml"

# Columns of tasks.csv that group tasks; pages show who does well on each group.
groups = ["language", "category", "difficulty"]

[publish]
# Totals by combo, model, harness and task are always published. `true` adds every
# cell: what each combo did with each task.
cells = false

# Numbers finer than that are shown only if at least this many cells are behind them.
min_cells = 5

# "plain" shows the names of tasks, "numbered" replaces them.
task_ids = "plain"

# Folders whose text must not appear in the site; every build searches for it.
private = []                        # ["tasks/private", "runs"]

[policy]
# Trials that ran out of time: "fail" counts them as failed, "drop" leaves them out.
timeout = "fail"

# Trials that ran or read the hidden grader: "keep" them, count them as failed ("fail")
# or leave them out ("drop"). The audit shows all three.
grader_access = "keep"

# Tasks that a combo with results never tried: "apart" says nothing about them, "fail"
# counts them as failed, which takes [publish] cells = true.
missing = "apart"

# The score that counts as passed, for rows that have neither status nor passed.
pass_score = 1.0

# Pass rates shown to be closer than this are called equal.
margin = 0.05

# Ranked entries must share this much of what at least half of all entries ran. Those
# that ran too little of it are listed apart, without a rank.
min_coverage = 0.9

# Whether times on unlike hardware are averaged and compared.
mixed_hardware = false

# Whether one ranking may include two versions of a task.
mixed_task_versions = false

# How to read a table that harness-bench did not write.
[input]
# Our column = its name in the file.
columns = {}                        # {harness = "agent", passed = "resolved"}

# Words in the status column = our status. Use "score" for a word that only says that
# the trial ended; passed or score then decides.
statuses = {}                       # {resolved = "pass", error = "agent_crash"}

# Other spellings of one name.
aliases = {}                        # {model = {"gpt 5" = "gpt-5"}}

# Values that mean "not measured".
unknown = {}                        # {tokens_out = ["0"]}

# What an empty or missing field means. A status, passed or score given here is used
# only if a row has none of the three.
defaults = {}                       # {harness = "aider"}

# Columns of the file that have one of our names but mean something else.
ignore = []                         # ["score"]

# Full marks; scores are divided by this.
score_scale = 1.0                   # 100 for percent

# If a score is then outside 0..1: "error", "clip" it, or treat it as "empty".
score_outside = "error"

# Which column decides if they contradict each other. Default: that is an error.
# verdict = "passed"                # or "status" or "score"

# Two rows for one trial: "error", keep the "first" or the "last", or "number" them as
# trials with different seeds.
duplicates = "error"

# One table for each sweep that needs a name or an explanation.
# [sweeps.q4]
# label = "4-bit sweep"
# note = "Every model in its 4-bit quantisation."
"""
"""Kept here rather than among the templates: it belongs to no page."""
