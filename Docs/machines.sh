#!/bin/bash
# Calibrates, quantizes and compares on N tasks of a Slurm cluster: machines.sh N DATA MODEL
# All nodes see the current folder, DATA and MODEL. The result is in comparison.json.
set -euo pipefail
n=$1 data=$2 model=$3
# Prints the job's number: submit NAME OPTIONS... COMMAND.
submit() { sbatch --parsable --chdir "$PWD" --output %x-%j.log --job-name "$@"; }
task='$SLURM_ARRAY_TASK_ID'

ranges=$(submit ranges --array "1-$n" --wrap \
  "mnquant calibrate --data '$data' --model '$model' --shard $task/$n --out ranges-$task.json")
int8=$(submit int8 --dependency "afterok:$ranges" --wrap \
  "mnquant calibrate merge ranges-*.json && mnquant quantize --model '$model' --data '$data' --out model.mnq")
pair="--data '$data' --model '$model' --quantized model.mnq"
parts=$(submit parts --array "1-$n" --dependency "afterok:$int8" --wrap \
  "mnquant compare $pair --shard $task/$n --out part-$task.json")
submit comparison --dependency "afterok:$parts" --wrap \
  "mnquant compare $pair --merge part-*.json --json > comparison.json"
