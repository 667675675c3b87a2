internal import FixedPoint
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

/// The constants of a layer with weights, by output channel.
struct Int8Channels {
  let weights: Constants<Int8>
  let bias: Constants<Int32>
  let multipliers: Constants<Int32>
  let shifts: Constants<Int8>
  let scales: Constants<Float>

  /// The weights are input 1 of `node`, with `count` output channels along `axis`.
  ///
  /// - Parameters:
  ///   - bias: The number of the bias's input.
  ///   - hasZeroPoint: Whether the weights may have one, which the caller then takes care of.
  ///   - factor: From the sum's scale to the output's, for a weight scale.
  init(
    _ node: Int8Node, count: Int, axis: Int, bias index: Int = 2, hasZeroPoint: Bool = false,
    factor: (Float) -> Double
  ) throws(NodeProblem) {
    let tensor = try node.constant(1)
    do throws(TensorProblem) {
      weights = Constants(try tensor.int8s())
    } catch {
      throw .tensor(tensor.name, error)
    }
    let scales = try Self.scales(tensor, count: count, axis: axis, hasZeroPoint: hasZeroPoint)
    var multipliers: [Int32] = []
    var shifts: [Int8] = []
    for scale in scales {
      let requantization = try node.requantization(factor(scale))
      multipliers.append(requantization.multiplier)
      shifts.append(Int8(requantization.shift))
    }
    self.scales = Constants(scales)
    self.multipliers = Constants(multipliers)
    self.shifts = Constants(shifts)
    bias = try Self.bias(node, at: index, count: count)
  }

  private static func scales(
    _ tensor: TFLiteTensor, count: Int, axis: Int, hasZeroPoint: Bool
  ) throws(NodeProblem) -> [Float] {
    let scales = tensor.scales
    guard scales.count == 1 || (scales.count == count && tensor.channelAxis == axis),
      scales.allSatisfy({ $0 > 0 && $0.isFinite }),
      hasZeroPoint && scales.count == 1 || tensor.zeroPoints.allSatisfy({ $0 == 0 })
    else {
      throw .quantization(
        tensor.name, found: "\(scales.count) scales along axis \(tensor.channelAxis)",
        expected: "1 or \(count) positive scales along axis \(axis), all with zero point 0")
    }
    return scales.count == count ? scales : [Float](repeating: scales[0], count: count)
  }

  private static func bias(
    _ node: Int8Node, at index: Int, count: Int
  ) throws(NodeProblem) -> Constants<Int32> {
    guard let tensor = try node.optionalConstant(index) else {
      return Constants([Int32](repeating: 0, count: count))
    }
    let values: [Int]
    do throws(TensorProblem) {
      try tensor.require(.int32)
      values = try tensor.integers()
    } catch {
      throw .tensor(tensor.name, error)
    }
    guard values.count == count else {
      throw .constantShape(tensor.name, found: tensor.dimensions, expected: "[\(count)]")
    }
    return Constants(values.map { Int32($0) })
  }
}

extension Int8Node {
  /// The sizes of the weights, input 1, which has four axes.
  func filter() throws(NodeProblem) -> [Int] {
    let tensor = try constant(1)
    let shape: Shape
    do throws(TensorProblem) {
      shape = try tensor.shape()
    } catch {
      throw .tensor(tensor.name, error)
    }
    guard shape.rank == 4 else {
      throw .constantShape(tensor.name, found: shape.dimensions, expected: "four axes")
    }
    return shape.dimensions
  }

  /// From the scale of a sum of products to the output's, as convolutions compute it.
  ///
  /// Unsigned codes have one scale, and its product with the input's is a 32-bit float.
  ///
  /// Source: TensorFlow Lite `kernel_util.cc`, `PopulateConvolutionQuantizationParams`.
  func channelFactor(_ weightScale: Float) -> Double {
    if isUnsigned { return Double(Float(input.scale) * weightScale) / output.scale }
    return input.scale * Double(weightScale) / output.scale
  }
}
