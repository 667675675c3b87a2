#!/bin/sh
# Fuzzes the readers of every format, each in a process of its own, from bytes to emitted text,
# under AddressSanitizer, and prints a row a format. Status 1 where a file was found that traps,
# takes over FUZZ_TIMEOUT seconds of a processor or more memory than FUZZ_MEGABYTES at once.
#
#   fuzz.sh [FORMAT...]
#
# FUZZ_INPUTS    inputs a format; default 1,000,000
# FUZZ_SECONDS   ends each format earlier; default: no limit
# FUZZ_TIMEOUT   seconds of a processor that one input may take; default 2
# FUZZ_MEGABYTES the largest allocation for files of at most 0.2 MB; default 64
set -eu
cd "$(dirname "$0")/../.."

folder=.build/fuzzing
# Twice, since of two sanitizers SwiftPM gives the Swift compiler only the last.
swift build -c release --scratch-path "$folder" --product fuzz \
  --sanitize fuzzer --sanitize address -Xswiftc -sanitize=fuzzer,address -Xswiftc -DFUZZING \
  >"$folder.log" 2>&1 || { cat "$folder.log"; exit 1; }
.build/release/fuzz seeds "$folder/seeds"

# One line of the table on standard output; what libFuzzer says goes to a log.
fuzz_one() {
  format=$1
  corpus=$folder/corpus/$format
  finds=$folder/finds/$format
  log=$folder/$format.log
  mkdir -p "$corpus" "$finds"
  status=found
  scratch=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)")
  # No stacks of sound allocations: they cost a fifth of the time, and the same program run on a
  # find without that option has them.
  FUZZ_FORMAT=$format FUZZ_SCRATCH=$scratch SWIFT_BACKTRACE=enable=no \
  ASAN_OPTIONS=quarantine_size_mb=16:detect_leaks=0:malloc_context_size=1 \
    "$folder/release/fuzz" "$corpus" "$folder/seeds/$format" \
    -runs="${FUZZ_INPUTS:-1000000}" -max_total_time="${FUZZ_SECONDS:-0}" \
    -timeout=600 -malloc_limit_mb="${FUZZ_MEGABYTES:-64}" -rss_limit_mb=1500 \
    -max_len="$(longest "$format")" -artifact_prefix="$finds/" -print_final_stats=1 \
    -detect_leaks=0 >"$log" 2>&1 && status=0
  rm -rf "$scratch"
  value() { sed -n "s/^stat::$1: *//p" "$log" | tail -n 1; }
  coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  echo "| $format | $(value number_of_executed_units) | ${coverage:-0} |" \
    "$(value slowest_unit_time_sec) | $(value peak_rss_mb) | $status |"
}

# A few times the longest seed.
longest() {
  case "$1" in
    calibration) echo 200000 ;;
    cifar) echo 9219 ;;
    *) echo 32768 ;;
  esac
}

# What stopped a format and the file itself, packed, so that the log of a machine that is gone is
# enough to make it again: base64 -d | gunzip.
say_why() {
  format=$(basename "$(dirname "$1")")
  echo "found: $1"
  grep -aE 'Fatal error|ERROR: |^fuzz: ' "$folder/$format.log" | head -n 3
  gzip -9 -c -n "$1" | base64 -w 0
  echo
}

if [ "${1:-}" = --one ]; then
  fuzz_one "$2"
  exit 0
fi

[ $# -gt 0 ] || set -- $(ls "$folder/seeds")
echo "| format | inputs | edges covered | slowest input, s | peak memory, MB | found |"
echo "|---|---|---|---|---|---|"
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 "$0" --one | tee "$folder/table.md"
if grep -q '| found |$' "$folder/table.md"; then
  find "$folder/finds" -type f ! -name 'slow-unit-*' | while read -r find; do
    say_why "$find"
  done
  exit 1
fi
