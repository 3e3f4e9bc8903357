#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Breaks the product on purpose, one way at a time, and sees whether the simulation notices: every patch in mutants/
# must be found within the seeds that its second line states, and with so many servers (none named: one). Works on a copy of the sources in build/mutants.
# Arguments: names of mutants; none: all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work=$PWD/build/mutants
sources=$work/sources
build=$work/build
patches=$PWD/test/simulation/mutants

copy_sources() {
  mkdir -p "$sources"
  # Only what differs is copied, so that the build goes on from where the last one stopped.
  # http/ as a whole: it has files that become part of the binary.
  git -c safe.directory="$PWD" ls-files -z -- '*.cpp' '*.hpp' '*CMakeLists.txt' cmake http |
    while IFS= read -r -d '' file; do
      [[ -f $file ]] || continue
      cmp -s "$file" "$sources/$file" || install -D -m 644 "$file" "$sources/$file"
    done
}

compile() { # log file
  cmake --build "$build" --target simulate >"$1" 2>&1
}

row() { printf '%-28s %-10s %7s %7s  %s\n' "$@"; }

copy_sources
cmake -S "$sources" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG='-O1 -DNDEBUG' \
  -DSANDBASE_TESTS=ON >/dev/null
compile "$work/unchanged.log" || { cat "$work/unchanged.log"; exit 1; }

names=("$@")
(($#)) || mapfile -t names < <(cd "$patches" && printf '%s\n' *.patch | sed 's/\.patch$//')
row mutant outcome seed within 'what it was found by'
survivors=0
for name in "${names[@]}"; do
  patch_file=$patches/$name.patch
  within=$(sed -nE '2s/^seeds: ([0-9]+).*/\1/p' "$patch_file")
  servers=$(sed -nE '2s/.*, servers: ([0-9]+)$/\1/p' "$patch_file")
  log=$work/$name.log
  if ! patch -d "$sources" -p1 -s --no-backup-if-mismatch <"$patch_file" >"$log" 2>&1; then
    row "$name" 'NO FIT' - "$within" "$(head -1 "$log")"
    survivors=$((survivors + 1))
    copy_sources
    continue
  fi
  if ! compile "$log"; then
    row "$name" 'NO BUILD' - "$within" "$(grep -m1 'error:' "$log" || true)"
    survivors=$((survivors + 1))
  elif "$build/test/simulation/simulate" --runs "$within" --servers "${servers:-1}" --jobs 2 >"$log" 2>&1; then
    row "$name" SURVIVES - "$within" "$(sed -n 1p "$patch_file")"
    survivors=$((survivors + 1))
  else
    said=$(grep -aoE -m1 '^seed [0-9]+: .*' "$log" || echo 'seed ?: unknown')
    row "$name" found "$(cut -d' ' -f2 <<<"${said%%:*}")" "$within" "$(sed -E 's/^seed [0-9?]+:? //' <<<"$said" | cut -c1-100)"
  fi
  copy_sources
done
((survivors == 0)) || { echo "$survivors mutants were not found"; exit 1; }
echo "every mutant was found"
