import HostKernels
import Tensors
import Testing

struct DepthwiseF32Tests {
  @Test(arguments: Window.all)
  func equalsSumsInDouble(window: Window) {
    var random = SplitMix64(seed: UInt64(window.height * 100 + window.taps))
    for (channels, multiplier) in [(1, 1), (7, 1), (16, 1), (33, 1), (40, 1), (3, 2), (8, 4)] {
      let case_ = Case(
        window: window, channels: channels, multiplier: multiplier,
        weights: random.floats(window.taps * channels * multiplier),
        bias: random.floats(channels * multiplier))
      let input = random.floats(window.height * window.width * channels)
      let ending: Ending =
        channels == 16 ? .clamp(0...6) : channels % 3 == 0 ? .hardSwish : .nothing
      let expected = case_.expected(input)
      let what = "\(window), \(channels) channels times \(multiplier)"
      check(case_.run(scalar: false, input, ending), expected, ending, what)
      check(case_.run(scalar: true, input, ending), expected, ending, "scalar, \(what)")
    }
  }
}

private struct Case {
  let window: Window
  let channels: Int
  let multiplier: Int
  let weights: [Float]
  let bias: [Float]

  func run(scalar: Bool, _ input: [Float], _ ending: Ending) -> [Float] {
    var packed = [Float](
      repeating: .nan, count: mnqh_depthwise_f32_packed_count(window.taps, bias.count))
    mnqh_pack_depthwise_f32(weights, bias, window.taps, bias.count, &packed)
    var output = [Float](
      repeating: .nan, count: window.outputHeight * window.outputWidth * bias.count)
    packed.withUnsafeBufferPointer { packed in
      var layer = mnqh_depthwise_f32_layer(
        window: window.native, input_channels: channels, multiplier: multiplier,
        packed: packed.baseAddress, ending: ending.native)
      if scalar {
        mnqh_depthwise_f32_scalar(&layer, input, &output)
      } else {
        var scratch = [Float](repeating: .nan, count: mnqh_depthwise_f32_scratch_count(&layer))
        mnqh_depthwise_f32(&layer, input, &output, &scratch)
      }
    }
    return output
  }

  func expected(_ input: [Float]) -> [Expectation] {
    (0..<window.outputHeight * window.outputWidth).flatMap { pixel in
      bias.indices.map { c in
        var sum = Expectation(bias: bias[c])
        window.forEachTap(outY: pixel / window.outputWidth, outX: pixel % window.outputWidth) {
          sum.add(input[$1 * channels + c / multiplier], weights[$0 * bias.count + c])
        }
        return sum
      }
    }
  }
}
