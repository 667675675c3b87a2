import PlainNetworks

/// Functions of one value, by name and in the ways in which exporters spell them.
extension ONNXGenerator {
  mutating func curve(_ x: String, _ sizes: [Int], _ kind: Live.Kind) -> String {
    switch draw.int(1...7) {
    case 1...3:
      let name = draw.one(of: [
        "LeakyRelu", "ThresholdedRelu", "Elu", "Selu", "Celu", "Softplus", "Softsign", "Tanh",
        "Erf", "Abs", "Neg",
      ])
      var attributes: [String: ONNXSketch.Attribute] = [:]
      if ["LeakyRelu", "ThresholdedRelu", "Elu", "Celu"].contains(name), draw.once(in: 2) {
        attributes["alpha"] = .real(draw.one(of: [0.1, 0.3, 1.5]))
      }
      return add(name, [x], attributes, sizes: sizes, kind: kind)
    case 7:
      let channels = sizes[1]
      guard !(sizes.count == 2 && channels == 1) else {
        return add("Tanh", [x], sizes: sizes, kind: kind)
      }
      let axes = [channels] + sizes.dropFirst(2).map { _ in 1 }
      let shared = draw.once(in: 3)
      let shares = floats(
        shared ? [1] : axes, draw.numbers(shared ? 1 : channels, around: 0.2, by: 0.4))
      return add("PRelu", [x, shares], sizes: sizes, kind: kind)
    case 4: return gelu(x, sizes, kind)
    case 5:
      let gate = add("Tanh", [add("Softplus", [x], sizes: sizes)], sizes: sizes)
      return add("Mul", either(x, gate), sizes: sizes, kind: kind)
    default:
      let scaled = add("Mul", either(x, scalar(1.702)), sizes: sizes)
      return add("Mul", either(x, add("Sigmoid", [scaled], sizes: sizes)), sizes: sizes, kind: kind)
    }
  }

  /// Exact or approximate, with the half in one of three places.
  private mutating func gelu(_ x: String, _ sizes: [Int], _ kind: Live.Kind) -> String {
    let place = draw.int(0...2)
    var gate: String
    if draw.once(in: 2) {
      gate = add("Erf", [add("Div", [x, scalar(2.0.squareRoot())], sizes: sizes)], sizes: sizes)
    } else {
      let cube = add("Mul", either(x, add("Mul", [x, x], sizes: sizes)), sizes: sizes)
      let bent = add("Mul", either(cube, scalar(0.044715)), sizes: sizes)
      let sum = add("Add", either(x, bent), sizes: sizes)
      let scaled = add("Mul", either(sum, scalar(0.797_884_560_8)), sizes: sizes)
      gate = add("Tanh", [scaled], sizes: sizes)
    }
    gate = add("Add", either(gate, scalar(1)), sizes: sizes)
    if place == 0 { gate = add("Mul", either(gate, scalar(0.5)), sizes: sizes) }
    let half = place == 1 ? add("Mul", either(x, scalar(0.5)), sizes: sizes) : x
    guard place == 2 else { return add("Mul", either(half, gate), sizes: sizes, kind: kind) }
    let product = add("Mul", either(half, gate), sizes: sizes)
    return add("Mul", either(product, scalar(0.5)), sizes: sizes, kind: kind)
  }

  /// Two operands in either order.
  private mutating func either(_ a: String, _ b: String) -> [String] {
    draw.once(in: 2) ? [a, b] : [b, a]
  }
}
