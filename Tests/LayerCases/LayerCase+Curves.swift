import QuantizedIR

extension LayerCase {
  /// Every layer with sums again, with 16-bit codes and a random curve behind them.
  static let curves: [LayerCase] = (conv2D + depthwiseConv2D + fullyConnected + transposedConv2D)
    .enumerated().map { $1.withCurve(seed: UInt64(1_000 + $0)) }

  private func withCurve(seed: UInt64) -> LayerCase {
    var model = model
    var random = RandomConstants(seed: seed)
    let curve = random.curve()
    guard var layer = model.layers[0].operation.weighted else {
      preconditionFailure("\(name) has no sums")
    }
    layer.take(curve)
    model.layers[0].operation = layer.asOperation
    return LayerCase(name: name + "-curve", model: model)
  }
}

extension ChannelRequantized {
  /// Puts `curve` behind the sums, which reach for all of 16 bits.
  fileprivate mutating func take(_ curve: Curve) {
    self.curve = curve
    clamp = Curve.inputs
    outputZeroPoint = 0
    shifts = Constants(shifts.values.map { $0 == -31 ? $0 : min($0 + 8, 30) })
  }
}

extension RandomConstants {
  /// Any points at all, both ends of 16 bits among them, side by side.
  mutating func curve() -> Curve {
    var curve = Curve(function: nil) { _ in 0 }
    curve.points = Constants(
      (0..<Curve.pointCount).map { index in
        index % 100 == 0
          ? .min : index % 100 == 1 ? .max : Int16.random(in: .min ... .max, using: &random)
      })
    return curve
  }
}
