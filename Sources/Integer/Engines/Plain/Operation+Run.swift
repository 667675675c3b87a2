package import QuantizedIR

extension Operation {
  /// Writes the output of the operation for one image; `b` is not read where there is one operand.
  /// Codes of 16 bits are two bytes, the lower one first.
  package func run(_ a: Span<Int8>, _ b: Span<Int8>, output: inout MutableSpan<Int8>) {
    switch self {
    case .conv2D(let layer): layer.run(input: a, output: &output)
    case .depthwiseConv2D(let layer): layer.run(input: a, output: &output)
    case .fullyConnected(let layer): layer.run(input: a, output: &output)
    case .add(let layer): layer.run(a: a, b: b, output: &output)
    case .multiply(let layer): layer.run(a: a, b: b, output: &output)
    case .pool(let layer): layer.run(input: a, output: &output)
    case .mean(let layer): layer.run(input: a, output: &output)
    case .lookup(let layer): layer.run(input: a, output: &output)
    case .softmax(let layer): layer.run(input: a, output: &output)
    case .extremum(let layer): layer.run(a: a, b: b, output: &output)
    case .copy(let layer): layer.run(input: a, output: &output)
    case .wide(let layer): layer.run(a, b, output: &output)
    }
  }
}
