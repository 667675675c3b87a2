import CEmitter
import Foundation
import TestSupport
import Testing

/// Tools of the ecosystems take the folders, or what stands in for those that are not to be had here.
@Suite(.enabled(if: Program.crossToolsExist, "\(Program.crossToolsAbsence)"))
struct EcosystemToolsTests {
  private func write(_ text: String, _ path: String, in root: URL) throws {
    let url = root.appending(path: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Builds what `project` says in `root`; returns what was printed.
  private func build(
    _ project: String, _ options: [String] = [], in root: URL
  ) throws -> Program.Outcome {
    try write("cmake_minimum_required(VERSION 3.16)\n" + project, "CMakeLists.txt", in: root)
    let configure = try Program.cmake(["-S", ".", "-B", "b"] + options, in: root)
    try #require(configure.status == 0, "\(configure.output)")
    return try Program.cmake(["--build", "b"], in: root)
  }

  private static let user = """
    #include <stdio.h>
    #include "net.h"
    static NET_ALIGNED uint8_t arena[NET_ARENA_BYTES];
    int main(void) { return net_init(arena) || net_check() || net_run(arena); }
    """

  /// Installed, found from a project that knows only the place, and compiled with C++, too.
  @Test(.enabled(if: Program.cmakeExists, "\(Program.cmakeAbsence)"))
  func cmakeFindsTheInstalledPackage() throws {
    try withTemporaryFolder { root in
      try EcosystemTests.files(.plain, "cortex-m4").write(to: root.appending(path: "net"))
      for step in [
        ["-S", "net", "-B", "built"], ["--build", "built"],
        ["--install", "built", "--prefix", root.appending(path: "there").path],
      ] {
        let outcome = try Program.cmake(step, in: root)
        try #require(outcome.status == 0, "\(outcome.output)")
      }
      try FileManager.default.removeItem(at: root.appending(path: "net"))
      try write(Self.user, "main.c", in: root)
      try write(
        "#include \"net.h\"\nint use(void *arena) { return net_run(arena); }\n", "use.cpp", in: root
      )
      let outcome = try build(
        """
        project(consumer C CXX)
        find_package(net 0.0 REQUIRED)
        add_executable(consumer main.c use.cpp)
        target_link_libraries(consumer net::net)
        """, ["-DCMAKE_PREFIX_PATH=\(root.appending(path: "there").path)"], in: root)
      #expect(outcome.status == 0, "\(outcome.output)")
      #expect(try Program.run(["b/consumer"], in: root).status == 0)
    }
  }

  /// Stand-ins for what ESP-IDF and Zephyr define: as much of it as a library's files call, with the
  /// meaning that their documents give it.
  private static let standIns = """
    function(idf_component_register)
      cmake_parse_arguments(C "" "" "SRCS;INCLUDE_DIRS" ${ARGN})
      add_library(component STATIC ${C_SRCS})
      target_include_directories(component PUBLIC ${C_INCLUDE_DIRS})
      set(COMPONENT_LIB component PARENT_SCOPE)
    endfunction()
    set(CONFIG_MNQ_NET y)
    function(zephyr_include_directories folder)
      set(interface ${CMAKE_CURRENT_SOURCE_DIR}/${folder} CACHE INTERNAL "")
    endfunction()
    function(zephyr_library_named name)
      add_library(${name} STATIC)
      target_include_directories(${name} PUBLIC ${interface})
      set(current ${name} CACHE INTERNAL "")
    endfunction()
    function(zephyr_library_sources)
      target_sources(${current} PRIVATE ${ARGN})
    endfunction()
    function(zephyr_library_compile_options)
      target_compile_options(${current} PRIVATE ${ARGN})
    endfunction()
    """

  /// The library's CMake files inside a project that cross-compiles and links it.
  @Test(
    .enabled(if: Program.cmakeExists, "\(Program.cmakeAbsence)"),
    arguments: [
      (Layout.espIDF, "there", "component"), (.zephyr, "there/zephyr", "mnq_net"),
      (.picoSDK, "there", "net"), (.stm32cube, "there", "net"),
    ])
  func cmakeTakesTheFolder(_ layout: Layout, _ folder: String, _ target: String) throws {
    try withTemporaryFolder { root in
      try EcosystemTests.files(layout, "cortex-m4").write(to: root.appending(path: "there"))
      try write(Self.user, "main.c", in: root)
      let outcome = try build(
        """
        set(CMAKE_SYSTEM_NAME Generic)
        set(CMAKE_C_COMPILER arm-none-eabi-gcc)
        set(CMAKE_C_FLAGS "-mcpu=cortex-m4 -mthumb -Werror")
        set(CMAKE_EXE_LINKER_FLAGS "--specs=nosys.specs")
        project(consumer C)
        \(Self.standIns)
        add_subdirectory(\(folder))
        add_executable(consumer main.c)
        target_link_libraries(consumer \(target))
        """, in: root)
      #expect(outcome.status == 0, "\(outcome.output)")
      let symbols = try Program.run(["arm-none-eabi-nm", "b/consumer"], in: root)
      #expect(symbols.output.contains(" T net_run\n"))
    }
  }

  /// The lines of a Makefile of STM32CubeMX that say what is compiled and how.
  @Test func makeTakesTheMiddleware() throws {
    try withTemporaryFolder { root in
      let place = root.appending(path: "Middlewares/net")
      try EcosystemTests.files(.stm32cube, "cortex-m4").write(to: place)
      try write(Self.user, "Core/Src/main.c", in: root)
      try write(
        """
        C_SOURCES = \\
        Core/Src/main.c
        C_INCLUDES = \\
        -ICore/Inc
        include Middlewares/net/net.mk
        CFLAGS += -mcpu=cortex-m4 -mthumb $(C_INCLUDES) -Og -Wall
        OBJECTS = $(addprefix build/,$(notdir $(C_SOURCES:.c=.o)))
        vpath %.c $(sort $(dir $(C_SOURCES)))
        build/image.elf: $(OBJECTS)
        \tarm-none-eabi-gcc $(CFLAGS) --specs=nosys.specs $^ -o $@
        build/%.o: %.c Makefile | build
        \tarm-none-eabi-gcc -c $(CFLAGS) $< -o $@
        build:
        \tmkdir $@
        """, "Makefile", in: root)
      let outcome = try Program.run(["make", "build/image.elf"], in: root)
      #expect(outcome.status == 0, "\(outcome.output)")
    }
  }

  @Test(
    .enabled(if: Program.exists("xmllint"), "xmllint is missing; `.ci/setup test` installs it"))
  func packIsWellFormed() throws {
    try withTemporaryFolder { root in
      try EcosystemTests.files(.cmsisPack, "cortex-m4").write(to: root)
      let outcome = try Program.run(["xmllint", "--noout", "mnquant.net.pdsc"], in: root)
      #expect(outcome.status == 0 && outcome.output == "", "\(outcome.output)")
    }
  }
}
