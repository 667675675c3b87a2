import BoardKernels
import Boards
import CEmitter
import Engines
import Foundation
import LayerCases
import ModelExport
import QuantizedIR
import Testing

/// Any file that differs from a model's in one number is refused with a sentence, or everything
/// that takes models works with it and all engines give the same bytes.
@Suite struct FieldChangeTests {
  /// Each kind of layer, alone and after others.
  private static let models: [QuantizedModel] =
    [
      "conv2d-stem", "conv2d-grouped", "conv2d-dilated", "conv2d-pointwise-1-1-curve",
      "depthwise-conv2d-multiplier-2", "depthwise-conv2d-dilated", "fully-connected-17-3",
      "add-channelwise", "multiply-channelwise", "average-pool-3x3-padded", "mean-1x3", "lookup-17",
      "max-pool-3x3-padded", "softmax-rows", "maximum-channelwise", "pad-every-axis",
      "transpose-matrix", "concatenation-axis-1", "wide-16-16-conv2d-one-pixel",
      "wide-16-16-add-", "wide-16-8-mean-",
    ].compactMap { name in LayerCase.all.first { $0.name.hasPrefix(name) }?.model }
    + [LayerCase(name: "small", model: SmallNetwork.model).model]

  /// Each some of the models.
  private static let parts = 4

  /// In a process of its own, which a trap would end: the last line that it printed names the
  /// change.
  @Test(arguments: 0..<parts) func oneNumberIsRefusedOrWorks(_ part: Int) async throws {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent]
    ) { [part = part as Int] in
      try FieldChangeTests.tryAll(part)
    }
    let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    let last = output.split(separator: "\n").last.map(String.init) ?? "nothing"
    print(last)
    #expect(last.hasPrefix("tried"), "the last change was: \(last)")
  }

  /// Prints each change before it is tried, and at last how many there were.
  private static func tryAll(_ part: Int) throws {
    let boards = try ["cortex-m4", "cortex-m55"].map { try BoardCatalog.board(named: $0) }
    var (refused, worked) = (0, 0)
    try #require(models.count == 22)
    for (index, model) in models.enumerated() where index % parts == part {
      try FieldChanges(model).forEach { what, bytes in
        say("\(model.name), \(what)")
        do throws(ModelFileError) {
          let changed = try QuantizedModel(fileBytes: bytes)
          use(changed, boards)
          worked += 1
        } catch {
          refused += 1
        }
      }
    }
    #expect(refused > worked && worked > 50)
    say("tried \(refused + worked) changes: \(refused) refused, \(worked) worked")
  }

  /// Runs, exports and emits a model.
  private static func use(_ model: QuantizedModel, _ boards: [Board]) {
    let input = LayerCase(name: model.name, model: model).input(seed: 1)
    let expected = BoundModel.plain(model).run(input)
    var host = BoundModel.host(model).makeArena()
    let schedules = InstructionSet.allCases.compactMap { try? BoardSchedule(model, for: $0) }
    let areBoardsRight = schedules.allSatisfy { schedule in
      var arena = BoundModel.board(schedule).makeArena()
      return arena.run(input) == expected
    }
    guard areBoardsRight, host.run(input) == expected else {
      say("the engines differ")
      exit(1)
    }
    for board in boards {
      let test = SelfTest(input: input, output: expected)
      // Too large for a board, or no prefix: whatever is thrown is a sentence.
      let firmware = try? Firmware(
        model, board: board, prefix: "net", selfTests: [test], trace: RowTrace.checksums)
      _ = try? firmware?.files()
      _ = try? Firmware(
        model, board: board, prefix: "net", selfTests: [test], trace: RowTrace.checksums,
        arenaLimit: .least
      ).files()
    }
    _ = try? ONNXExporter.file(model)
    _ = try? TFLiteExporter.file(model, for: .litert)
    _ = model.weightWarnings
  }

  /// Prints a line at once.
  private static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }
}
