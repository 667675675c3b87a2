extension Ecosystem {
  /// A library of PlatformIO, and a project that runs its self-test on this machine.
  /// Source: docs.platformio.org, "library.json".
  static func platformIO(_ library: Library) -> Ecosystem {
    let prefix = library.names.prefix
    let manifest = """
      {
        "name": "\(prefix)",
        "version": "\(library.version)",
        "description": "\(library.description)",
        "keywords": ["machine-learning", "neural-network", "int8"],
        "frameworks": "*",
        "platforms": "*",
        "headers": "\(prefix).h",
        "build": {"flags": "-O2"},
        "examples": [
          {
            "name": "self_test",
            "base": "examples/self_test",
            "files": ["platformio.ini", "src/main.cpp", "src/\(prefix)_self_test.c"]
          }
        ]
      }

      """
    let settings = """
      ; Another environment, as `pio project init --board` writes it, runs the self-test on a board.
      [env:host]
      platform = native
      lib_deps = symlink://../..

      """
    let main = """
      #include "port.h"

      #ifdef ARDUINO
      #include <Arduino.h>

      void setup()
      {
          (void)\(prefix)_self_test();
      }

      void loop()
      {
      }
      #else
      int main()
      {
          return \(prefix)_self_test();
      }
      #endif

      """
    return Ecosystem(
      selfTest: "examples/self_test/src/",
      project: [
        EmittedFile(path: "library.json", text: manifest),
        EmittedFile(path: "examples/self_test/platformio.ini", text: settings),
        EmittedFile(path: "examples/self_test/src/main.cpp", text: main),
      ],
      commands: [
        ("pio run -d examples/self_test -t exec", "runs the self-tests on this machine"),
        ("pio pkg install -l symlink://DIR", "gives a project this folder, DIR, as a library"),
        ("pio pkg pack", "packs it"),
      ], optimization: "`build.flags` in `library.json` are `-O2`.")
  }

  /// A library of Arduino, and a sketch that prints its self-test.
  /// Source: arduino.github.io/arduino-cli, "Library specification", format 1.5.
  static func arduino(_ library: Library) -> Ecosystem {
    let prefix = library.names.prefix
    let properties = """
      name=\(prefix)
      version=\(library.version)
      author=mnquant
      maintainer=mnquant
      sentence=\(library.description).
      paragraph=No heap, no floating point, no recursion: the sketch SelfTest shows that every output is exact.
      category=Data Processing
      url=
      architectures=*
      includes=\(prefix).h

      """
    let sketch = """
      // Prints the self-test of \(prefix) to the serial monitor, at 115200 baud.
      #include <\(prefix).h>

      #include "port.h"

      void port_print(const char *text)
      {
          Serial.print(text);
      }

      void setup()
      {
          Serial.begin(115200);
          while (!Serial) {
          }
          (void)\(prefix)_self_test();
      }

      void loop()
      {
      }

      """
    return Ecosystem(
      headers: "src/", selfTest: "examples/SelfTest/", printsToStdout: false,
      project: [
        EmittedFile(path: "library.properties", text: properties),
        EmittedFile(path: "examples/SelfTest/SelfTest.ino", text: sketch),
      ],
      commands: [
        (
          "arduino-cli compile -b FQBN --library . examples/SelfTest",
          "builds the sketch that prints the self-tests"
        ),
        ("arduino-cli lib install --zip-path ZIP", "installs this folder, zipped"),
      ], optimization: "An Arduino core says how: most take `-Os`.")
  }

  /// A component of ESP-IDF, and a project that runs its self-test.
  /// Source: docs.espressif.com, "Build System", "idf_component.yml Manifest File".
  static func espIDF(_ library: Library) -> Ecosystem {
    let prefix = library.names.prefix
    let manifest = """
      version: "\(library.version)"
      description: "\(library.description)"
      dependencies:
        idf: ">=4.4"

      """
    let component = """
      idf_component_register(
        SRCS
          \(library.list(in: "src/", separator: "\n    "))
        INCLUDE_DIRS include)
      # Whatever the project is compiled with: kernels without it take 20 times the instructions.
      target_compile_options(${COMPONENT_LIB} PRIVATE -O2)

      """
    let project = """
      cmake_minimum_required(VERSION 3.16)
      set(EXTRA_COMPONENT_DIRS ${CMAKE_CURRENT_LIST_DIR}/../..)
      include($ENV{IDF_PATH}/tools/cmake/project.cmake)
      project(\(prefix)_self_test)

      """
    let main = """
      #include "port.h"

      void app_main(void);

      void app_main(void)
      {
          (void)\(prefix)_self_test();
      }

      """
    let folder = "examples/self_test/"
    return Ecosystem(
      selfTest: folder + "main/",
      project: [
        EmittedFile(path: "idf_component.yml", text: manifest),
        EmittedFile(path: "CMakeLists.txt", text: component),
        EmittedFile(path: folder + "CMakeLists.txt", text: project),
        EmittedFile(
          path: folder + "main/CMakeLists.txt",
          text: "idf_component_register(SRCS main.c \(prefix)_self_test.c port_host.c)\n"),
        EmittedFile(path: folder + "main/main.c", text: main),
      ],
      commands: [
        (
          "idf.py -C examples/self_test set-target esp32c3 flash monitor",
          "builds the self-tests and runs them"
        ),
        ("idf.py add-dependency --path DIR \(prefix)", "gives a project this folder, DIR"),
      ], optimization: "`CMakeLists.txt` says `-O2`.")
  }
}

