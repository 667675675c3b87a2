import Boards
import Decoders
import FixedPoint
import Foundation
import TestSupport
import Testing

/// Decoders in Swift, in C on this machine and in C under QEMU find the same, in maps and detectors of
/// odd sizes.
@Suite struct DecoderProgramTests {
  @Test(arguments: ["gcc", "clang"])
  func host(_ compiler: String) throws {
    let board = try BoardCatalog.board(named: "cortex-m4")
    try withTemporaryFolder { folder in
      let result = try Self.program(in: folder, board).runOnHost(compiler: compiler)
      #expect(result.output == "")
      #expect(result.status == 0)
    }
  }

  @Test(
    .enabled(if: Program.crossToolsExist, "\(Program.crossToolsAbsence)"),
    arguments: EmulatedBoards.names)
  func emulated(_ name: String) throws {
    let board = try BoardCatalog.board(named: name)
    let emulator = try #require(board.emulator)
    try withTemporaryFolder { folder in
      let result = try Self.program(in: folder, board).run(on: board, emulator)
      #expect(result.output == "")
      #expect(result.status == 0)
    }
  }

  /// `decoders.c` in the frame of a program that runs layers.
  private static func program(in folder: URL, _ board: Board) throws -> CaseProgram {
    let program = try CaseProgram([CaseProgram.Case.layers[0]], in: folder, board: board)
    let runtime = Locations.package.appending(path: "Sources/Board/CRuntime")
    for (source, name) in [
      ("portable", "mnq_map.c"), ("portable", "mnq_boxes.c"), ("include", "mnq_map.h"),
      ("include", "mnq_boxes.h"),
    ] {
      try FileManager.default.copyItem(
        at: runtime.appending(path: "\(source)/\(name)"), to: folder.appending(path: name))
    }
    let driver = Locations.tests.appending(path: "CEmitterTests/decoders.c")
    let text =
      "#define EXPECTED UINT32_C(\(DrawnDecoders().checksum()))\n"
      + String(decoding: try Data(contentsOf: driver), as: UTF8.self)
    try Data(text.utf8).write(to: folder.appending(path: "cases.c"))
    return program
  }
}

/// The numbers of `decoders.c`, and what is found in them.
private struct DrawnDecoders {
  private static let most = 24
  private var state: UInt32 = 12345
  private var sum: UInt32 = 2_166_136_261

  init() {}

  private mutating func drawn() -> Int32 {
    state = state &* 1_664_525 &+ 1_013_904_223
    return Int32(state >> 8)
  }

  private mutating func add(_ numbers: Int32...) {
    for number in numbers { sum = (sum ^ UInt32(bitPattern: number)) &* 16_777_619 }
  }

  private mutating func codes(_ count: Int) -> [Int8] {
    (0..<count).map { _ in Int8(drawn() & 255 - 128) }
  }

  private mutating func findPlaces(_ height: Int, _ width: Int, _ classes: Int, _ least: Int32) {
    let map = MapDecoder(
      height: Int32(height), width: Int32(width), classes: Int32(classes),
      firstClass: classes > 1 ? 1 : 0, threshold: least, inputHeight: Int32(7 * height),
      inputWidth: Int32(9 * width))
    let places = map.places(codes(height * width * classes), capacity: Self.most)
    add(Int32(places.count))
    for place in places {
      add(place.label, place.score, place.x, place.y, place.count)
      add(place.left, place.top, place.right, place.bottom)
    }
  }

  private mutating func findBoxes(_ count: Int, _ classes: Int, _ isSoftmax: Bool, _ capacity: Int)
  {
    var (anchors, moves, sizes, scores): ([Int16], [Int8], [Int32], [Int32]) = ([], [], [], [])
    for _ in 0..<4 * count {
      anchors.append(Int16(drawn() & 16383))
      moves.append(Int8(drawn() & 255 - 128))
    }
    for _ in 0..<256 {
      sizes.append(drawn() & 0x3FFFF)
      scores.append(drawn() & 32767 + 1)
    }
    let decoder = BoxDecoder(
      shape: BoxShape(moves: 0, scores: 1, classes: classes, firstClass: classes > 1 ? 1 : 0),
      threshold: 3000, iou: 9000, zeroPoint: 5, isYFirst: capacity & 1 == 1,
      isSoftmax: isSoftmax, move: Requantization(multiplier: 1_407_374_884, shift: -6),
      anchors: anchors, sizes: sizes, scores: scores)
    let boxes = decoder.boxes(moves: moves, codes: codes(count * classes), capacity: capacity)
    add(Int32(boxes.count))
    for box in boxes { add(box.label, box.score, box.left, box.top, box.right, box.bottom) }
  }

  /// Of all that is found, as `main` of `decoders.c` goes about it.
  func checksum() -> UInt32 {
    var copy = self
    for height in stride(from: 1, through: 11, by: 2) {
      for width in stride(from: 1, through: 13, by: 2) {
        for classes in 1...4 {
          copy.findPlaces(height, width, classes, 40)
          copy.findPlaces(height, width, classes, -90)
        }
      }
    }
    for count in stride(from: 1, through: Self.most - 1, by: 2) {
      for classes in 1...5 {
        copy.findBoxes(count, classes, false, count & 7)
        copy.findBoxes(count, classes, true, Self.most)
      }
    }
    return copy.sum
  }
}
