import BoardKernels
import Boards
import CEmitter
import Engines
import FixedPoint
import LayerCases
import QuantizedIR
import Testing

@Suite struct FirmwareTests {
  private func firmware(
    _ model: QuantizedModel = SmallNetwork.model, board: String = "cortex-m4",
    prefix: String = "net"
  ) throws -> Firmware {
    let input = SmallNetwork.input(seed: 0)
    let test = SelfTest(input: input, output: BoundModel.plain(SmallNetwork.model).run(input))
    return try Firmware(
      model, board: BoardCatalog.board(named: board), prefix: prefix, selfTests: [test],
      trace: RowTrace.checksums)
  }

  @Test(arguments: [
    "", "1net", "my-net", "näve", "a b", "mnq", "port", "PORT", "e\u{301}", "net\u{301}", "_net",
    "_Net",
    "__net", "net_", "a__b", "main", "Main", "int", "INT", "while", "inline", "class", "namespace",
    "stdint",
    "string", "StdIO", "math", "unistd", "pthread", "semihosting", "arm_math", "core_cm4",
    "cmsis_gcc",
    "stm32f4xx_hal", "Arduino", "FreeRTOS", "mnq_runtime", "port_x", "c", "m", "all", "a/b",
    "../net", "n\n",
    String(repeating: "n", count: 41),
  ])
  func rejectsPrefix(_ prefix: String) {
    let error = #expect(throws: EmitError.self) { try firmware(prefix: prefix) }
    guard case .prefix(prefix, _)? = error else {
      Issue.record("\(prefix): \(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    "net", "n", "X", "strong", "island", "interior", "mainly", "portal", "mnqx", "v2", "a_b",
  ])
  func takesPrefix(_ prefix: String) throws { try Firmware.check(prefix: prefix) }

  @Test func namesFollowThePrefix() throws {
    let files = try firmware(prefix: "Eyes2").files()
    let paths = Set(files.map(\.path))
    #expect(
      paths.isSuperset(of: [
        "include/Eyes2.h", "include/Eyes2_weights.h", "include/Eyes2_layers.h",
        "include/Eyes2_selftest.h", "Eyes2.c", "Eyes2.json", "main.c", "Makefile",
        "CMakeLists.txt", "README.md", "port/port.h", "runtime/mnq_runtime.h",
      ]))
    let text = files.filter { $0.path.hasSuffix(".c") || $0.path.hasSuffix(".h") }
      .map(\.text).joined()
    #expect(!text.contains("net_"))
    #expect(!text.contains("NET_"))
    #expect(text.contains("EYES2_ARENA_BYTES"))
  }

