internal import NetworkGraph

/// The real values that the codes of one range stand for, or what a table makes of those.
struct RangeCodes {
  private let scale: Float
  private let inverse: Float
  private let least: Float
  private let greatest: Float
  /// By code less `least`; empty where no table reads the tensor.
  private let table: [Float]

  /// Added to and taken from a small number, rounds it to the nearest whole one, ties to even.
  private static let rounder: Float = 0x1.8p23

  /// - Parameter function: Of the table that alone reads the tensor.
  init(_ range: ClosedRange<Double>, function: Activation?) {
    let parameters = AffineParameters(covering: range)
    scale = Float(parameters.scale)
    inverse = Float(1 / parameters.scale)
    least = Float(-128 - parameters.zeroPoint)
    greatest = Float(127 - parameters.zeroPoint)
    table =
      function.map { function in
        (-128...127).map { Float(function(parameters.scale * Double($0 - parameters.zeroPoint))) }
      } ?? []
  }

  /// The errors of `values`' codes against `exact`, each times its `weights`, in all.
  func error(of values: [Float], exact: [Float], along weights: [Float]) -> Double {
    precondition(values.count == exact.count && values.count == weights.count)
    return values.withUnsafeBufferPointer { values in
      exact.withUnsafeBufferPointer { exact in
        weights.withUnsafeBufferPointer { weights in
          table.isEmpty ? linear(values, weights) : tabulated(values, exact, weights)
        }
      }
    }
  }

  private typealias Lanes = SIMD8<Float>

  private func linear(
    _ values: UnsafeBufferPointer<Float>, _ weights: UnsafeBufferPointer<Float>
  ) -> Double {
    var sums = Lanes()
    let whole = values.count / Lanes.scalarCount * Lanes.scalarCount
    let (x, w) = (UnsafeRawBufferPointer(values), UnsafeRawBufferPointer(weights))
    for offset in stride(from: 0, to: whole * 4, by: Lanes.scalarCount * 4) {
      let value = x.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
      let weight = w.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
      let scaled = value * inverse
      let raised = scaled.replacing(with: least, where: scaled .< least)
      let cut = raised.replacing(with: greatest, where: raised .> greatest)
      sums += ((cut + Self.rounder - Self.rounder) * scale - value) * weight
    }
    return (whole..<values.count).reduce(Double(sums.sum())) { sum, index in
      sum + Double((code(values[index]) * scale - values[index]) * weights[index])
    }
  }

  private func tabulated(
    _ values: UnsafeBufferPointer<Float>, _ exact: UnsafeBufferPointer<Float>,
    _ weights: UnsafeBufferPointer<Float>
  ) -> Double {
    table.withUnsafeBufferPointer { table in
      var sum: Float = 0
      for index in values.indices {
        let entry = Int(Int32(code(values[index]) - least))
        sum += (table[entry] - exact[index]) * weights[index]
      }
      return Double(sum)
    }
  }

  private func code(_ value: Float) -> Float {
    let scaled = value * inverse
    let cut = scaled < least ? least : scaled > greatest ? greatest : scaled
    return cut + Self.rounder - Self.rounder
  }
}
