internal import Tensors

/// Every operation that a quantized network may hold.
///
/// What a layer is like, it says itself as an `IntegerLayer`; this is the list of them. No other
/// `switch` over operations is needed but where a room has something to do for each: run it, emit it,
/// write it to a file. None has a `default`, so the compiler names what a new case still needs.
package enum Operation: Hashable, Sendable {
  case conv2D(Conv2D)
  case depthwiseConv2D(DepthwiseConv2D)
  case transposedConv2D(TransposedConv2D)
  case fullyConnected(FullyConnected)
  case add(Add)
  case multiply(Multiply)
  case pool(Pool)
  case mean(Mean)
  case lookup(Lookup)
  case prelu(PReLU)
  case softmax(Softmax)
  case l2Normalization(L2Normalization)
  case extremum(Extremum)
  case squaredDifference(SquaredDifference)
  case resize(Resize)
  case copy(Copy)
  indirect case wide(Wide)

  /// What model files may hold.
  private static let layers: [any IntegerLayer.Type] = [
    Conv2D.self, DepthwiseConv2D.self, TransposedConv2D.self, FullyConnected.self, Add.self,
    Multiply.self, Pool.self, Mean.self, Resize.self, Lookup.self, PReLU.self, Softmax.self,
    L2Normalization.self, SquaredDifference.self, Extremum.self, Copy.self, Wide.self,
  ]

  /// The layer, whatever its type.
  package var traits: any IntegerLayer {
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

extension Operation: Codable {
  private enum CodingKeys: CodingKey { case kind }

  /// `{"kind": "conv2D", …the layer's own fields}`.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let kind = try container.decode(String.self, forKey: .kind)
    guard let layer = Self.layers.first(where: { $0.fileKinds.contains(kind) }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: container, debugDescription: "unknown operation '\(kind)'")
    }
    self = try layer.init(from: decoder).asOperation
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(traits.fileKind, forKey: .kind)
    try traits.encode(to: encoder)
  }
}

extension Operation {
  /// The operation's name in messages and reports.
  package var name: String { traits.name }
  /// Multiplications and accumulations for one image; 0 for what is not a sum of products.
  package var macs: Int { traits.macs }
  /// Bytes of constants, as emitted.
  package var constantBytes: Int { traits.constantBytes }
  /// How many values one image's worth of work reads from each input and writes.
  package var valueCounts: (inputs: [Int], output: Int) { traits.valueCounts }
  /// How many of the output's values one image's worth of work writes: fewer than all where
  /// several layers fill one tensor.
  package var writtenCount: Int { traits.writtenCount }
  /// The codes of real 0 that the layer knows; see `IntegerLayer`.
  package var zeroPoints: (inputs: [Int32], output: Int32?) { traits.zeroPoints }

  /// How many bytes one image's worth of work reads from each input and writes.
  package var byteCounts: (inputs: [Int], output: Int) {
    let traits = traits
    let (counts, widths) = (traits.valueCounts, traits.widths)
    return (
      zip(counts.inputs, widths.inputs).map { $0 * $1.bytes }, counts.output * widths.output.bytes
    )
  }

  /// What a 16-bit layer computes, in its int8 form; any other operation itself.
  package var narrow: Operation {
    if case .wide(let layer) = self { layer.operation } else { self }
  }

  /// The layer with weights, in its int8 form; `nil` where there are none.
  package var weighted: (any ChannelRequantized)? { narrow.traits as? any ChannelRequantized }

  /// This int8 operation over codes of other widths: a 16-bit layer where one of them has 16.
  package func between(_ inputs: [CodeWidth], _ output: CodeWidth) -> Operation {
    guard inputs.contains(.int16) || output == .int16 else { return self }
    return .wide(Wide(self, inputs: inputs, output: output))
  }
}
