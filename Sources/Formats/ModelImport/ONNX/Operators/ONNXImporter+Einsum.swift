internal import NetworkGraph
internal import Tensors

/// The letters of an Einstein sum.
struct EinsteinSum {
  let inputs: [[Character]]
  let output: [Character]

  /// `nil` for what is no equation of one or two inputs, each letter once in each; an ellipsis is none.
  init?(_ equation: String) {
    let sides = equation.filter { $0 != " " }.split(
      separator: "->", maxSplits: 1, omittingEmptySubsequences: false)
    inputs = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
    let all = inputs.flatMap(\.self)
    // Without an arrow the output has the letters that stand once, by the alphabet.
    output =
      sides.count > 1
      ? Array(sides[1]) : all.filter { letter in all.count { $0 == letter } == 1 }.sorted()
    guard (1...2).contains(inputs.count), all.allSatisfy({ $0.isASCII && $0.isLetter }),
      (inputs + [output]).allSatisfy({ Set($0).count == $0.count }),
      Set(output).isSubset(of: all)
    else { return nil }
  }

  /// The size of each letter; `nil` where the inputs have others than these axes.
  func sizes(_ dimensions: [[Int]]) -> [Character: Int]? {
    guard dimensions.map(\.count) == inputs.map(\.count) else { return nil }
    var sizes: [Character: Int] = [:]
    for (letter, size) in zip(inputs.joined(), dimensions.joined()) {
      guard sizes.updateValue(size, forKey: letter) ?? size == size else { return nil }
    }
    return sizes
  }
}

extension ONNXImporter {
  /// A sum or transposition of one tensor, a product with a constant matrix, or products of two tensors
  /// and their sums, where these need no more places than one of the two has.
  mutating func einsum(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let equation = try node.string("equation", default: "")
    var values: [ONNXValue] = []
    for index in 0..<node.inputCount { values.append(try node.value(index)) }
    guard node.readsComputed, let sum = EinsteinSum(equation),
      let sizes = sum.sizes(values.map(\.dimensions))
    else {
      throw .attribute(
        "equation", found: equation,
        expected: "a letter for each axis of one or two inputs, none twice in an input, which the "
          + "network computes")
    }
    var letters = sum.inputs
    // What one input alone has and the output has not is summed up first.
    for index in values.indices {
      let others = Set(sum.output).union(
        letters.indices.filter { $0 != index }.flatMap { letters[$0] })
      let lone = letters[index].indices.filter { !others.contains(letters[index][$0]) }
      guard !lone.isEmpty else { continue }
      let axes = ONNXConstant(name: "axes", dimensions: [lone.count], numbers: .integers(lone))
      let total = try reduce(
        node.spelled("ReduceSum", [values[index], .constant(axes)]), Reduction(fold: .sum))
      letters[index] = letters[index].filter { others.contains($0) }
      values[index] = try reshaped(total, letters[index].map { sizes[$0] ?? 1 }, node)
    }
    guard values.count == 2 else {
      return values[0].transposed(sum.output.compactMap { letters[0].firstIndex(of: $0) })
    }
    let terms = zip(values, letters).map { EinsteinTerm(value: $0, letters: $1) }
    return try product(node, terms[0], terms[1], sum.output, sizes)
  }

  /// The product of two tensors, or of one and a constant.
  private mutating func product(
    _ node: ONNXNode, _ a: EinsteinTerm, _ b: EinsteinTerm, _ output: [Character],
    _ sizes: [Character: Int]
  ) throws(NodeProblem) -> ONNXValue {
    let summed = a.letters.filter { !output.contains($0) }
    let (own, others) = (
      output.filter { !b.letters.contains($0) }, output.filter { !a.letters.contains($0) }
    )
    let isShared = output.contains { a.letters.contains($0) && b.letters.contains($0) }
    func size(_ letters: [Character]) -> [Int] { letters.map { sizes[$0] ?? 1 } }
    if case .constant = a.value { return try product(node, b, a, output, sizes) }
    if case .constant = b.value, !isShared, !summed.isEmpty {
      let count = size(summed).reduce(1, *)
      let rows = try reshaped(
        a.ordered(own + summed), [size(own).reduce(1, *), count], node)
      let matrix = try reshaped(
        b.ordered(summed + others), [count, size(others).reduce(1, *)], node)
      let result = try matMul(node.spelled("MatMul", [rows, matrix]))
      let found = try reshaped(result, size(own + others), node)
      return EinsteinTerm(value: found, letters: own + others).ordered(output)
    }
    guard own.isEmpty || others.isEmpty || summed.isEmpty else {
      throw .unsupportedOperator(WayOut(onnx: node.operation, domain: ""))
    }
    // Each under all letters, with a size of 1 for those that it has not.
    let all = output + summed
    var operands: [ONNXValue] = []
    for term in [a, b] {
      let found = all.filter { term.letters.contains($0) }
      operands.append(
        try reshaped(
          term.ordered(found), all.map { term.letters.contains($0) ? sizes[$0] ?? 1 : 1 }, node))
    }
    let products = try arithmetic(node.spelled("Mul", operands), .multiply)
    guard !summed.isEmpty, case .computed(let view) = products else { return products }
    let sums = try reduced(
      node, Reduction(fold: .sum), view, Set(output.count..<all.count))
    return try reshaped(.computed(sums), size(output), node)
  }
}

/// A tensor or constant and the letters of its axes.
private struct EinsteinTerm {
  let value: ONNXValue
  let letters: [Character]

  /// The same with its axes in the order `letters`, which are all that it has.
  func ordered(_ letters: [Character]) -> ONNXValue {
    value.transposed(letters.compactMap(self.letters.firstIndex(of:)))
  }
}
