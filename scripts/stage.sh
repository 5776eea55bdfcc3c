#!/bin/sh
# stage.sh MINUTES NAME COMMAND...: runs a stage under a time limit and prints how
# long it took. With "-" before NAME the command's own closing line stays the last.
set -u
minutes=$1; shift
last_word=stage
if [ "$1" = - ]; then last_word=command; shift; fi
name=$1; shift

# Without a terminal, the limit ends everything that the command started; at a
# terminal that would keep Ctrl-C from the command.
limit=""
if command -v timeout >/dev/null; then
    limit="timeout --kill-after=30"
    if [ -t 0 ]; then limit="$limit --foreground"; fi
    limit="$limit ${minutes}m"
fi

echo "== $name (at most $minutes min)"
start=$(date +%s)
$limit "$@"
code=$?
spent=$(($(date +%s) - start))
if [ "$code" = 124 ]; then
    echo "== $name: stopped after $minutes min" >&2
elif [ "$code" != 0 ]; then
    echo "== $name: failed after $((spent / 60)):$(printf %02d $((spent % 60))) min" >&2
elif [ "$last_word" = stage ]; then
    echo "== $name: $((spent / 60)):$(printf %02d $((spent % 60))) min"
fi
exit "$code"
