#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes with one target for a while, from its seeds and from what earlier runs kept, and says in one line what came of
# it. What it finds stays in a file beside the binary; put it into corpus/NAME/ with the fix, so that it is run for ever.
# usage: run.sh BINARY SECONDS
set -uo pipefail
binary=$(realpath "$1") seconds=$2
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
name=$(basename "$binary")
name=${name#fuzz_}
work=$(dirname "$binary")/runs/$name
mkdir -p "$work/corpus"
log=$work/log

"$binary" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -dict=tokens.dict \
  -artifact_prefix="$work/" -print_final_stats=1 "$work/corpus" "corpus/$name" >"$log" 2>&1
status=$?

count() { grep -oE "stat::$1: +[0-9]+" "$log" | grep -oE '[0-9]+$' || echo 0; }
coverage=$(grep -oE 'cov: [0-9]+ ft: [0-9]+ corp: [0-9]+' "$log" | tail -1)
printf 'fuzz %-15s %9d runs, %6d/s, %s%s\n' "$name" "$(count number_of_executed_units)" \
  "$(count average_exec_per_sec)" "${coverage:-no coverage}" "$([[ $status == 0 ]] || echo ', FAILED')"
if [[ $status != 0 ]]; then
  grep -vE '^#[0-9]+' "$log" | grep -A 30 -E '==== broken|ERROR: |runtime error|ALARM' | head -60
  echo "again: $binary $(grep -oE "$work/(crash|timeout|oom|leak|slow-unit)-[0-9a-f]+" "$log" | tail -1)"
  echo "log:   $log"
fi
exit $status
