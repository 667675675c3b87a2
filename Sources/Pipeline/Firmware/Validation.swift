internal import Boards
internal import CEmitter
package import Datasets
internal import Engines
internal import Files
internal import QuantizedIR
internal import Tensors

/// What firmware on a board gave for images, beside what the integer engine gives.
package struct ValidationReport: Encodable, Sendable {
  package let port: String
  package let target: String
  package let images: Int
  /// Images of whose output every byte is the engine's.
  package let exact: Int
  /// Shares of the images whose greatest code stands at their label; `nil` without labels.
  package let boardTop1: Double?
  package let engineTop1: Double?
  /// The first output that is another one; `nil` where none is.
  package let difference: Difference?
  package let layers: [Layer]
  /// What the board counts in an image, on average: instructions under emulation.
  package let ticks: Double
  /// From the last byte of an image to its answer, on average.
  package let milliseconds: Double
  /// Requests that were sent again because a line dropped or garbled them or their answers.
  package let repeats: Int
  /// Images that were begun again because the board had forgotten them.
  package let restarts: Int

  /// Where an image went wrong.
  package struct Difference: Encodable, Sendable {
    /// The record's number in the data.
    package let image: Int
    /// The first layer whose rows wrote something else; `nil` where only the output differs.
    package let layer: String?
    /// The first byte of the output that differs.
    package let byte: Int
    package let expected: Int8
    package let found: Int8
  }

  package struct Layer: Encodable, Sendable {
    package let name: String
    package let kernel: String
    package let macs: Int
    package let ticks: Double
  }

  /// As a gate: one sentence where outputs differ.
  package var problem: String? {
    guard let difference else { return nil }
    let place = difference.layer.map { "first in layer '\($0)'" } ?? "in the output alone"
    return "\(images - exact) of \(images) images; image \(difference.image) \(place), "
      + "output byte \(difference.byte) is \(difference.found), expected \(difference.expected)"
  }
}

extension Pipeline {
  /// Streams `limit` images of `source`, spread evenly, or all, to the firmware at the other end of `port`,
  /// and compares every byte of its outputs with the integer engine's.
  ///
  /// - Parameters:
  ///   - emission: The firmware on the board, emitted anew.
  ///   - baud: Of a terminal.
  /// - Throws: `PipelineError.at` where the port or what is at its other end is wrong.
  package func validate(
    _ emission: Emission, on source: DataSource, _ split: Dataset.Split, limit: Int?, port: String,
    baud: Int
  ) throws(PipelineError) -> ValidationReport {
    let images = try images(source, split, of: emission.model, limit)
    let meter = meter("validate", of: images.indices.count)
    return try PipelineError.naming(port) {
      var run = try ValidationRun(emission, port: port, baud: baud)
      for (done, index) in images.indices.enumerated() {
        meter(done, images.indices.count)
        let sample = try images.dataset.sample(at: index)
        guard let codes = emission.model.codes(of: sample) else {
          throw RowInputsError.noPixelEncoding
        }
        try run.add(index, codes, label: images.dataset.label(at: index))
      }
      meter(images.indices.count, images.indices.count)
      return run.report
    }
  }

  /// What of `source` the model is to see.
  private func images(
    _ source: DataSource, _ split: Dataset.Split, of model: QuantizedModel, _ limit: Int?
  ) throws(PipelineError) -> (dataset: Dataset, indices: [Int]) {
    try PipelineError.naming(source.path) {
      if model.inputs.count > 1 {
        let values = try DatasetReader.open(
          source.path, split: split, inputs: model.namedInputs, needsLabels: false)
        return (values, values.evenlySpaced(limit ?? values.count))
      }
      let stored = try images(source, split, labels: model.labels, sampling: limit)
      let fitted = try stored.fitted(
        model.pixelEncoding?.preprocessing ?? .none, inputShape: model.inputShape)
      return (fitted, fitted.evenlySpaced(limit ?? fitted.count))
    }
  }
}

/// The images that a board has run so far.
private struct ValidationRun: ~Copyable {
  private let emission: Emission
  private var board: BoardSession
  private let engine: BoundModel
  private var images = 0
  private var exact = 0
  private var labeled = 0
  private var hits = (board: 0, engine: 0)
  private var difference: ValidationReport.Difference?
  private var rowTicks: [Double]
  private var seconds = 0.0

  init(_ emission: Emission, port: String, baud: Int) throws {
    self.emission = emission
    let model = emission.model
    let rows = emission.firmware.layers.reduce(0) { $0 + $1.rows.count }
    board = try BoardSession(
      port, baud,
      .init(
        checksum: emission.firmware.checksum, inputBytes: model.inputShape.count,
        outputBytes: model.outputShape.count, rows: rows))
    engine = .plain(model)
    rowTicks = [Double](repeating: 0, count: rows)
  }

  mutating func add(_ image: Int, _ codes: [Int8], label: Int?) throws {
    let answer = try board.run(codes)
    let expected = engine.run(codes)
    images += 1
    seconds += answer.seconds
    for (row, ticks) in answer.ticks.enumerated() { rowTicks[row] += Double(ticks) }
    if let label {
      labeled += 1
      hits.board += answer.output.firstOfGreatest == label ? 1 : 0
      hits.engine += expected.firstOfGreatest == label ? 1 : 0
    }
    guard
      let byte = zip(expected, answer.output).enumerated().first(where: { $1.0 != $1.1 })?.offset
    else { return exact += 1 }
    guard difference == nil else { return }
    let row = zip(emission.firmware.rowChecksums(codes), answer.checksums).enumerated()
      .first { $1.0 != $1.1 }?.offset
    let layer = emission.firmware.layers.first { layer in row.map(layer.rows.contains) ?? false }
    difference = .init(
      image: image, layer: layer?.name, byte: byte, expected: expected[byte],
      found: answer.output[byte])
  }

