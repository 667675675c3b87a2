private import Foundation

/// The network evaluated as ONNX's operator documents read, axis by axis, in `Double`.
extension ONNXSketch {
  /// Every value by name, for an input in ONNX's order of axes.
  package func evaluated(_ input: [Double]) -> [String: PlainTensor] {
    var values = constants.mapValues(\.tensor)
    values[self.input] = PlainTensor(inputSizes, input)
    for node in nodes {
      let call = Call(
        node: node, opset: opset, inputs: node.inputs.map { $0.isEmpty ? nil : values[$0] })
      for (name, result) in zip(node.outputs, call.results) { values[name] = result }
    }
    return values
  }
}

/// One node with the values that it reads.
struct Call {
  let node: ONNXSketch.Node
  let opset: Int
  let inputs: [PlainTensor?]

  func input(_ index: Int) -> PlainTensor? { inputs.indices.contains(index) ? inputs[index] : nil }

  var x: PlainTensor {
    guard let x = input(0) else { preconditionFailure("\(node.operation) reads nothing") }
    return x
  }

  func required(_ index: Int) -> PlainTensor {
    guard let value = input(index) else {
      preconditionFailure("\(node.operation) has no input \(index)")
    }
    return value
  }

  func integer(_ name: String, _ value: Int) -> Int {
    if case .integer(let found)? = node.attributes[name] { found } else { value }
  }

  func integers(_ name: String) -> [Int]? {
    if case .integers(let found)? = node.attributes[name] { found } else { nil }
  }

  func real(_ name: String, _ value: Double) -> Double {
    if case .real(let found)? = node.attributes[name] { Double(found) } else { value }
  }

  /// Input `index` or the attribute in its place.
  func integers(at index: Int, or name: String) -> [Int]? {
    input(index)?.values.map { Int($0) } ?? integers(name)
  }

  func axis(_ axis: Int) -> Int { axis < 0 ? axis + x.rank : axis }

  var result: PlainTensor {
    switch node.operation {
    case "Conv": convolution
    case "ConvTranspose": transposedConvolution
    case "Resize", "Upsample": resized
    case "AveragePool", "MaxPool": pool
    case "GlobalAveragePool": x.reduced(Set(2..<x.rank)) { $0.reduce(0, +) / Double($0.count) }
    case _ where node.operation.hasPrefix("Reduce"): reduced
    case "Expand", "Tile": repeated
    case "Sum": inputs.dropFirst().compactMap(\.self).reduce(x) { $0.combined($1, +) }
    case "Mean":
      inputs.dropFirst().compactMap(\.self).reduce(x) { $0.combined($1, +) }
        .map { $0 / Double(inputs.count) }
    case "Pad": padded
    case "Gemm", "MatMul": matrixProduct
    case "Add": x.combined(required(1), +)
    case "PRelu": x.combined(required(1)) { $0 < 0 ? $0 * $1 : $0 }
    case "Max": x.combined(required(1), max)
    case "Min": x.combined(required(1), min)
    case "Sub": x.combined(required(1), -)
    case "Mul": x.combined(required(1), *)
    case "Div": x.combined(required(1), /)
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze": x.reshaped(sizes)
    case "Transpose":
      x.transposed(integers("perm") ?? (0..<x.rank).reversed().map { $0 })
    case "Identity", "Dropout", "Cast": x
    case "Concat", "Gather", "Slice", "DepthToSpace", "SpaceToDepth": moved
    default: elementwise
    }
  }

  private var elementwise: PlainTensor {
    switch node.operation {
    case "Relu": return x.map { max($0, 0) }
    case "Sigmoid": return x.map { 1 / (1 + exp(-$0)) }
    case "HardSwish": return x.map { $0 * min(max($0 / 6 + 0.5, 0), 1) }
    case "HardSigmoid":
      let (alpha, beta) = (real("alpha", 0.2), real("beta", 0.5))
      return x.map { min(max(alpha * $0 + beta, 0), 1) }
    case "Clip":
      let lower = input(1)?.values[0] ?? real("min", -.infinity)
      let upper = input(2)?.values[0] ?? real("max", .infinity)
      return x.map { min(max($0, lower), upper) }
    case "BatchNormalization":
      let statistics = (1..<5).map { required($0).values }
      let epsilon = real("epsilon", 1e-5)
      return PlainTensor(x.sizes) { position in
        let c = position[1]
        return (x[position] - statistics[2][c]) / (statistics[3][c] + epsilon).squareRoot()
          * statistics[0][c] + statistics[1][c]
      }
    case "Softmax":
      let first = axis(integer("axis", opset < 13 ? 1 : -1))
      let axes = opset < 13 ? Set(first..<x.rank) : [first]
      let powers = x.combined(x.reduced(axes) { $0.max() ?? 0 }) { exp($0 - $1) }
      return powers.combined(powers.reduced(axes) { $0.reduce(0, +) }, /)
    default: return x.map(function)
    }
  }

  private var sizes: [Int] {
    switch node.operation {
    case "Flatten":
      let listed = integer("axis", 1)
      let axis = listed < 0 ? listed + x.rank : listed
      return [x.sizes[..<axis].reduce(1, *), x.sizes[axis...].reduce(1, *)]
    case "Squeeze":
      let ones = x.sizes.indices.filter { x.sizes[$0] == 1 }
      let axes = Set(integers(at: 1, or: "axes")?.map(axis) ?? ones)
      return x.sizes.indices.filter { !axes.contains($0) }.map { x.sizes[$0] }
    case "Unsqueeze":
      let listed = integers(at: 1, or: "axes") ?? []
      let rank = x.rank + listed.count
      let axes = Set(listed.map { $0 < 0 ? $0 + rank : $0 })
      var rest = x.sizes[...]
      return (0..<rank).map { axes.contains($0) ? 1 : rest.removeFirst() }
    default:
      var target = integers(at: 1, or: "shape") ?? []
      for axis in target.indices where target[axis] == 0 && integer("allowzero", 0) == 0 {
        target[axis] = x.sizes[axis]
      }
      if let free = target.firstIndex(of: -1) {
        target[free] = 1
        target[free] = x.values.count / target.reduce(1, *)
      }
      return target
    }
  }
}
