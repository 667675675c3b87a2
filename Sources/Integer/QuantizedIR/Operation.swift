internal import Tensors

/// Every operation that a quantized network may hold. No `switch` over it has a `default`, so the
/// compiler names what a new case still needs.
package enum Operation: Hashable, Sendable {
  case conv2D(Conv2D)
  case depthwiseConv2D(DepthwiseConv2D)
  case fullyConnected(FullyConnected)
  case add(Add)
  case multiply(Multiply)
  case averagePool(AveragePool)
  case maxPool(MaxPool)
  case mean(Mean)
  case lookup(Lookup)
  case softmax(Softmax)
  case extremum(Extremum)
  case copy(Copy)
  indirect case wide(Wide)

  /// The operation's name in messages, reports and files.
  package var name: String {
    switch self {
    case .conv2D: "conv2D"
    case .depthwiseConv2D: "depthwiseConv2D"
    case .fullyConnected: "fullyConnected"
    case .add: "add"
    case .multiply: "multiply"
    case .averagePool: "averagePool"
    case .maxPool: "maxPool"
    case .mean: "mean"
    case .lookup: "lookup"
    case .softmax: "softmax"
    case .extremum: "extremum"
    case .copy: "copy"
    case .wide(let layer): "\(layer.operation.name) 16-bit"
    }
  }

  /// Multiplications and accumulations for one image; 0 for what is not a sum of products.
  package var macs: Int {
    switch self {
    case .conv2D(let layer): layer.output.count * layer.weights.count
    case .depthwiseConv2D(let layer): layer.output.count * layer.weights.count
    case .fullyConnected(let layer): layer.weights.count
    case .add, .multiply, .averagePool, .maxPool, .mean, .lookup, .softmax, .extremum, .copy: 0
    case .wide(let layer): layer.operation.macs
    }
  }

  /// Bytes of constants: weights, biases, multipliers, shifts and tables, as emitted.
  package var constantBytes: Int {
    switch self {
    case .conv2D(let layer): layer.weights.count + layer.channelConstantBytes
    case .depthwiseConv2D(let layer): layer.weights.count + layer.channelConstantBytes
    case .fullyConnected(let layer): layer.weights.count + layer.channelConstantBytes
    case .lookup: 256
    case .add, .multiply, .averagePool, .maxPool, .mean, .softmax, .extremum, .copy: 0
    case .wide(let layer): layer.operation.constantBytes
    }
  }
}