  @Test func shipsTheKernelsInUseAndNoOthers() throws {
    let kernels = try firmware().files().map(\.path).filter {
      $0.hasPrefix("runtime/") && $0.hasSuffix(".c")
    }
    #expect(
      kernels.sorted() == [
        "runtime/mnq_add_fast.c", "runtime/mnq_check.c", "runtime/mnq_conv2d_dsp.c",
        "runtime/mnq_depthwise_conv2d_dsp.c", "runtime/mnq_lookup.c", "runtime/mnq_mean.c",
        "runtime/mnq_multiply_fast.c",
      ])
  }

  /// A layer that a fast kernel would not compute exactly keeps the portable one.
  @Test func fallsBackToThePortableKernels() throws {
    var model = SmallNetwork.model
    guard case .conv2D(var stem) = model.layers[0].operation else {
      Issue.record("the first layer is a convolution")
      return
    }
    stem.rounding = .singleUp
    model.layers[0].operation = .conv2D(stem)
    let paths = try firmware(model).files().map(\.path)
    #expect(paths.contains("runtime/mnq_conv2d.c"))
    stem.rounding = .double
    stem.shifts = Constants(stem.shifts.values.map { _ in 25 })
    model.layers[0].operation = .conv2D(stem)
    #expect(try firmware(model).files().map(\.path).contains("runtime/mnq_conv2d.c"))
  }

  /// Channels whose accumulators reach two codes, far from zero, need no kernel of their own.
  @Test func largeBiasesTakeTheFastKernel() throws {
    #expect(try kernels(of: "conv2d-pointwise-large-bias") == ["conv2d_dsp"])
  }

  /// A lookup runs inside the layer before it, where that has one rounding for all channels.
  @Test(arguments: [
    ("conv2d-3x3-saturating-lookup", ["conv2d_dsp"]),
    ("depthwise-conv2d-3x3-1-lookup", ["depthwise_conv2d_dsp"]),
    ("depthwise-conv2d-3x3-17-lookup", ["depthwise_conv2d_dsp", "lookup"]),
  ])
  func lookupsJoinTheLayerBefore(_ name: String, _ kernels: [String]) throws {
    #expect(try self.kernels(of: name) == kernels)
  }

  /// What runs the layers of a case on a Cortex-M4.
  private func kernels(of name: String) throws -> [String] {
    let row = try #require(LayerCase.all.first { $0.name == name })
    let input = row.input(seed: 0)
    let firmware = try Firmware(
      row.model, board: BoardCatalog.board(named: "cortex-m4"), prefix: "net",
      selfTests: [SelfTest(input: input, output: BoundModel.plain(row.model).run(input))],
      trace: RowTrace.checksums)
    return firmware.layers.map(\.kernel)
  }

  @Test func commentsAndStringsCannotBeBrokenOutOf() throws {
    var model = SmallNetwork.model
    model.layers[0].name = "stem */ int broken; /*\nx"
    model.labels[0] = "a\"b\\c??/\n\u{E9}"
    let files = try firmware(model).files()
    let layers = try #require(files.first { $0.path == "include/net_layers.h" })
    #expect(layers.text.contains("0 stem * / int broken; / *\\u{A}x:"))
    let source = try #require(files.first { $0.path == "net.c" })
    #expect(source.text.contains(#""a\"b\\c\?\?/\012\303\251","#))
  }

  @Test(arguments: ExactRuntime.allCases)
  func headersNameTheRuntime(_ runtime: ExactRuntime) throws {
    var model = SmallNetwork.model
    model.provenance.exactWith = runtime
    for file in try firmware(model).files() where file.path.hasPrefix("include/net") {
      #expect(file.text.contains(", exact with \(runtime.rawValue)\n"), "\(file.path)")
    }
  }

  /// Whoever makes codes of real numbers needs to know where an input's begin.
  @Test func headersTellTheRealOffset() throws {
    var model = SmallNetwork.model
    func header() throws -> String {
      try #require(firmware(model).files().first { $0.path == "include/net.h" }).text
    }
    #expect(try !header().contains("REAL_OFFSET"))
    model.tensors[model.input].realOffset = 0.25
    #expect(try header().contains("\n#define NET_INPUT_REAL_OFFSET 0.25\n"))
    #expect(try header().contains("(code - NET_INPUT_ZERO_POINT) + NET_INPUT_REAL_OFFSET"))
  }

  @Test func rejectsModelsWithoutWork() {
    var model = SmallNetwork.model
    model.layers = []
    #expect(throws: ScheduleError.noLayers(model: "small")) { try model.budget() }
  }

  @Test func saysWhatABoardLacks() throws {
    var board = try BoardCatalog.board(named: "stm32f103-bluepill")
    board.ramBytes = 2 * 1024
    let budget = try SmallNetwork.model.budget()
    let error = #expect(throws: BoardError.self) { try board.check(budget) }
    #expect(
      error?.description
        == "needs 3 KiB of RAM, stm32f103-bluepill has 2 KiB: 1 KiB too much (layer 'stem' "
        + "alone needs 1 KiB); a smaller input or width multiplier would help, or the board "
        + "stm32f103-bluepill, where it fits: `mnquant targets` lists all")
  }
}
