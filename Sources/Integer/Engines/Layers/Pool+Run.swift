internal import FixedPoint
internal import HostKernels
package import QuantizedIR
internal import Tensors

extension Pool: PlainLayer {
  /// Runs the layer on one image. `source` holds `[H, W, C]`, `destination` receives
  /// `[OH, OW, C]`.
  ///
  /// Twins: `mnq_average_pool_s8` and `mnq_max_pool_s8` in `CRuntime`. Change all or none.
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    precondition(source.count == input.count * channels)
    precondition(destination.count == output.count * channels)

    let window = self.window
    for outY in 0..<window.output.height {
      for outX in 0..<window.output.width {
        let taps = WindowTaps(window, outY: outY, outX: outX)
        for c in 0..<channels {
          let code =
            switch choice {
            case .average: average(source, taps, window.input.width, channel: c)
            case .maximum: maximum(source, taps, window.input.width, channel: c)
            }
          destination[(outY * window.output.width + outX) * channels + c] = Int8(
            code.clamped(to: clamp))
        }
      }
    }
  }

  private func average(_ source: Span<Int8>, _ taps: WindowTaps, _ width: Int, channel c: Int)
    -> Int32
  {
    var sum: Int32 = 0
    for ky in taps.tapsY {
      let row = (taps.originY + ky) * width + taps.originX
      for kx in taps.tapsX { sum &+= Int32(source[(row + kx) * channels + c]) }
    }
    let count = Int32(max(1, taps.tapsY.count * taps.tapsX.count))
    // Division truncates, so half of the divisor moves ties away from zero.
    return (sum > 0 ? sum + count / 2 : sum - count / 2) / count
  }

  private func maximum(_ source: Span<Int8>, _ taps: WindowTaps, _ width: Int, channel c: Int)
    -> Int32
  {
    var largest = Int8.min
    for ky in taps.tapsY {
      let row = (taps.originY + ky) * width + taps.originX
      for kx in taps.tapsX { largest = max(largest, source[(row + kx) * channels + c]) }
    }
    return Int32(largest)
  }
}

extension Pool: HostLayer {
  /// Of averages; `nil` unless the window is the whole image.
  func hostKernel(_ memory: PackedMemory) -> BoundKernel? {
    let isGlobal =
      choice == .average && kernel == input && output == .unit && padding == Extent(0, 0)
    guard isGlobal, input.count <= 1 << 24 else { return nil }
    let call = Call(
      pixels: input.count, channels: channels, minimum: clamp.lowerBound,
      maximum: clamp.upperBound)
    return BoundKernel(
      memory.address(of: [call]), scratchBytes: channels * MemoryLayout<Int32>.stride
    ) { call, a, _, output, scratch in
      let call: UnsafePointer<Call> = call.bound()
      call.pointee.run(a, output, scratch)
    }
  }

  private struct Call: BitwiseCopyable {
    let pixels: Int
    let channels: Int
    let minimum: Int32
    let maximum: Int32

    /// Averages all pixels of each channel; `scratch` holds one sum a channel.
    func run(
      _ source: UnsafePointer<Int8>, _ destination: UnsafeMutablePointer<Int8>,
      _ scratch: UnsafeMutableRawPointer
    ) {
      let sums = scratch.bindMemory(to: Int32.self, capacity: channels)
      mnqh_sum_channels_s8(pixels, channels, source, sums)
      let count = Int32(pixels)
      for c in 0..<channels {
        // Division truncates, so half of the divisor moves ties away from zero.
        let average = (sums[c] > 0 ? sums[c] + count / 2 : sums[c] - count / 2) / count
        destination[c] = Int8(min(max(average, minimum), maximum))
      }
    }
  }
}
