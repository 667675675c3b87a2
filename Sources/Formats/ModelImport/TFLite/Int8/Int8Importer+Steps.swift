internal import FixedPoint
internal import QuantizedIR
internal import Tensors

/// Operators that take several layers.
extension Int8Importer {
  /// A tensor with the channels of each group of `input` as often as the weights of `node` need
  /// them, side by side; see `Int8Node.weightParts`.
  ///
  /// - Parameter rows: Of a matrix; `nil` for an image, which keeps its axes.
  mutating func repeated(
    _ input: Int, _ node: Int8Node, rows: Int?, groups: Int
  ) throws(NodeProblem) -> Int {
    let times = 1 + (try node.weightParts().count)
    guard times > 1 else { return input }
    let source = tensors[input]
    let channels = rows.map { source.shape.count / $0 } ?? source.shape.channels
    let sizes = rows.map { [$0] } ?? source.shape.dimensions.dropLast()
    tensors.append(
      QuantizedTensor(
        name: names.unique("\(node.output.name)/repeated"),
        shape: Shape(sizes + [channels * times]),
        scale: source.scale, zeroPoint: source.zeroPoint))
    for part in 0..<times {
      let copy = Copy.repeated(
        pixels: source.shape.count / channels, channels: channels, groups: groups, times: times,
        part: part)
      layers.append(
        Layer(
          name: "\(node.output.name)/repeated/\(part)", operation: .copy(copy), inputs: [input],
          output: tensors.count - 1))
    }
    return tensors.count - 1
  }

  /// SUB: the sum of the first operand and of the negative of the second, both with their own scales.
  mutating func addDifference(
    _ node: Int8Node, _ inputs: [Int], _ output: Int
  ) throws(NodeProblem) {
    let second = negative(of: inputs[1], as: node.output.name)
    var sum = node
    sum.operands = [tensors[inputs[0]], tensors[second]]
    layers.append(
      Layer(
        name: node.output.name, operation: .add(try Add(sum)), inputs: [inputs[0], second],
        output: output))
  }

  /// REDUCE_MIN: the negative of the greatest negative.
  mutating func addMinimum(_ node: Int8Node, _ input: Int, _ output: Int) throws(NodeProblem) {
    let pool = try Pool(greatest: node)
    let negatives = negative(of: input, as: node.output.name)
    tensors.append(
      QuantizedTensor(
        name: names.unique("\(node.output.name)/greatest"), shape: node.output.shape,
        scale: node.output.scale, zeroPoint: tensors[negatives].zeroPoint))
    let greatest = tensors.count - 1
    layers.append(
      Layer(
        name: "\(node.output.name)/greatest", operation: .pool(pool), inputs: [negatives],
        output: greatest))
    layers.append(
      Layer(
        name: node.output.name, operation: .lookup(.negation(node.output.shape.count)),
        inputs: [greatest], output: output))
  }

  /// SUM: the mean at another scale, whose codes go through.
  mutating func addSum(_ node: Int8Node, _ input: Int, _ output: Int) throws(NodeProblem) {
    let (mean, scale) = try Mean.sum(node)
    tensors.append(
      QuantizedTensor(
        name: names.unique("\(node.output.name)/mean"), shape: node.output.shape, scale: scale,
        zeroPoint: node.output.zeroPoint))
    let means = tensors.count - 1
    layers.append(
      Layer(
        name: "\(node.output.name)/mean", operation: .mean(mean), inputs: [input], output: means))
    let same = Lookup(
      function: nil, count: node.output.shape.count, table: LookupTable { $0 })
    layers.append(
      Layer(name: node.output.name, operation: .lookup(same), inputs: [means], output: output))
  }

  /// The tensor of the negatives of `input`: code `q` becomes `-1 - q` and so does the zero point,
  /// which every code can.
  private mutating func negative(of input: Int, as name: String) -> Int {
    let source = tensors[input]
    let label = "\(name)/negative"
    tensors.append(
      QuantizedTensor(
        name: names.unique(label), shape: source.shape, scale: source.scale,
        zeroPoint: -1 - source.zeroPoint,
        constant: source.constant.map { Constants($0.values.map { -1 - $0 }) }))
    if source.constant == nil {
      layers.append(
        Layer(
          name: label, operation: .lookup(.negation(source.shape.count)), inputs: [input],
          output: tensors.count - 1))
    }
    return tensors.count - 1
  }
}

extension Lookup {
  /// Code `q` becomes `-1 - q`.
  fileprivate static func negation(_ count: Int) -> Lookup {
    Lookup(function: nil, count: count, table: LookupTable { -1 - $0 })
  }
}
