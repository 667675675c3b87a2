import Boards
import CEmitter
import Engines
import Foundation
import ModelImport
import QuantizedIR
import Tensors
import TestSupport
import Testing

/// The firmware of MLPerf Tiny's int8 reference models gives the bytes that LiteRT, TFLM and
/// CMSIS-NN give.
@Suite(
  .enabled(
    if: Locations.isShared("models/cifar10-resnet8.int8.tflite"),
    "\(Locations.absence(of: "models/cifar10-resnet8.int8.tflite"))"),
  .enabled(if: Program.crossToolsExist, "\(Program.crossToolsAbsence)"))
struct ReferenceFirmwareTests {
  @Test(arguments: ["cortex-m4", "cortex-m55"], ExactRuntime.allCases)
  func vww(_ board: String, _ runtime: ExactRuntime) throws {
    try check("vww-mobilenet-v1-025-96.int8", runtime, board, output: [0x78, 0x88])
  }

  @Test(arguments: ["cortex-m4", "cortex-m55"], ExactRuntime.allCases)
  func resnet8(_ board: String, _ runtime: ExactRuntime) throws {
    try check(
      "cifar10-resnet8.int8", runtime, board,
      output: [0x80, 0x80, 0x82, 0x83, 0x80, 0x80, 0x7B, 0x80, 0x80, 0x80])
  }

  /// Emits the model with one self-test, whose input is that of a linear congruential generator.
  private func check(
    _ name: String, _ runtime: ExactRuntime, _ board: String, output: [UInt8]
  ) throws {
    let path = Locations.shared.appending(path: "models/\(name).tflite").path
    let imported = try ModelImporter.load(path: path, exactWith: runtime).model
    guard case .quantized(let model) = imported else {
      Issue.record("\(name) is no int8 model")
      return
    }
    var state: UInt32 = 12345
    let input = (0..<model.inputTensor.shape.count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Int8(truncatingIfNeeded: state >> 24)
    }
    let test = SelfTest(input: input, output: output.map { Int8(bitPattern: $0) })
    let firmware = try Firmware(
      model, board: BoardCatalog.board(named: board), prefix: "net", selfTests: [test],
      trace: RowTrace.checksums)
    try withTemporaryFolder { folder in
      try firmware.files().write(to: folder)
      let result = try Program.run(["make", "run"], in: folder)
      #expect(result.status == 0)
      #expect(result.output.contains("self-test: 1/1 exact\n"), "\(result.output)")
    }
  }
}
