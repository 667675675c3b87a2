package import Datasets
internal import Engines
internal import FloatReference
private import Glibc
internal import HostKernels
package import NetworkGraph
package import QuantizedIR
internal import Tensors

/// How far one layer's int8 output is from the float network's, over all images.
package struct LayerError: Hashable, Sendable {
  /// The layer's name in the int8 model.
  package let name: String
  /// Signal over noise in decibels; `nil` where there is no signal, or no noise.
  package let sqnrDB: Double?
  /// Of the angle between the two outputs, all images in one vector.
  package let cosine: Double
  /// The share of float values more than half a step beyond what the codes can express.
  package let saturated: Double

  init(name: String, _ sums: SignalSums) {
    self.name = name
    sqnrDB = sums.sqnrDB
    cosine = sums.cosine
    saturated = sums.saturated
  }
}

/// Sums over pairs of a real value and its int8 counterpart, from which all error figures follow.
struct SignalSums: Sendable {
  /// How many pairs.
  private(set) var count = 0
  private var sums = mnqh_signal_sums()

  /// Adds the values of `tensor` for one image; 16-bit codes are two bytes each.
  mutating func add(_ real: Span<Float>, _ codes: Span<Int8>, _ tensor: QuantizedTensor) {
    guard tensor.width == .int8 else { return addWide(real, tensor.width.decoded(codes), tensor) }
    precondition(real.count == codes.count, "'\(tensor.name)': \(real.count) and \(codes.count)")
    var steps = mnqh_signal_steps(
      scale: Float(tensor.scale), zero_point: tensor.zeroPoint,
      lowest: Float(tensor.real(.min) - tensor.scale / 2),
      highest: Float(tensor.real(.max) + tensor.scale / 2))
    real.withUnsafeBufferPointer { real in
      codes.withUnsafeBufferPointer { codes in
        mnqh_add_signal(&steps, real.count, real.baseAddress, codes.baseAddress, &sums)
      }
    }
    count += real.count
  }

  private mutating func addWide(_ real: Span<Float>, _ codes: [Int32], _ tensor: QuantizedTensor) {
    precondition(real.count == codes.count, "'\(tensor.name)': \(real.count) and \(codes.count)")
    let half = tensor.scale / 2
    let covered = tensor.covered.lowerBound - half...tensor.covered.upperBound + half
    for index in codes.indices {
      let value = Double(real[index])
      let quantized = tensor.scale * Double(codes[index] - tensor.zeroPoint)
      sums.signal += value * value
      sums.quantized += quantized * quantized
      sums.noise += (value - quantized) * (value - quantized)
      sums.product += value * quantized
      if !covered.contains(value) { sums.saturated += 1 }
    }
    count += codes.count
  }

  /// Adds the sums of other pairs.
  mutating func merge(_ other: SignalSums) {
    count += other.count
    sums.signal += other.sums.signal
    sums.quantized += other.sums.quantized
    sums.noise += other.sums.noise
    sums.product += other.sums.product
    sums.saturated += other.sums.saturated
  }

  /// All of it as numbers that a file keeps exactly: counts, and the bits of sums.
  var bits: [UInt64] {
    [UInt64(count), UInt64(sums.saturated)]
      + [sums.signal, sums.quantized, sums.noise, sums.product].map(\.bitPattern)
  }

  init() {}

  /// The sums that `bits` tell; `nil` for what are none.
  init?(bits: [UInt64]) {
    // Below 2^40, so that those of all parts can be added.
    guard bits.count == 6, bits[0] < 1 << 40, bits[1] <= bits[0] else { return nil }
    count = Int(bits[0])
    sums = mnqh_signal_sums(
      signal: Double(bitPattern: bits[2]), quantized: Double(bitPattern: bits[3]),
      noise: Double(bitPattern: bits[4]), product: Double(bitPattern: bits[5]),
      saturated: Int(bits[1]))
  }

  /// Signal over noise in decibels; `nil` where there is no signal, or no noise to divide by.
  var sqnrDB: Double? {
    sums.signal > 0 && sums.noise > 0 ? 10 * log10(sums.signal / sums.noise) : nil
  }

  /// The cosine of the angle between the real and the int8 values; 1 where both are all 0, 0 where
  /// one is.
  var cosine: Double {
    guard sums.signal > 0, sums.quantized > 0 else {
      return sums.signal == sums.quantized ? 1 : 0
    }
    return sums.product / (sums.signal * sums.quantized).squareRoot()
  }

