internal import QuantizedIR

extension Operation {
  /// The output of the operation for one image of each input.
  func run(_ inputs: [ArraySlice<Int8>]) -> [Int8] {
    var values = [Int8](repeating: 0, count: valueCounts.output)
    var output = values.mutableSpan
    let (a, b) = (inputs[0], inputs[inputs.count - 1])
    switch self {
    case .conv2D(let layer): layer.run(input: a.span, output: &output)
    case .depthwiseConv2D(let layer): layer.run(input: a.span, output: &output)
    case .fullyConnected(let layer): layer.run(input: a.span, output: &output)
    case .add(let layer): layer.run(a: a.span, b: b.span, output: &output)
    case .multiply(let layer): layer.run(a: a.span, b: b.span, output: &output)
    case .averagePool(let layer): layer.run(input: a.span, output: &output)
    case .mean(let layer): layer.run(input: a.span, output: &output)
    case .lookup(let layer): layer.run(input: a.span, output: &output)
    }
    return values
  }
}
