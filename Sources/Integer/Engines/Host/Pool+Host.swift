internal import HostKernels
internal import QuantizedIR
internal import Tensors

extension Pool {
  /// The kernel of averages; `nil` unless the window is the whole image.
  var hostKernel: HostKernel? {
    let isGlobal =
      choice == .average && kernel == input && output == .unit && padding == Extent(0, 0)
    return isGlobal && input.count <= 1 << 24 ? .globalAverage(self) : nil
  }

  /// Averages all pixels of each channel; `scratch` holds one sum a channel.
  func runGlobally(
    _ source: UnsafePointer<Int8>, _ destination: UnsafeMutablePointer<Int8>,
    scratch: UnsafeMutableRawPointer
  ) {
    let sums = scratch.bindMemory(to: Int32.self, capacity: channels)
    mnqh_sum_channels_s8(input.count, channels, source, sums)
    let count = Int32(input.count)
    for c in 0..<channels {
      // Division truncates, so half of the divisor moves ties away from zero.
      let average = (sums[c] > 0 ? sums[c] + count / 2 : sums[c] - count / 2) / count
      destination[c] = Int8(min(max(average, clamp.lowerBound), clamp.upperBound))
    }
  }
}
