internal import BoardKernels
internal import Engines
internal import QuantizedIR

/// What firmware has written after each row of its layer table, for one input: the schedule as it
/// is, strips and lookups inside of kernels included, by the definition of each operation.
struct Trace {
  /// A running checksum after each row of all that rows have written so far.
  private(set) var checksums: [UInt32] = []

  private let schedule: BoardSchedule
  /// The codes of each tensor that owns its bytes.
  private var memory: [[Int8]]
  /// FNV-1a of 32 bits. Twin: `checksum_of` in `main.c`.
  private var checksum: UInt32 = 2_166_136_261
  private static let prime: UInt32 = 16_777_619

  init(_ schedule: BoardSchedule, _ input: [Int8]) {
    let model = schedule.model
    self.schedule = schedule
    memory = model.tensors.map { $0.constant?.values ?? [] }
    for owner in Set(model.layers.map { model.storage(of: $0.output) }) {
      memory[owner] = [Int8](repeating: 0, count: model.tensors[owner].byteCount)
    }
    memory[model.storage(of: model.input)] = input
    for (index, layer) in model.layers.enumerated() {
      let images = model.tensors[layer.output].byteCount / layer.operation.byteCounts.output
      for image in 0..<images { run(layer, index, image: image) }
    }
  }

  private mutating func run(_ layer: Layer, _ index: Int, image: Int) {
    let counts = layer.operation.byteCounts
    let inputs = zip(layer.inputs, counts.inputs).map { tensor, count in
      memory[schedule.model.storage(of: tensor)][range(tensor, image, count)]
    }
    let owner = schedule.model.storage(of: layer.output)
    let place = range(layer.output, image, counts.output)
    var values = memory[owner][place]
    let (a, b) = (inputs[0], inputs[inputs.count - 1])
    var destination = values.mutableSpan
    layer.operation.run(a.span, b.span, output: &destination)
    if let table = schedule.kernels[index].table {
      for position in values.indices { values[position] = table[Int(values[position]) + 128] }
    }
    memory[owner][place] = values
    if layer.operation.writesAll {
      for value in values {
        checksum = (checksum ^ UInt32(UInt8(bitPattern: value))) &* Self.prime
      }
    }
    checksums.append(checksum)
  }

  /// Where among its owner's bytes an image of a tensor lies.
  private func range(_ tensor: Int, _ image: Int, _ count: Int) -> Range<Int> {
    let start = (schedule.model.tensors[tensor].aliasStart ?? 0) + image * count
    return start..<start + count
  }
}

extension Operation {
  /// Whether a row leaves nothing of its output as it was.
  var writesAll: Bool { writtenCount == valueCounts.output }
}
