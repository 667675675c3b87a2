package import BoardKernels
package import QuantizedIR
internal import Tensors

/// A layer as the arithmetic is defined: plain loops in Swift.
package protocol PlainLayer: Sendable {
  /// Writes the output for one image. `b` is not read where there is one operand.
  func run(_ a: Span<Int8>, _ b: Span<Int8>, output: inout MutableSpan<Int8>)

  /// The same over codes of any width; only what `wide` may hold has this form.
  func run(
    _ a: Span<Int32>, _ b: Span<Int32>, output: inout MutableSpan<Int32>, in wide: Wide)
}

extension PlainLayer {
  /// Writes the output of a layer with one operand for one image.
  package func run(input: Span<Int8>, output: inout MutableSpan<Int8>) {
    run(input, input, output: &output)
  }

  /// There is no 16-bit form.
  package func run(
    _ a: Span<Int32>, _ b: Span<Int32>, output: inout MutableSpan<Int32>, in wide: Wide
  ) {
    preconditionFailure("\(wide.operation.name) has no 16-bit form")
  }
}

/// A layer that makes each output code of a sum of products.
protocol ProductSums: PlainLayer, ChannelRequantized {
  /// Runs the layer on one image, over codes of any width.
  ///
  /// - Parameter finish: Makes an output code of a sum and its channel.
  func run<Code: FixedWidthInteger>(
    _ source: Span<Code>, _ destination: inout MutableSpan<Code>, finish: (Int32, Int) -> Code)
}

extension ProductSums {
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    let sums = self.sums
    run(source, &destination) { sums.output(sums.code($0, channel: $1)) }
  }

  package func run(
    _ source: Span<Int32>, _: Span<Int32>, output destination: inout MutableSpan<Int32>,
    in wide: Wide
  ) {
    let sums = self.sums
    run(source, &destination) { wide.code($0, channel: $1, of: sums) }
  }
}

extension Operation {
  /// What every engine but the board's asks how the operation runs.
  var layer: any HostLayer {
    switch self {
    case .conv2D(let layer): layer
    case .depthwiseConv2D(let layer): layer
    case .transposedConv2D(let layer): layer
    case .fullyConnected(let layer): layer
    case .add(let layer): layer
    case .multiply(let layer): layer
    case .pool(let layer): layer
    case .mean(let layer): layer
    case .lookup(let layer): layer
    case .prelu(let layer): layer
    case .softmax(let layer): layer
    case .l2Normalization(let layer): layer
    case .extremum(let layer): layer
    case .squaredDifference(let layer): layer
    case .resize(let layer): layer
    case .copy(let layer): layer
    case .wide(let layer): layer
    }
  }
}

extension BoundModel {
  /// `model` by the definition of each layer, each tensor in bytes of its own: what judges every
  /// memory plan needs none.
  package static func plain(_ model: QuantizedModel) -> BoundModel {
    plain(model, tables: model.layers.map { _ in nil })
  }

  /// The same with layers whose output codes go through tables.
  ///
  /// - Parameter tables: One a layer, from -128 up; `nil` for codes as they are.
  static func plain(_ model: QuantizedModel, tables: [[Int8]?]) -> BoundModel {
    let memory = PackedMemory()
    let kernels = zip(model.layers, tables).map {
      BoundKernel.plain($0.operation, table: $1, memory)
    }
    return BoundModel(model, kernels, .disjoint(model), memory)
  }
}

extension MemoryPlan {
  /// No two tensors share bytes but those that are views of others.
  fileprivate static func disjoint(_ model: QuantizedModel) -> MemoryPlan {
    var end = 0
    var offsets = model.tensors.map { tensor -> Int? in
      guard tensor.constant == nil, tensor.aliasOf == nil else { return nil }
      defer { end += (tensor.byteCount + alignment - 1) / alignment * alignment }
      return end
    }
    for (index, tensor) in model.tensors.enumerated() {
      guard let owner = tensor.aliasOf else { continue }
      offsets[index] = offsets[owner].map { $0 + (tensor.aliasStart ?? 0) }
    }
    return MemoryPlan(model, offsets: offsets)
  }
}

extension BoundKernel {
  /// The definition of `operation`. Its output may lie over operands anywhere.
  ///
  /// - Parameter table: What becomes of the output's codes, from -128 up; `nil` for codes as they are.
  static func plain(
    _ operation: Operation, table: [Int8]? = nil, _ memory: PackedMemory
  ) -> BoundKernel {
    BoundKernel(memory.keep(PlainCall(operation, table))) { call, a, b, output, _ in
      Unmanaged<PlainCall>.fromOpaque(call).takeUnretainedValue().run(a, b, output)
    }
  }
}

/// A definition with what it reads and writes.
private final class PlainCall: Sendable {
  private let layer: any PlainLayer
  /// In bytes.
  private let aCount: Int
  private let bCount: Int
  private let outputCount: Int
  private let table: [Int8]?

  init(_ operation: Operation, _ table: [Int8]?) {
    self.table = table
    layer = operation.layer
    let counts = operation.byteCounts
    aCount = counts.inputs[0]
    bCount = counts.inputs[counts.inputs.count - 1]
    outputCount = counts.output
  }

  func run(
    _ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>
  ) {
    let a = UnsafeBufferPointer(start: a, count: aCount)
    let b = UnsafeBufferPointer(start: b, count: bCount)
    let codes = UnsafeMutableBufferPointer(start: output, count: outputCount)
    if Self.overlap(a, codes) || Self.overlap(b, codes) {
      // What is written too early would be read.
      var apart = Array(codes)
      var destination = apart.mutableSpan
      layer.run(a.span, b.span, output: &destination)
      _ = codes.update(from: apart)
    } else {
      var destination = codes.mutableSpan
      layer.run(a.span, b.span, output: &destination)
    }
    guard let table else { return }
    for index in codes.indices { codes[index] = table[Int(codes[index]) + 128] }
  }

  private static func overlap(
    _ operand: UnsafeBufferPointer<Int8>, _ output: UnsafeMutableBufferPointer<Int8>
  ) -> Bool {
    guard let read = operand.baseAddress, let written = output.baseAddress else { return false }
    return read < written + output.count && written < read + operand.count
  }
}

/// What firmware has written after each row of its layer table, for one input: the schedule as it
/// is, strips and lookups inside of kernels included, by the definition of each operation.
package enum RowTrace {
  private static let prime: UInt32 = 16_777_619

  /// A running checksum, FNV-1a of 32 bits, after each row of all that rows have written so far. Rows
  /// that fill a tensor with others count for nothing. Twin: `checksum_of` in `main.c`.
  package static func checksums(_ schedule: BoardSchedule, _ input: [Int8]) -> [UInt32] {
    var (checksums, checksum): ([UInt32], UInt32) = ([], 2_166_136_261)
    var arena = BoundModel.plain(schedule).makeArena()
    _ = arena.run(input) { layer, codes in
      let operation = schedule.model.layers[layer].operation
      let writesAll = operation.writtenCount == operation.valueCounts.output
      let count = operation.byteCounts.output
      for start in stride(from: 0, to: codes.count, by: count) {
        if writesAll {
          for code in codes[start..<start + count] {
            checksum = (checksum ^ UInt32(UInt8(bitPattern: code))) &* prime
          }
        }
        checksums.append(checksum)
      }
    }
    return checksums
  }
}

extension BoundModel {
  /// The layers of `schedule` by their definitions, each tensor in bytes of its own.
  fileprivate static func plain(_ schedule: BoardSchedule) -> BoundModel {
    plain(schedule.model, tables: schedule.kernels.map(\.table))
  }
}