  /// The share of real values beyond what the codes can express.
  var saturated: Double { count > 0 ? Double(sums.saturated) / Double(count) : 0 }
}

extension QuantizedTensor {
  /// The float model's values of this tensor in the units that the codes stand for, which differ
  /// channel by channel where channels were equalized.
  func inOwnUnits(_ real: [Float]) -> [Float] {
    guard let factors = channelFactors?.values else { return real }
    return [Float](unsafeUninitializedCapacity: real.count) { own, count in
      // Row by row, without a division to find the channel: comparing spends much of its time here.
      for row in stride(from: 0, to: real.count, by: factors.count) {
        for c in factors.indices { own[row + c] = real[row + c] / factors[c] }
      }
      count = real.count
    }
  }
}

/// The error that each layer of an int8 model makes by itself: its inputs are the float network's
/// activations, rounded to codes, so that nothing comes from the layers before it.
package struct OwnErrors: Sendable {
  private let reference: FloatReference
  private let preprocessor: Preprocessor
  private let model: QuantizedModel
  private let layers: [Measured]

  /// A layer whose tensors the float network has too.
  private struct Measured {
    let layer: Layer
    let host: BoundLayer
    /// Tensors of the graph; `nil` for a constant operand.
    let inputs: [Int?]
    let output: Int
  }

  /// Images that one task takes at a time.
  private static let partLength = 4

  /// Pairs the networks' tensors by name.
  ///
  /// - Parameter graph: The float network whose tensors `model` has codes of.
  package init(_ graph: Graph, _ model: QuantizedModel) {
    let tensors = Dictionary(
      graph.tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    func counterpart(_ tensor: Int) -> Int? {
      let tensor = model.tensors[tensor]
      return tensors[tensor.name].flatMap { graph.tensors[$0].shape == tensor.shape ? $0 : nil }
    }
    layers = model.layers.compactMap { layer in
      let inputs = layer.inputs.map(counterpart)
      guard let output = counterpart(layer.output), !layer.operation.traits.isPart,
        layer.operation.valueCounts.output == model.tensors[layer.output].shape.count,
        zip(layer.inputs, inputs).allSatisfy({ model.tensors[$0].constant != nil || $1 != nil })
      else { return nil }
      return Measured(
        layer: layer, host: BoundLayer.host(layer.operation), inputs: inputs, output: output)
    }
    reference = FloatReference(graph)
    preprocessor = Preprocessor(graph.preprocessing, inputShape: graph.inputShape)
    self.model = model
  }

  /// Runs every layer on the images at `indices`.
  ///
  /// - Parameter progress: Called with the images done and the images in all, in order.
  /// - Returns: One entry a layer that has a float counterpart, in execution order.
  package func run(
    _ images: Dataset, at indices: [Int], threads: Int, progress: (Int, Int) -> Void
  ) async throws -> [LayerError] {
    var total = [SignalSums](repeating: SignalSums(), count: layers.count)
    try await orderedFold(count: indices.count, partLength: Self.partLength, threads: threads) {
      try sums(images, indices[$0])
    } fold: { part, done in
      for index in total.indices { total[index].merge(part[index]) }
      progress(done, indices.count)
    }
    return zip(layers, total).map { LayerError(name: $0.layer.name, $1) }
  }

  private func sums(
    _ images: Dataset, _ indices: ArraySlice<Int>
  ) throws(DatasetError) -> [SignalSums] {
    var sums = [SignalSums](repeating: SignalSums(), count: layers.count)
    let arena = reference.makeArena()
    for index in indices {
      let activations = reference.activations(try preprocessor(images.sample(at: index)), in: arena)
      for (number, measured) in layers.enumerated() {
        let inputs = zip(measured.layer.inputs, measured.inputs).map { tensor, counterpart in
          let tensor = model.tensors[tensor]
          return tensor.constant?.values
            ?? tensor.memory(of: tensor.inOwnUnits(activations[counterpart ?? 0]))
        }
        let tensor = model.tensors[measured.layer.output]
        let real = tensor.inOwnUnits(activations[measured.output])
        sums[number].add(real.span, measured.host.run(inputs).span, tensor)
      }
    }
    return sums
  }
}
