internal import FixedPoint
internal import HostKernels
package import QuantizedIR
internal import Tensors

/// What one output reads: the part of its window that lies inside the image.
struct WindowTaps {
  /// The image row and column of tap (0, 0); may lie outside the image.
  let originY: Int
  let originX: Int
  /// The taps inside the image. A tap outside is the zero point, so it adds nothing.
  let tapsY: Range<Int>
  let tapsX: Range<Int>

  init(_ window: Window, outY: Int, outX: Int) {
    originY = outY * window.stride.height - window.padding.height
    originX = outX * window.stride.width - window.padding.width
    tapsY = Self.inside(
      originY, window.kernel.height, window.dilation.height, window.input.height)
    tapsX = Self.inside(originX, window.kernel.width, window.dilation.width, window.input.width)
  }

  private static func inside(
    _ origin: Int, _ kernel: Int, _ dilation: Int, _ size: Int
  ) -> Range<Int> {
    let begin = max(0, (dilation - 1 - origin) / dilation)
    let end = min(kernel, (size - origin + dilation - 1) / dilation)
    return begin..<max(begin, end)
  }
}

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

extension Mean: PlainLayer {
  /// Runs the layer on one image. `source` holds `[pixels, C]`, `destination` receives `[C]`.
  ///
  /// Twin: `mnq_mean_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    run(source, &destination, codes: CodeWidth.int8.codes)
  }

  /// The same over codes of any width, to one of `codes`.
  func run<Code: FixedWidthInteger>(
    _ source: Span<Code>, _ destination: inout MutableSpan<Code>, codes: ClosedRange<Int32>
  ) {
    precondition(source.count == pixels * channels && destination.count == channels)
    for c in 0..<channels {
      var sum: Int32 = 0
      for pixel in 0..<pixels { sum &+= Int32(source[pixel * channels + c]) }
      let centered = sum &- inputZeroPoint &* Int32(pixels)
      let quantized = factor(centered, rounding: rounding) &+ outputZeroPoint
      destination[c] = Code(quantized.clamped(to: codes))
    }
  }

  package func run(
    _ a: Span<Int32>, _ b: Span<Int32>, output: inout MutableSpan<Int32>, in wide: Wide
  ) {
    run(a, &output, codes: wide.output.codes)
  }
}

extension Mean: HostLayer {
  func hostKernel(_ memory: PackedMemory) -> BoundKernel? {
    let layer = mnqh_mean_s8_layer(
      factor: factor.hostValue,
      codes: mnqh_codes(
        inputZeroPoint: inputZeroPoint, outputZeroPoint: outputZeroPoint, clamp: -128...127,
        rounding: rounding))
    let call = Call(layer: memory.address(of: [layer]), pixels: pixels, channels: channels)
    return BoundKernel(
      memory.address(of: [call]), scratchBytes: channels * MemoryLayout<Int32>.stride
    ) { call, a, _, output, scratch in
      let call = (call.bound() as UnsafePointer<Call>).pointee
      mnqh_mean_s8(
        call.layer, call.pixels, call.channels, a, output,
        scratch.bindMemory(to: Int32.self, capacity: call.channels))
    }
  }

  private struct Call: BitwiseCopyable {
    let layer: UnsafePointer<mnqh_mean_s8_layer>
    let pixels: Int
    let channels: Int
  }
}

extension Resize: PlainLayer {
  /// Twin: `mnq_resize_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    precondition(source.count == input.count * channels)
    precondition(destination.count == output.count * channels)
    let (rows, columns) = (rows.values, columns.values)
    for (outY, y) in rows.enumerated() {
      for (outX, x) in columns.enumerated() {
        let (down, right) = (y % Self.unit, x % Self.unit)
        let corner = (Int(y / Self.unit) * input.width + Int(x / Self.unit)) * channels
        let below = down == 0 ? 0 : input.width * channels
        let beside = right == 0 ? 0 : channels
        for c in corner..<corner + channels {
          let upper =
            (Self.unit - right) * Int32(source[c]) + right * Int32(source[c + beside])
          let lower =
            (Self.unit - right) * Int32(source[c + below])
            + right * Int32(source[c + below + beside])
          let sum = (Self.unit - down) * upper + down * lower
          let half: Int32 = sum > 0 ? 1 << 19 : -1 << 19
          destination[(outY * columns.count + outX) * channels + c - corner] =
            Int8((sum + half) / (1 << 20))
        }
      }
    }
  }
}

extension Resize: HostLayer {}
