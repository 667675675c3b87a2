private import Glibc

/// Arithmetic on constants, number by number: on sizes as a rule, which exporters compute in front of
/// Reshape, Expand or Resize.
extension ONNXImporter {
  /// What one kind of node makes of two constants.
  struct Combination: Sendable {
    /// `nil` where the result is no integer of 64 bits.
    let integers: @Sendable (Int, Int) -> Int?
    /// `nil` for an operator of integers alone.
    let floats: (@Sendable (Float, Float) -> Float)?
    /// Whether the result is true or false whatever the operands are.
    var isBoolean = false
  }

  static let combinations: [String: Combination] = [
    "Add": Combination(integers: { exact($0.addingReportingOverflow($1)) }, floats: { $0 + $1 }),
    "Sub": Combination(
      integers: { exact($0.subtractingReportingOverflow($1)) }, floats: { $0 - $1 }),
    "Mul": Combination(
      integers: { exact($0.multipliedReportingOverflow(by: $1)) }, floats: { $0 * $1 }),
    // Of integers the quotient is cut off towards 0.
    "Div": Combination(
      integers: { exact($0.dividedReportingOverflow(by: $1)) }, floats: { $0 / $1 }),
    "Pow": Combination(
      integers: { Int(exactly: pow(Double($0), Double($1))) }, floats: { pow($0, $1) }),
    "Mod": Combination(
      integers: { a, b in
        guard let rest = exact(a.remainderReportingOverflow(dividingBy: b)) else { return nil }
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
      }, floats: nil),
    "Sum": Combination(integers: { exact($0.addingReportingOverflow($1)) }, floats: { $0 + $1 }),
    "Min": Combination(integers: { min($0, $1) }, floats: { min($0, $1) }),
    "Max": Combination(integers: { max($0, $1) }, floats: { max($0, $1) }),
    "Equal": Combination(
      integers: { $0 == $1 ? 1 : 0 }, floats: { $0 == $1 ? 1 : 0 }, isBoolean: true),
    "Greater": Combination(
      integers: { $0 > $1 ? 1 : 0 }, floats: { $0 > $1 ? 1 : 0 }, isBoolean: true),
    "GreaterOrEqual": Combination(
      integers: { $0 >= $1 ? 1 : 0 }, floats: { $0 >= $1 ? 1 : 0 }, isBoolean: true),
    "Less": Combination(
      integers: { $0 < $1 ? 1 : 0 }, floats: { $0 < $1 ? 1 : 0 }, isBoolean: true),
    "LessOrEqual": Combination(
      integers: { $0 <= $1 ? 1 : 0 }, floats: { $0 <= $1 ? 1 : 0 }, isBoolean: true),
    "And": Combination(integers: { $0 != 0 && $1 != 0 ? 1 : 0 }, floats: nil, isBoolean: true),
    "Or": Combination(integers: { $0 != 0 || $1 != 0 ? 1 : 0 }, floats: nil, isBoolean: true),
  ]

  private static func exact(_ result: (partialValue: Int, overflow: Bool)) -> Int? {
    result.overflow ? nil : result.partialValue
  }

  /// A node of `combinations` whose inputs are all constants.
  func combination(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    guard let combination = Self.combinations[node.operation] else {
      throw .unsupportedOperator(WayOut(onnx: node.operation, domain: ""))
    }
    var result = try node.requiredConstant(0)
    for position in 1..<max(2, node.inputCount) {
      result = try combine(node, combination, result, try node.requiredConstant(position))
    }
    return .constant(result)
  }

  /// As `combination(_:)`, of two constants among other inputs.
  func combination(
    _ node: ONNXNode, _ a: ONNXConstant, _ b: ONNXConstant
  ) throws(NodeProblem) -> ONNXValue {
    try combination(node.spelled(node.operation, [.constant(a), .constant(b)]))
  }

  private func combine(
    _ node: ONNXNode, _ combination: Combination, _ a: ONNXConstant, _ b: ONNXConstant
  ) throws(NodeProblem) -> ONNXConstant {
    let sizes = try broadcast([a, b])
    let (first, second) = (a.places(in: sizes), b.places(in: sizes))
    func constant(_ numbers: ONNXConstant.Numbers) -> ONNXConstant {
      ONNXConstant(name: node.name, dimensions: sizes, numbers: numbers)
    }
    if let x = a.integers, let y = b.integers {
      var results: [Int] = []
      for (i, j) in zip(first, second) {
        guard let result = combination.integers(x[i], y[j]) else {
          throw .constantValue(
            b.name, found: "\(x[i]) and \(y[j])", expected: "integers with a result of 64 bits")
        }
        results.append(result)
      }
      return constant(.integers(results))
    }
    guard let floats = combination.floats else {
      throw .constantValue(a.name, found: "a real number", expected: "integers")
    }
    let (x, y) = (a.floats, b.floats)
    let results = zip(first, second).map { floats(x[$0], y[$1]) }
    return constant(combination.isBoolean ? .integers(results.map { Int($0) }) : .floats(results))
  }