extension Ecosystem {
  /// A module of Zephyr, and a sample that runs its self-test.
  /// Source: docs.zephyrproject.org, "Modules (External projects)".
  static func zephyr(_ library: Library) -> Ecosystem {
    let (prefix, option) = (library.names.prefix, "MNQ_\(library.names.macro)")
    let module = """
      name: \(prefix)
      build:
        cmake: zephyr
        kconfig: zephyr/Kconfig

      """
    let options = """
      config \(option)
      \tbool "\(library.description)"
      \thelp
      \t  The network \(prefix).h, and its kernels.

      """
    let build = """
      if(CONFIG_\(option))
        zephyr_include_directories(../include)
        zephyr_library_named(mnq_\(prefix))
        zephyr_library_sources(
          \(library.list(in: "../src/", separator: "\n    ")))
        # Whatever the image is compiled with: kernels without it take 20 times the instructions.
        zephyr_library_compile_options(-O2)
      endif()

      """
    let sample = """
      cmake_minimum_required(VERSION 3.20.0)
      list(APPEND EXTRA_ZEPHYR_MODULES ${CMAKE_CURRENT_SOURCE_DIR}/../..)
      find_package(Zephyr REQUIRED HINTS $ENV{ZEPHYR_BASE})
      project(\(prefix)_self_test LANGUAGES C)
      target_sources(app PRIVATE src/main.c src/\(prefix)_self_test.c)

      """
    let folder = "samples/self_test/"
    return Ecosystem(
      selfTest: folder + "src/", printsToStdout: false,
      project: [
        EmittedFile(path: "zephyr/module.yml", text: module),
        EmittedFile(path: "zephyr/Kconfig", text: options),
        EmittedFile(path: "zephyr/CMakeLists.txt", text: build),
        EmittedFile(path: folder + "CMakeLists.txt", text: sample),
        EmittedFile(
          path: folder + "prj.conf", text: "CONFIG_\(option)=y\nCONFIG_MAIN_STACK_SIZE=4096\n"),
        EmittedFile(path: folder + "sample.yaml", text: zephyrSample(prefix)),
        EmittedFile(path: folder + "src/main.c", text: zephyrMain(prefix)),
      ],
      commands: [
        (
          "west build -b BOARD samples/self_test -t run",
          "builds the self-tests, and runs them where QEMU has the board"
        ),
        (
          "west build APP -- -DEXTRA_ZEPHYR_MODULES=DIR -DCONFIG_\(option)=y",
          "gives an application this folder, DIR"
        ),
      ], optimization: "`zephyr/CMakeLists.txt` says `-O2`.")
  }

  /// For twister.
  private static func zephyrSample(_ prefix: String) -> String {
    """
    sample:
      name: Self-test of \(prefix)
    tests:
      sample.mnquant.\(prefix):
        harness: console
        harness_config:
          type: one_line
          regex:
            - "self-test: (\\\\d+)/\\\\1 exact"

    """
  }

  private static func zephyrMain(_ prefix: String) -> String {
    """
    #include <zephyr/sys/printk.h>

    #include "port.h"

    void port_print(const char *text)
    {
        printk("%s", text);
    }

    int main(void)
    {
        return \(prefix)_self_test();
    }

    """
  }

  /// A pack for Keil MDK, IAR and csolution projects; the self-test is a template of the component.
  /// Source: Open-CMSIS-Pack specification, PACK.xsd.
  static func cmsisPack(_ library: Library) -> Ecosystem {
    let prefix = library.names.prefix
    let sources = library.sources.map {
      "        <file category=\"source\" name=\"src/\(name($0))\"/>"
    }
    let tests = ["\(prefix)_self_test.c", "port_host.c"].map {
      "        <file category=\"source\" attr=\"template\" select=\"Self-test of \(prefix)\" "
        + "name=\"template/\($0)\"/>"
    }
    let description = """
      <?xml version="1.0" encoding="UTF-8"?>
      <package schemaVersion="1.7.7" xmlns:xs="http://www.w3.org/2001/XMLSchema-instance"
        xs:noNamespaceSchemaLocation="PACK.xsd">
        <vendor>mnquant</vendor>
        <name>\(prefix)</name>
        <description>\(library.description)</description>
        <url></url>
        <releases>
          <release version="\(library.version)">Made by mnquant \(library.version).</release>
        </releases>
        <components>
          <component Cclass="Machine Learning" Cgroup="mnquant" Csub="\(prefix)" \
      Cversion="\(library.version)">
            <description>\(library.description)</description>
            <files>
              <file category="doc" name="README.md"/>
              <file category="include" name="include/"/>
              <file category="header" name="include/\(prefix).h"/>
      \((sources + tests).map { "  " + $0 }.joined(separator: "\n"))
            </files>
          </component>
        </components>
      </package>

      """
    let pack = "../mnquant.\(prefix).\(library.version).pack"
    return Ecosystem(
      selfTest: "template/",
      project: [EmittedFile(path: "mnquant.\(prefix).pdsc", text: description)],
      commands: [
        ("zip -r \(pack) .", "packs this folder"), ("cpackget add \(pack)", "installs the pack"),
        ("component: mnquant::Machine Learning:mnquant:\(prefix)", "takes it into a csolution"),
      ], optimization: "The project that takes the pack says how.")
  }
}
