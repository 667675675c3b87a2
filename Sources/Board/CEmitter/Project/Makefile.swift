internal import Boards

/// The `Makefile`: library and budget, emulation, and self-tests on the host.
struct Makefile {
  let board: Board
  let names: Names
  /// The C files of the library: the network and its kernels.
  let sources: [String]
  let arenaBytes: Int

  var file: EmittedFile {
    EmittedFile(path: "Makefile", text: settings + library + (emulation ?? noEmulation) + host)
  }

  private var archive: String { "build/lib\(names.prefix).a" }

  private var settings: String {
    """
    # make            the library for \(board.name), and what it takes of the board
    \(emulatedGoals)\
    # make host-run   self-tests on this machine
    CROSS ?= \(board.toolchain)
    # Another compiler on the command line, such as Debian's
    # make CC='clang --target=arm-none-eabi -fshort-enums -isystem /usr/include/newlib'
    ifneq ($(origin CC),command line)
    CC := $(CROSS)gcc
    endif
    OPTIMIZE ?= -O2
    CFLAGS := $(OPTIMIZE) -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror \\
      -ffunction-sections -fdata-sections -MMD -Iinclude -Iruntime -Iport
    # With link-time optimization the library holds machine code, too, whose size can be told, a
    # compilation without it tells what stack that takes, and main.c stays out of it.
    LTO := $(findstring -flto,$(OPTIMIZE))
    ifneq ($(LTO),)
    CFLAGS += -ffat-lto-objects
    endif
    BOARD_FLAGS := \(board.flags.joined(separator: " "))
    SOURCES := \(sources.joined(separator: " \\\n  "))

    .PHONY: all run rows host-run clean
    .DELETE_ON_ERROR:


    """
  }

  private var emulatedGoals: String {
    guard board.emulator != nil else { return "" }
    return """
      # make run        self-tests and figures under emulation
      # make rows       self-tests and the instructions of each row of the layer table

      """
  }

  /// Stack: a kernel never calls another, so the deepest call is the network's own frames and
  /// those of one kernel; the compiler's `.su` files hold them.
  private var library: String {
    """
    all: \(archive)
    \t@$(CROSS)size -t $< | awk 'END { show("flash", $$1 + $$2, \(board.flashBytes)); \\
      show("RAM", \(board.runsFromRAM ? "$$1 + $$2 + $$3" : "$$3") + \(arenaBytes), \(board.ramBytes)) } \\
      function show(name, bytes, of) { \\
        printf "%s: %d of %d bytes (%.1f%%)\\n", name, bytes, of, 100 * bytes / of }'
    \t@awk '{ sum[FILENAME] += $$(NF - 1) } \\
      END { for (file in sum) if (file ~ /runtime/) { if (sum[file] > most) most = sum[file] } \\
        else own += sum[file]; \\
        printf "stack: at most %d of %d bytes beside the arena\\n", own + most, \\
          \(board.ramBytes - arenaBytes) }' $(SOURCES:%.c=build/%.su)

    \(archive): $(SOURCES:%.c=build/%.o)
    \t@rm -f $@
    \t@$(CROSS)ar rcs $@ $^

    build/%.o: %.c Makefile
    \t@mkdir -p $(@D)
    \t$(if $(LTO),@$(CC) $(BOARD_FLAGS) $(CFLAGS) -fno-lto -fstack-usage -c $< -o $@)
    \t@$(CC) $(BOARD_FLAGS) $(CFLAGS) -fstack-usage -c $< -o $@


    """
  }

  /// Goals that somebody may ask for all the same.
  private var noEmulation: String {
    """
    run rows:
    \t@echo 'make $@: nothing here emulates \(board.name). `make host-run` runs the self-tests on' \\
    \t  'this machine; on the board, build main.c with a port_print of your own.' >&2; exit 1


    """
  }

  private var emulation: String? {
    guard let emulator = board.emulator else { return nil }
    let command = emulator.command.joined(separator: " ")
    let objects = emulator.sources.map { "build/emulated/port/" + $0.replacing(".c", with: ".o") }
    let tick = emulator.picosecondsPerTick.map { " -DPORT_PICOSECONDS_PER_TICK=\($0)" } ?? ""
    return """
      run: build/firmware.elf
      \t@\(command) $< </dev/null

      rows: build/rows.elf
      \t@\(command) $< </dev/null

      build/firmware.elf: build/emulated/main.o
      build/rows.elf: build/emulated/rows.o
      build/firmware.elf build/rows.elf: \(objects.joined(separator: " \\\n  ")) \\
        \(archive)
      \t@$(CROSS)gcc $(BOARD_FLAGS) \(emulator.linkFlags.joined(separator: " ")) -Wl,--gc-sections \\
        -Lport -T \(emulator.linkerScript) $(filter %.o,$^) \(archive) -o $@

      build/emulated/%.o: CFLAGS += $(LTO:%=-fno-lto)

      build/emulated/rows.o: main.c Makefile
      \t@mkdir -p $(@D)
      \t@$(CC) $(BOARD_FLAGS) $(CFLAGS) -DPORT_EMULATED -DPORT_ROWS\(tick) -I. -c $< -o $@

      build/emulated/%.o: %.c Makefile
      \t@mkdir -p $(@D)
      \t@$(CC) $(BOARD_FLAGS) $(CFLAGS) -DPORT_EMULATED\(tick) -c $< -o $@


      """
  }

  private var host: String {
    """
    HOST_CC ?= cc
    HOST_OBJECTS := $(patsubst %.c,build/host/%.o,$(SOURCES) main.c port/port_host.c)

    host-run: build/host/firmware
    \t@./$<

    build/host/firmware: $(HOST_OBJECTS)
    \t@$(HOST_CC) $^ -o $@

    build/host/%.o: %.c Makefile
    \t@mkdir -p $(@D)
    \t@$(HOST_CC) $(CFLAGS) -c $< -o $@

    clean:
    \trm -rf build

    -include $(shell find build -name '*.d' 2>/dev/null)

    """
  }
}

/// `CMakeLists.txt`: the library for a project that uses CMake, and its self-test on the host.
struct CMakeLists {
  let names: Names
  /// The C files of the library: the network and its kernels.
  let sources: [String]

  var file: EmittedFile {
    let (prefix, macro) = (names.prefix, names.macro)
    let text = """
      # add_subdirectory(this folder), then target_link_libraries(firmware \(prefix)).
      cmake_minimum_required(VERSION 3.13)
      project(\(prefix) C)

      add_library(\(prefix) STATIC
        \(sources.joined(separator: "\n  ")))
      target_include_directories(\(prefix) PUBLIC include runtime)
      set_target_properties(\(prefix) PROPERTIES
        C_STANDARD 99 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)

      # Behind the build type's own choice: kernels without optimization take 20 times the
      # instructions and several times the stack. Empty leaves it to the build type.
      set(MNQ_OPTIMIZE -O2 CACHE STRING "How the networks of mnquant are optimized")
      if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
        target_compile_options(\(prefix) PRIVATE
          -Wall -Wextra -Wpedantic -Wconversion -ffunction-sections -fdata-sections ${MNQ_OPTIMIZE})
      endif()

      option(\(macro)_SELF_TEST "Build the self-test for this machine" OFF)
      if(\(macro)_SELF_TEST)
        add_executable(\(prefix)_self_test main.c port/port_host.c)
        target_include_directories(\(prefix)_self_test PRIVATE port)
        target_link_libraries(\(prefix)_self_test PRIVATE \(prefix))
      endif()

      """
    return EmittedFile(path: "CMakeLists.txt", text: text)
  }
}