  /// The sizes that constants have together, where axes meet from the innermost outwards.
  private func broadcast(_ constants: [ONNXConstant]) throws(NodeProblem) -> [Int] {
    let rank = constants.map(\.dimensions.count).max() ?? 0
    var sizes = [Int](repeating: 1, count: rank)
    for constant in constants {
      let surplus = rank - constant.dimensions.count
      for (axis, size) in constant.dimensions.enumerated() where size != 1 {
        guard [1, size].contains(sizes[surplus + axis]) else {
          throw .constantShape(
            constant.name, found: constant.dimensions, expected: "sizes that meet \(sizes)")
        }
        sizes[surplus + axis] = size
      }
    }
    let most = max(Self.largestConstant, constants.map(\.count).max() ?? 0)
    guard let count = countIfPossible(sizes), count <= most else {
      throw .tooLarge(sizes, limit: most)
    }
    return sizes
  }

  /// A function of each number of a constant: the same of integers and real numbers.
  func mapped(
    _ node: ONNXNode, _ integers: (Int) -> Int?, _ floats: (Float) -> Float
  ) throws(NodeProblem) -> ONNXValue {
    let constant = try node.requiredConstant(0)
    let numbers: ONNXConstant.Numbers
    switch constant.numbers {
    case .floats(let values): numbers = .floats(values.map(floats))
    case .integers(let values):
      let results = values.compactMap(integers)
      guard results.count == values.count else {
        throw .constantValue(constant.name, found: "\(Int.min)", expected: "other integers")
      }
      numbers = .integers(results)
    }
    return .constant(
      ONNXConstant(name: node.name, dimensions: constant.dimensions, numbers: numbers))
  }

  func whereChosen(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    var constants: [ONNXConstant] = []
    for position in 0..<3 { constants.append(try node.requiredConstant(position)) }
    let sizes = try broadcast(constants)
    let choice = constants[0].floats
    let places = constants.map { $0.places(in: sizes) }
    func chosen<Number>(_ a: [Number], _ b: [Number]) -> [Number] {
      places[0].indices.map { choice[places[0][$0]] != 0 ? a[places[1][$0]] : b[places[2][$0]] }
    }
    let numbers: ONNXConstant.Numbers
    if let a = constants[1].integers, let b = constants[2].integers {
      numbers = .integers(chosen(a, b))
    } else {
      numbers = .floats(chosen(constants[1].floats, constants[2].floats))
    }
    return .constant(ONNXConstant(name: node.name, dimensions: sizes, numbers: numbers))
  }

  /// Of integers.
  func range(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    var bounds: [Int] = []
    for position in 0..<3 {
      guard let value = try node.integers(at: position), value.count == 1 else {
        throw .constantShape(
          try node.requiredConstant(position).name,
          found: try node.requiredConstant(position).dimensions, expected: "one integer")
      }
      bounds.append(value[0])
    }
    guard bounds[2] != 0, bounds.allSatisfy({ abs($0 / 2) < 1 << 40 }) else {
      throw .constantValue(
        node.name, found: "\(bounds)", expected: "a step other than 0, and bounds of 40 bits")
    }
    let values = Array(
      stride(from: bounds[0], to: bounds[1], by: bounds[2]).prefix(Self.largestConstant + 1))
    guard values.count <= Self.largestConstant else {
      throw .tooLarge([values.count], limit: Self.largestConstant)
    }
    return .constant(
      ONNXConstant(name: node.name, dimensions: [values.count], numbers: .integers(values)))
  }

  /// Of a constant.
  func expandConstant(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let (target, constant) = (try node.integers(at: 1) ?? [], try node.requiredConstant(0))
    guard let count = countIfPossible(target), count <= Self.largestConstant else {
      throw .tooLarge(target, limit: Self.largestConstant)
    }
    let filled = ONNXConstant(
      name: node.name, dimensions: target, numbers: .integers([Int](repeating: 0, count: count)))
    let sizes = try broadcast([constant, filled])
    return .constant(
      ONNXConstant(
        name: node.name, dimensions: sizes, numbers: constant.picking(constant.places(in: sizes))))
  }

  /// The product of all numbers of a vector.
  func reduceProd(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let constant = try node.requiredConstant(0)
    guard constant.dimensions.count <= 1, let integers = constant.integers else {
      throw .constantShape(
        constant.name, found: constant.dimensions, expected: "a vector of integers")
    }
    var product = 1
    for value in integers {
      guard let next = Self.exact(product.multipliedReportingOverflow(by: value)) else {
        throw .constantValue(
          constant.name, found: "a product beyond 64 bits", expected: "smaller sizes")
      }
      product = next
    }
    let keeps = try node.integer("keepdims", default: 1) != 0
    return .constant(
      ONNXConstant(
        name: node.name, dimensions: keeps ? [1] : [], numbers: .integers([product])))
  }

  /// How many values a tensor has.
  func size(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let sizes = try node.value(0).dimensions
    return .constant(
      ONNXConstant(
        name: node.name, dimensions: [], numbers: .integers([countIfPossible(sizes) ?? 0])))
  }
}

extension ONNXConstant {
  /// For each place of a tensor of `sizes`, which this one's meet from the innermost axis outwards,
  /// the number that stands there.
  func places(in sizes: [Int]) -> [Int] {
    let surplus = sizes.count - dimensions.count
    var strides = [Int](repeating: 0, count: sizes.count)
    var stride = 1
    for axis in dimensions.indices.reversed() {
      strides[surplus + axis] = dimensions[axis] == 1 ? 0 : stride
      stride *= dimensions[axis]
    }
    var places = [0]
    for (axis, size) in sizes.enumerated() {
      places = places.flatMap { place in (0..<size).map { place + $0 * strides[axis] } }
    }
    return places
  }
}
