# build, demo and test first install what they need; see CONTRIBUTING.md.

# One configuration and one set of flags for everything, so that nothing is compiled twice.
FLAGS := -c release --explicit-target-dependency-import-check error
MNQUANT := .build/release/mnquant

# A folder with CIFAR-10's binary files for the demo; without it, the built-in data set.
DATA ?=

.PHONY: setup build demo test test-fast test-extending test-interop fuzz soak lint format bench bench-peers bench-training dist test-dist docc

# Debian packages: cross compilers and emulators.
setup:
	@.ci/setup

build: setup
	swift build $(FLAGS)

# From float model to firmware whose every output was checked under emulation.
demo: build
	$(MNQUANT) demo $(if $(DATA),--data $(DATA))

# A hundred tests compile the same few kernels, each in a folder of its own; where ccache is, once.
CACHED := PATH="/usr/lib/ccache:$$PATH" CCACHE_DIR="$(CURDIR)/.build/ccache"

# Instrumented, a file takes 5 to 10 times its time: 10 seconds are 1 to 2 of the program as it is.
# `make fuzz`, meant for an idle machine, allows an instrumented file 2.
test: setup lint
	@.ci/setup test
	$(CACHED) swift test $(FLAGS) --disable-testable-imports
	FUZZ_SECONDS=9 FUZZ_TIMEOUT=10 Tests/Fuzzing/fuzz.sh

# Suites that run the whole tool, compile and emulate firmware, try twins of kernels in another
# process, or measure accuracy: most of the time that tests take.
SLOW := AccuracyTests CommandLineTests RandomNetworksTests KernelTwinsTests ThreeWayTests \
  ObjectCodeTests FieldChangeTests LongNetworkTests ConformanceFirmwareTests \
  ReferenceFirmwareTests MobileNetRowTests ProjectTests TwoNetworksTests InstructionCounterTests

# All others: what an edit breaks as a rule.
test-fast: lint
	$(CACHED) swift test $(FLAGS) --disable-testable-imports $(SLOW:%=--skip '%')

# The steps of Docs/Extending.md for an int8 operation, in a copy of the tree: a toy runs in all engines.
test-extending:
	Tests/Extending/run

# Random networks on the whole way from a file to firmware; those that fail are made small.
FIRST ?= 0
SEEDS ?= 20000

soak: build
	.build/release/RandomNetworks --first $(FIRST) --count $(SEEDS)

# Exported models in LiteRT and ONNX Runtime, and in NumPy; their Python environment is made here
# once (0.3 GB).
test-interop: build .build/interop/ready
	cd Tests/Interop && ../../.build/interop/python/bin/python -B -m unittest -v

.build/interop/ready: Tests/Interop/requirements.txt
	@.ci/setup interop
	python3 -m venv .build/interop/python
	.build/interop/python/bin/pip install --quiet --requirement $<
	touch $@

# A million inputs of every format under libFuzzer and AddressSanitizer; CONTRIBUTING.md says more.
fuzz: build
	Tests/Fuzzing/fuzz.sh

# Against other engines, in turn; their Python environment is made here once (6 GB, most of it torch).
bench: build .build/benchmark/ready
	.build/benchmark/python/bin/python Tests/Benchmarks/bench.py --mnquant $(MNQUANT) \
	  --folder .build/benchmark --json .build/benchmark/results.json --results Docs/Results.md

# What installs from PyPI on the same files: LiteRT, ONNX Runtime and writers of C, here and, those that
# write int8, on an emulated Cortex-M4; their Python environment is made here once (0.4 GB).
bench-peers: build .build/peers/ready
	.build/peers/python/bin/python Tests/Benchmarks/peers.py --mnquant $(MNQUANT) \
	  --folder .build/peers --results Docs/Results.md

.build/peers/ready: Tests/Benchmarks/peers.txt
	python3 -m venv .build/peers/python
	.build/peers/python/bin/pip install --quiet --requirement $<
	touch $@

# Steps of training against PyTorch's, in turn.
bench-training: build .build/benchmark/ready
	.build/benchmark/python/bin/python Tests/Benchmarks/training.py --mnquant $(MNQUANT) \
	  --json .build/benchmark/training.json

.build/benchmark/ready: Tests/Benchmarks/requirements.txt
	python3 -m venv .build/benchmark/python
	.build/benchmark/python/bin/pip install --quiet --requirement $<
	touch $@

# What users install: tarball, Debian package and Python wheel in .build/dist, the same bytes for the
# same commit. Compiles everything anew, against the static runtime.
dist: setup
	PYTHONDONTWRITEBYTECODE=1 Sources/Packaging/dist.py

# That, in Debian roots without a compiler; needs root.
test-dist: .build/dist/python/ready
	Tests/Packaging/run

.build/dist/python/ready: Tests/Packaging/requirements.txt
	python3 -m venv .build/dist/python
	.build/dist/python/bin/pip install --quiet --requirement $<
	touch $@

# Documentation of every module, by the toolchain's own docc, in .build/docc.
docc: build
	Sources/Packaging/docc.py

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format:
	swift format format --in-place --recursive --parallel Package.swift Sources Tests
