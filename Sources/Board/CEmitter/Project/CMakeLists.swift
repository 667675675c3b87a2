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
