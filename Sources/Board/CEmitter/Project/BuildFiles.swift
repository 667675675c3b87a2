internal import Boards

/// The `Makefile`: library and budget, emulation, and self-tests on the host.
struct Makefile {
  let board: Board
  let names: Names
  /// The C files of the library: the network and its kernels.
  let sources: [String]
  let arenaBytes: Int
  /// Whether there is `validate.c`.
  let validates: Bool

  var file: EmittedFile {
    EmittedFile(
      path: "Makefile",
      text: settings + library + (emulation ?? noEmulation) + (validates ? validation : "") + host)
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

    .PHONY: all run rows host-run validate host-validate clean
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
    let tick =
      (emulator.picosecondsPerTick.map { " -DPORT_PICOSECONDS_PER_TICK=\($0)" } ?? "")
      + (validates ? emulator.uart.map { " -DPORT_UART=\($0.address)u" } ?? "" : "")
    return """
      run: build/firmware.elf
      \t@\(command) $< </dev/null

      rows: build/rows.elf
      \t@\(command) $< </dev/null

      build/firmware.elf: build/emulated/main.o
      build/rows.elf: build/emulated/rows.o
      build/firmware.elf build/rows.elf build/validate.elf: \(objects.joined(separator: " \\\n  ")) \\
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

  /// SERIAL is what QEMU takes for a line: a pseudo-terminal of its own, whose name it prints.
  private var validation: String {
    let emulated =
      board.emulator.flatMap { emulator in
        emulator.uart.map { uart in
          let command = emulator.command.joined(separator: " ")
            .replacing("-serial null", with: "-serial $(SERIAL)")
          return """
            SERIAL ?= pty
            validate: build/validate.elf
            \t@\(command) $< </dev/null

            build/validate.elf: build/emulated/validate.o \
              build/emulated/port/\(uart.source.replacing(".c", with: ".o"))


            """
        }
      } ?? ""
    return emulated + """
      host-validate: build/host/validate
      \t@./$<

      build/host/validate: $(patsubst %.c,build/host/%.o,$(SOURCES) validate.c port/port_pty.c)
      \t@$(HOST_CC) $^ -o $@


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

/// `CMakeLists.txt`: the library for a project that uses CMake.
struct CMakeLists {
  let library: Library
  /// Folders of what a program includes.
  let headers: String
  /// The folder of the C files, with its `/`; `nil` for the plain layout, which can be installed and has
  /// the self-test for the host.
  let sources: String?

  /// For the README.
  static let optimization = "CMake takes `-DMNQ_OPTIMIZE=-Os`; the default is `-O2`."

  private var prefix: String { library.names.prefix }

  var file: EmittedFile {
    EmittedFile(path: "CMakeLists.txt", text: target + (sources == nil ? install + selfTest : ""))
  }

  private var target: String {
    let files = library.sources.map { path in
      sources.map { $0 + Ecosystem.name(path) } ?? path
    }
    let folders = headers.split(separator: " ").map {
      "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/\($0)>"
    }
    let use =
      sources == nil
      ? "add_subdirectory(this folder), or install it and find_package(\(prefix))"
      : "add_subdirectory(this folder)"
    return """
      # \(use);
      # then target_link_libraries(firmware \(prefix)::\(prefix)).
      cmake_minimum_required(VERSION 3.13)
      project(\(prefix) VERSION \(library.version) LANGUAGES C)

      add_library(\(prefix) STATIC
        \(files.joined(separator: "\n  ")))
      add_library(\(prefix)::\(prefix) ALIAS \(prefix))
      target_include_directories(\(prefix) PUBLIC
        \(folders.joined(separator: "\n  "))
        $<INSTALL_INTERFACE:include/\(prefix)>)
      set_target_properties(\(prefix) PROPERTIES
        C_STANDARD 99 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)

      # Behind the build type's own choice: kernels without optimization take 20 times the
      # instructions and several times the stack. Empty leaves it to the build type.
      set(MNQ_OPTIMIZE -O2 CACHE STRING "How the networks of mnquant are optimized")
      if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
        target_compile_options(\(prefix) PRIVATE
          -Wall -Wextra -Wpedantic -Wconversion -ffunction-sections -fdata-sections ${MNQ_OPTIMIZE})
      endif()

      """
  }

  /// Headers in a folder of their own, so that networks of several versions can be installed.
  private var install: String {
    """

    include(CMakePackageConfigHelpers)
    write_basic_package_version_file(\(prefix)ConfigVersion.cmake COMPATIBILITY SameMinorVersion)
    install(TARGETS \(prefix) EXPORT \(prefix) ARCHIVE DESTINATION lib)
    install(EXPORT \(prefix) NAMESPACE \(prefix):: FILE \(prefix)Config.cmake
      DESTINATION lib/cmake/\(prefix))
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/\(prefix)ConfigVersion.cmake
      DESTINATION lib/cmake/\(prefix))
    install(FILES
      \(library.headers.joined(separator: "\n  "))
      DESTINATION include/\(prefix))

    """
  }

  private var selfTest: String {
    let macro = library.names.macro
    return """

      option(\(macro)_SELF_TEST "Build the self-test for this machine" OFF)
      if(\(macro)_SELF_TEST)
        add_executable(\(prefix)_self_test main.c port/port_host.c)
        target_include_directories(\(prefix)_self_test PRIVATE port)
        target_link_libraries(\(prefix)_self_test PRIVATE \(prefix))
      endif()

      """
  }
}

extension Ecosystem {
  /// A folder for a project of the Pico SDK, and a project that runs the self-test.
  /// Source: raspberrypi/pico-sdk, README.md.
  static func picoSDK(_ library: Library) -> Ecosystem {
    let prefix = library.names.prefix
    let project = """
      # cmake -S . -B build -DPICO_BOARD=pico && cmake --build build
      cmake_minimum_required(VERSION 3.13)
      include($ENV{PICO_SDK_PATH}/external/pico_sdk_import.cmake)
      project(\(prefix)_self_test C CXX ASM)
      pico_sdk_init()

      add_subdirectory(../.. \(prefix))
      add_executable(\(prefix)_self_test main.c \(prefix)_self_test.c port_host.c)
      target_link_libraries(\(prefix)_self_test \(prefix) pico_stdlib)
      pico_enable_stdio_uart(\(prefix)_self_test 1)
      pico_add_extra_outputs(\(prefix)_self_test)

      """
    let main = """
      #include "pico/stdlib.h"
      #include "port.h"

      int main(void)
      {
          stdio_init_all();
          return \(prefix)_self_test();
      }

      """
    return Ecosystem(
      selfTest: "examples/self_test/",
      project: [
        CMakeLists(library: library, headers: "include", sources: "src/").file,
        EmittedFile(path: "examples/self_test/CMakeLists.txt", text: project),
        EmittedFile(path: "examples/self_test/main.c", text: main),
      ],
      commands: [
        (
          "cmake -S examples/self_test -B build -DPICO_BOARD=pico && cmake --build build",
          "builds the self-tests, which print to the UART"
        ),
        ("add_subdirectory(DIR \(prefix))", "gives a project this folder, DIR"),
      ], optimization: CMakeLists.optimization)
  }

  /// A middleware for projects that STM32CubeMX made for CMake, for make or for STM32CubeIDE.
  static func stm32Cube(_ library: Library) -> Ecosystem {
    let prefix = library.names.prefix
    let makefile = """
      # In the Makefile that STM32CubeMX wrote, behind its C_INCLUDES: include FOLDER/\(prefix).mk
      \(library.names.macro)_FOLDER := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
      C_SOURCES += $(addprefix $(\(library.names.macro)_FOLDER)/Src/, \\
        \(library.list(in: "", separator: " \\\n  ")))
      C_INCLUDES += -I$(\(library.names.macro)_FOLDER)/Inc

      """
    return Ecosystem(
      headers: "Inc/", sources: "Src/", selfTest: "SelfTest/",
      project: [
        CMakeLists(library: library, headers: "Inc", sources: "Src/").file,
        EmittedFile(path: "\(prefix).mk", text: makefile),
      ],
      commands: [
        (
          "add_subdirectory(Middlewares/\(prefix))",
          "in a project for CMake, takes this folder there"
        ),
        ("include Middlewares/\(prefix)/\(prefix).mk", "in a project for make"),
        (
          "\(prefix)_self_test()",
          "runs the self-tests of `SelfTest/`, behind the set-up of `printf`"
        ),
      ], optimization: CMakeLists.optimization)
  }
}