  var report: ValidationReport {
    let count = Double(max(images, 1))
    return ValidationReport(
      port: board.port, target: emission.board.name, images: images, exact: exact,
      boardTop1: labeled > 0 ? Double(hits.board) / Double(labeled) : nil,
      engineTop1: labeled > 0 ? Double(hits.engine) / Double(labeled) : nil,
      difference: difference,
      layers: emission.firmware.layers.map { layer in
        .init(
          name: layer.name, kernel: layer.kernel, macs: layer.macs,
          ticks: layer.rows.reduce(0) { $0 + rowTicks[$1] } / count)
      },
      ticks: rowTicks.reduce(0, +) / count, milliseconds: 1000 * seconds / count,
      repeats: board.repeats, restarts: board.restarts)
  }
}

extension [Int8] {
  fileprivate var firstOfGreatest: Int? {
    self.max().flatMap { greatest in firstIndex(of: greatest) }
  }
}

/// Firmware at the other end of a line, image by image.
private struct BoardSession: ~Copyable {
  /// What firmware of this network says of itself.
  struct Facts: Equatable {
    let checksum: UInt32
    let inputBytes: Int
    let outputBytes: Int
    let rows: Int
  }

  /// What it gave for an image.
  struct Answer {
    var output: [Int8] = []
    var ticks: [UInt32] = []
    var checksums: [UInt32] = []
    var seconds = 0.0
  }

  let port: String
  private let facts: Facts
  private var line: BoardLine
  /// The board knows images by numbers that no earlier session has used, as a rule.
  private var image = UInt32.random(in: 1 ... .max / 2)
  private(set) var restarts = 0
  /// How long the slowest image took.
  private var slowest = 0.0

  var repeats: Int { line.repeats }

  /// How often an image is begun again.
  private static let mostRestarts = 8
  /// How long the first image may take before the board is asked again.
  private static let firstSeconds = 10.0

  init(_ port: String, _ baud: Int, _ facts: Facts) throws(LineError) {
    var line = try BoardLine(port, baud: baud)
    let words = try line.answer(to: .hello).data.words
    guard words.first == 1, words.count == 5 else {
      throw .version(port, found: words.first ?? 0)
    }
    let found = Facts(
      checksum: words[1], inputBytes: Int(words[2]), outputBytes: Int(words[3]), rows: Int(words[4])
    )
    guard found == facts else {
      throw .network(port, expected: facts.checksum, found: found.checksum)
    }
    self.port = port
    self.facts = facts
    self.line = line
  }

  /// Runs an image, from its beginning again where the board has forgotten it.
  mutating func run(_ codes: [Int8]) throws(LineError) -> Answer {
    for _ in 0...Self.mostRestarts {
      image += 1
      if let answer = try attempt(codes.map { UInt8(bitPattern: $0) }) { return answer }
      restarts += 1
    }
    throw .restarts(port, image: Int(image), count: Self.mostRestarts + 1)
  }

  /// `nil` where the board does not have the image, or not all of it.
  private mutating func attempt(_ bytes: [UInt8]) throws(LineError) -> Answer? {
    var answer = Answer()
    let most = BoardLine.mostData - 8
    for start in stride(from: 0, to: bytes.count, by: most) {
      let part = bytes[start..<min(start + most, bytes.count)]
      guard try line.answer(to: .write, [image, UInt32(start)], part).kind == .write else {
        return nil
      }
    }
    let start = BoardLine.now
    let patience = slowest > 0 ? 3 * slowest + 1 : Self.firstSeconds
    let run = try line.answer(to: .run, [image], within: patience)
    guard run.kind == .run, let status = run.data.words.first else { return nil }
    guard status == 0 else { throw .status(port, status) }
    answer.seconds = BoardLine.now - start
    slowest = max(slowest, answer.seconds)
    guard let output = try fetch(.read, facts.outputBytes, bytesEach: 1),
      let rows = try fetch(.rows, facts.rows, bytesEach: 8)
    else { return nil }
    answer.output = output.map { Int8(bitPattern: $0) }
    for (index, word) in rows.words.enumerated() {
      if index % 2 == 0 { answer.ticks.append(word) } else { answer.checksums.append(word) }
    }
    return answer
  }

  /// All of something that the board has of the image; `nil` where it has not.
  private mutating func fetch(
    _ kind: BoardLine.Kind, _ count: Int, bytesEach size: Int
  ) throws(LineError) -> [UInt8]? {
    var bytes: [UInt8] = []
    let most = BoardLine.mostData / size
    for start in stride(from: 0, to: count, by: most) {
      let part = min(most, count - start)
      let answer = try line.answer(to: kind, [image, UInt32(start), UInt32(part)])
      guard answer.kind == kind, answer.data.count == part * size else { return nil }
      bytes += answer.data
    }
    return bytes
  }
}

extension [UInt8] {
  /// The 32-bit words in them, little-endian; a rest is left out.
  fileprivate var words: [UInt32] {
    stride(from: 0, to: count - count % 4, by: 4).map { Frame.word(self, $0) }
  }
}
