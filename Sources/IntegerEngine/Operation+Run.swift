internal import QuantizedIR

extension Operation {
  /// Writes the output of the operation for one image of each input.
  func run(_ inputs: [ArraySlice<Int8>], output: inout MutableSpan<Int8>) {
    let (a, b) = (inputs[0], inputs[inputs.count - 1])
    switch self {
    case .conv2D(let layer): layer.run(input: a.span, output: &output)
    case .depthwiseConv2D(let layer): layer.run(input: a.span, output: &output)
    case .fullyConnected(let layer): layer.run(input: a.span, output: &output)
    case .add(let layer): layer.run(a: a.span, b: b.span, output: &output)
    case .multiply(let layer): layer.run(a: a.span, b: b.span, output: &output)
    case .averagePool(let layer): layer.run(input: a.span, output: &output)
    case .maxPool(let layer): layer.run(input: a.span, output: &output)
    case .mean(let layer): layer.run(input: a.span, output: &output)
    case .lookup(let layer): layer.run(input: a.span, output: &output)
    case .softmax(let layer): layer.run(input: a.span, output: &output)
    case .extremum(let layer): layer.run(a: a.span, b: b.span, output: &output)
    case .copy(let layer): layer.run(input: a.span, output: &output)
    }
  }
}
