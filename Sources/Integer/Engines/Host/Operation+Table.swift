internal import FixedPoint
internal import QuantizedIR
internal import Tensors

extension Operation {
  /// What the operation makes of each code, from -128 up, where its other operand is one constant:
  /// such as `x + 3` on the way to a hard sigmoid. `nil` for anything else.
  ///
  /// - Parameter constants: By operand; `nil` for activations.
  func table(_ constants: [[Int8]?]) -> [Int8]? {
    let single = constants.firstIndex { $0?.count == 1 }
    guard let single, constants.count == 2, valueCounts.inputs[1 - single] == valueCounts.output,
      let constant = constants[single], constants[1 - single] == nil,
      let operation = onEveryCode(constantFirst: single == 0)
    else { return nil }
    let codes = Array(Int8.min...Int8.max)
    var table = [Int8](repeating: 0, count: codes.count)
    var span = table.mutableSpan
    if single == 0 {
      operation.run(constant.span, codes.span, output: &span)
    } else {
      operation.run(codes.span, constant.span, output: &span)
    }
    return table
  }

  /// The same operation on 256 values and one.
  private func onEveryCode(constantFirst: Bool) -> Operation? {
    let (one, all) = (Shape([1]), Shape([256]))
    guard let broadcast = constantFirst ? Broadcast(one, all) : Broadcast(all, one) else {
      return nil
    }
    switch self {
    case .add(var layer):
      layer.broadcast = broadcast
      return .add(layer)
    case .multiply(var layer):
      layer.broadcast = broadcast
      return .multiply(layer)
    case .extremum(var layer):
      layer.broadcast = broadcast
      return .extremum(layer)
    case .conv2D, .depthwiseConv2D, .fullyConnected, .pool, .mean, .lookup,
      .softmax, .copy, .wide:
      return nil
    }
  }
}
