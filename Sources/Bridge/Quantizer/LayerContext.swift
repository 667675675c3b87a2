internal import Calibration
internal import FixedPoint
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// What an operator needs to know of its surroundings to become int8.
struct LayerContext {
  /// The node's name, for messages.
  let name: String
  /// The tensors read.
  let inputs: [QuantizedTensor]
  /// The tensor written, after the fused activation; in front of a curve, what the curve reads.
  let output: QuantizedTensor
  /// The codes that the fused activation leaves.
  let clamp: ClosedRange<Int32>
  /// The fused activation, where it is more than a clamp.
  let curve: Curve?
  let rounding: Rounding
  /// Whether factors are kept without a shift, so that results are rounded once.
  let roundsOnce: Bool
  /// How weights and biases become integers, where the operator has any.
  let weights: WeightMethod
  /// Of the float network's values of the first tensor read, where a table follows from them.
  let inputHistogram: Histogram?
  /// Shares the work; no result depends on it.
  let team: Team

  init(
    name: String, inputs: [QuantizedTensor], output: QuantizedTensor, fused: Activation?,
    preActivationRange: ClosedRange<Double>? = nil, rounding: Rounding, weights: WeightMethod,
    inputHistogram: Histogram? = nil, roundsOnce: Bool = false, team: Team = .one
  ) {
    self.team = team
    self.roundsOnce = roundsOnce
    self.name = name
    self.inputs = inputs
    self.rounding = rounding
    self.weights = weights
    self.inputHistogram = inputHistogram
    if let fused, fused.clamp == nil, let preActivationRange {
      let codes = QuantizedTensor(preActivation: name, output.shape, covering: preActivationRange)
      curve = Curve(function: fused, width: output.width) { code in
        fused(codes.scale * Double(code)) / output.scale + Double(output.zeroPoint)
      }
      self.output = codes
      clamp = Curve.inputs
      return
    }
    curve = nil
    self.output = output
    clamp =
      fused?.clamp.map { output.wideCode($0.lowerBound)...output.wideCode($0.upperBound) }
      ?? output.width.codes
  }

  /// The first tensor read.
  var input: QuantizedTensor { inputs[0] }

  /// A factor between scales, or the error that names this node.
  func requantization(_ factor: Double) throws(QuantizationError) -> Requantization {
    do throws(FactorOutOfRange) {
      return try encoded(factor)
    } catch {
      throw .factor(node: name, channel: 0, factor: factor)
    }
  }

  /// As `requantization`, with the error that names no node.
  func encoded(_ factor: Double) throws(FactorOutOfRange) -> Requantization {
    try roundsOnce ? Requantization(roundedOnce: factor) : Requantization(factor: factor)
  }

  /// How the two tensors read meet.
  func broadcast() throws(QuantizationError) -> Broadcast {
    guard let broadcast = Broadcast(inputs[0].shape, inputs[1].shape) else {
      throw .broadcast(node: name, a: "\(inputs[0].shape)", b: "\(inputs[1].shape)")
    }
    return broadcast
  }
}

extension QuantizedTensor {
  /// The 16-bit codes in front of a curve: no tensor of the model, since they are never stored.
  ///
  /// The scale is a power of two, so that the kinks of h-swish at -3 and 3 fall on points of the
  /// curve.
  init(preActivation name: String, _ shape: Shape, covering range: ClosedRange<Double>) {
    let parameters = AffineParameters(wideCovering: range)
    self.init(name: name, shape: shape, scale: parameters.scale, zeroPoint: 0)
  }
}

/// An activation that the layer that makes its input takes over: as a clamp where it only cuts,
/// as a curve otherwise.
struct Fusion {
  /// The position of the activation's node.
  let node: Int
  let activation: Activation
  /// The tensor that the activation writes.
  let output: Int
}

extension Graph {
  /// The activations that are no layers of their own, by the position of the node that takes each
  /// over, where nothing else reads the value before it.
  ///
  /// - Parameters:
  ///   - hasCurve: Whether a tensor keeps 16 bits in front of a curve, by tensor index.
  ///   - isGiven: Whether a tensor has its codes from the file, so that a layer must write them, by
  ///     tensor index; `nil` where none has.
  func fusions(hasCurve: [Bool], isGiven: [Bool]? = nil) -> [Int: Fusion] {
    var fusions: [Int: Fusion] = [:]
    for (position, node) in nodes.enumerated() {
      guard case .activation(let activation) = node.operation,
        !outputs.contains(node.inputs[0]), isGiven?[node.inputs[0]] != true,
        consumers(of: node.inputs[0]).count == 1,
        let producer = producer(of: node.inputs[0])
      else { continue }
      let stage = nodes[producer].operation.quantizable.outputStage
      guard
        activation.clamp != nil
          ? stage != .codes : hasCurve[node.inputs[0]] && stage == .sums
      else { continue }
      fusions[producer] = Fusion(node: position, activation: activation, output: node.output)
    }
    return fusions
  }
}
