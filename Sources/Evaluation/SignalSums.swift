private import Foundation
internal import QuantizedIR

/// Sums over pairs of a real value and its int8 counterpart, from which all error figures follow.
struct SignalSums: Hashable, Sendable {
  /// How many pairs.
  private(set) var count = 0
  /// Of the real values' squares.
  private var signal = 0.0
  /// Of the int8 values' squares, in real units.
  private var quantized = 0.0
  /// Of the differences' squares.
  private var noise = 0.0
  /// Of the products.
  private var product = 0.0
  /// How many real values lie more than half a step beyond what the codes can express.
  private var saturatedCount = 0

  /// Values summed in single precision before the sums are widened.
  private static let blockLength = 1024

  /// Adds the values of `tensor` for one image.
  mutating func add(_ real: Span<Float>, _ codes: Span<Int8>, _ tensor: QuantizedTensor) {
    precondition(real.count == codes.count, "'\(tensor.name)': \(real.count) and \(codes.count)")
    let steps = Steps(tensor)
    real.withUnsafeBytes { real in
      codes.withUnsafeBytes { codes in
        for start in stride(from: 0, to: codes.count, by: Self.blockLength) {
          let block = start..<min(start + Self.blockLength, codes.count)
          addBlock(
            UnsafeRawBufferPointer(rebasing: real[block.lowerBound * 4..<block.upperBound * 4]),
            UnsafeRawBufferPointer(rebasing: codes[block]), steps)
        }
      }
    }
    count += real.count
  }

  /// What turns codes into real values, in single precision.
  private struct Steps {
    let scale: Float
    let zeroPoint: Int32
    let lowest: Float
    let highest: Float

    init(_ tensor: QuantizedTensor) {
      scale = Float(tensor.scale)
      zeroPoint = tensor.zeroPoint
      lowest = Float(tensor.real(.min) - tensor.scale / 2)
      highest = Float(tensor.real(.max) + tensor.scale / 2)
    }
  }

  /// `real` are 32-bit floats and `codes` bytes, as many of each.
  private mutating func addBlock(
    _ real: UnsafeRawBufferPointer, _ codes: UnsafeRawBufferPointer, _ steps: Steps
  ) {
    var (signals, quantizeds) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
    var (noises, products) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
    var saturated = SIMD8<Int32>.zero
    func add(_ x: SIMD8<Float>, _ code: SIMD8<Int8>) {
      let level = SIMD8<Int32>(truncatingIfNeeded: code) &- steps.zeroPoint
      let q = SIMD8<Float>(level) * steps.scale
      let difference = x - q
      signals += x * x
      quantizeds += q * q
      noises += difference * difference
      products += x * q
      let outside = (x .< steps.lowest) .| (x .> steps.highest)
      saturated = saturated.replacing(with: saturated &+ 1, where: outside)
    }
    var index = 0
    while index + 8 <= codes.count {
      add(
        real.loadUnaligned(fromByteOffset: 4 * index, as: SIMD8<Float>.self),
        codes.loadUnaligned(fromByteOffset: index, as: SIMD8<Int8>.self))
      index += 8
    }
    while index < codes.count {
      // The other lanes hold 0 and its code, which add nothing.
      var (x, code) = (SIMD8<Float>.zero, SIMD8<Int8>(repeating: Int8(steps.zeroPoint)))
      x[0] = real.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
      code[0] = codes.loadUnaligned(fromByteOffset: index, as: Int8.self)
      add(x, code)
      index += 1
    }
    signal += Double(signals.sum())
    quantized += Double(quantizeds.sum())
    noise += Double(noises.sum())
    product += Double(products.sum())
    saturatedCount += Int(saturated.wrappedSum())
  }

  /// Adds the sums of other pairs.
  mutating func merge(_ other: SignalSums) {
    count += other.count
    signal += other.signal
    quantized += other.quantized
    noise += other.noise
    product += other.product
    saturatedCount += other.saturatedCount
  }

  /// Signal over noise in decibels; `nil` where there is no signal, or no noise to divide by.
  var sqnrDB: Double? {
    signal > 0 && noise > 0 ? 10 * log10(signal / noise) : nil
  }

  /// The cosine of the angle between the real and the int8 values; 1 where both are all 0, 0 where
  /// one is.
  var cosine: Double {
    guard signal > 0, quantized > 0 else { return signal == quantized ? 1 : 0 }
    return product / (signal * quantized).squareRoot()
  }

  /// The share of real values beyond what the codes can express.
  var saturated: Double { count > 0 ? Double(saturatedCount) / Double(count) : 0 }
}
