import Engines
import FixedPoint
import HostKernels
import QuantizedIR
import Tensors
import Testing

/// Element-wise operators against the plain engine, byte for byte.
struct ElementwiseS8Tests {
  static let sizes = [1, 3, 7, 8, 15, 16, 17, 31, 32, 33, 100]

  @Test func lookupFindsEveryCode() {
    var random = SplitMix64(seed: 1)
    let table = random.int8s(256)
    for count in Self.sizes + [256, 1000] {
      let input = count == 256 ? Array(Int8.min...Int8.max) : random.int8s(count)
      let expected = input.map { table[Int($0) + 128] }
      var output = [Int8](repeating: 0, count: count)
      mnqh_lookup_s8(count, input, table, &output)
      #expect(output == expected, "\(count)")
      output = [Int8](repeating: 0, count: count)
      mnqh_lookup_s8_scalar(count, input, table, &output)
      #expect(output == expected, "scalar, \(count)")
      var inPlace = input
      inPlace.withUnsafeMutableBufferPointer {
        mnqh_lookup_s8(count, $0.baseAddress, table, $0.baseAddress)
      }
      #expect(inPlace == expected, "in place, \(count)")
    }
  }

  @Test(arguments: Int32(-15)...6, [Int32(-15), -8, -6, -1])
  func hardSwishEqualsTheFunction(reluishShift: Int32, outputShift: Int32) {
    var random = SplitMix64(seed: 5)
    let all = Array(Int8.min...Int8.max)
    for (inputZeroPoint, outputZeroPoint) in [(-128, -128), (127, 127), (-9, -110), (40, 3)] {
      let function = HardSwishFunction(
        inputZeroPoint: Int32(inputZeroPoint), outputZeroPoint: Int32(outputZeroPoint),
        outputFactor: Requantization(
          multiplier: random.multiplier(orOne: [1 << 30, .max]), shift: outputShift),
        reluishFactor: Requantization(
          multiplier: random.multiplier(orOne: [1 << 30, .max]), shift: reluishShift))
      var layer = mnqh_hard_swish_s8_layer(
        input_zero_point: function.inputZeroPoint, output_zero_point: function.outputZeroPoint,
        output_factor: native(function.outputFactor),
        reluish_factor: native(function.reluishFactor))
      for input in Self.sizes.map({ random.int8s($0) }) + [all, all + all.prefix(70)] {
        let expected = input.map { function($0) }
        var output = [Int8](repeating: 0, count: input.count)
        mnqh_hard_swish_s8_scalar(&layer, input.count, input, &output)
        #expect(output == expected, "scalar, \(function), \(input.count)")
        output = input
        output.withUnsafeMutableBufferPointer {
          mnqh_hard_swish_s8(&layer, input.count, $0.baseAddress, $0.baseAddress)
        }
        #expect(output == expected, "\(function), \(input.count)")
      }
    }
  }

  /// Factors as a quantizer makes them, and any.
  private func factors(_ random: inout SplitMix64, usual: Bool, _ shifts: ClosedRange<Int32>)
    -> Requantization
  {
    Requantization(
      multiplier: random.multiplier(orOne: [1 << 30, .max]),
      shift: .random(in: usual ? shifts : -31...30, using: &random))
  }

  @Test(arguments: Codes.all, [true, false])
  func addEqualsTheEngine(codes: Codes, usual: Bool) throws {
    var random = SplitMix64(seed: 2)
    for _ in 0..<20 {
      for count in Self.sizes {
        let shape = Shape([count])
        let layer = Add(
          broadcast: try #require(Broadcast(shape, shape)), aZeroPoint: codes.inputZeroPoint,
          aFactor: factors(&random, usual: usual, -8...0), bZeroPoint: codes.outputZeroPoint,
          bFactor: factors(&random, usual: usual, -8...0), outputZeroPoint: codes.outputZeroPoint,
          outputFactor: factors(&random, usual: usual, -24 ... -12), clamp: codes.clamp,
          rounding: codes.rounding)
        let (a, b) = (random.int8s(count), random.int8s(count))
        var expected = [Int8](repeating: 0, count: count)
        var span = expected.mutableSpan
        layer.run(a.span, b.span, output: &span)
        var native = mnqh_add_s8_layer(
          a_zero_point: layer.aZeroPoint, a_factor: native(layer.aFactor),
          b_zero_point: layer.bZeroPoint, b_factor: native(layer.bFactor),
          output_factor: native(layer.outputFactor), codes: codes.native, has_line: false,
          a_scale: 0, b_scale: 0, offset: 0)
        var output = [Int8](repeating: 0, count: count)
        mnqh_add_s8(&native, count, a, b, &output)
        #expect(output == expected, "\(layer)")
        output = [Int8](repeating: 0, count: count)
        mnqh_add_s8_scalar(&native, count, a, b, &output)
        #expect(output == expected, "scalar, \(layer)")
      }
    }
  }

  /// All pairs of codes, with factors as they come from scales: most layers have a line.
  @Test func addByALineEqualsTheEngine() throws {
    var random = SplitMix64(seed: 5)
    let a = (0..<65536).map { Int8(truncatingIfNeeded: $0 >> 8) }
    let b = (0..<65536).map { Int8(truncatingIfNeeded: $0) }
    var lines = 0
    for codes in Codes.all {
      let shape = Shape([a.count])
      let layer = Add(
        broadcast: try #require(Broadcast(shape, shape)), aZeroPoint: codes.inputZeroPoint,
        aFactor: Requantization(multiplier: 1 << 30, shift: 0), bZeroPoint: codes.outputZeroPoint,
        bFactor: factors(&random, usual: true, -3 ... -1), outputZeroPoint: codes.outputZeroPoint,
        outputFactor: factors(&random, usual: true, -19 ... -18), clamp: codes.clamp,
        rounding: codes.rounding)
      var expected = [Int8](repeating: 0, count: a.count)
      var span = expected.mutableSpan
      layer.run(a.span, b.span, output: &span)
      var native = mnqh_add_s8_layer(
        a_zero_point: layer.aZeroPoint, a_factor: native(layer.aFactor),
        b_zero_point: layer.bZeroPoint, b_factor: native(layer.bFactor),
        output_factor: native(layer.outputFactor), codes: codes.native, has_line: false,
        a_scale: 0, b_scale: 0, offset: 0)
      mnqh_prepare_add_s8(&native)
      lines += native.has_line ? 1 : 0
      var output = [Int8](repeating: 0, count: a.count)
      mnqh_add_s8(&native, a.count, a, b, &output)
      #expect(output == expected, "\(layer)")
    }
    #expect(lines > Codes.all.count / 2)
  }

  @Test(arguments: Codes.all, [true, false])
  func scaleChannelsEqualsTheEngine(codes: Codes, usual: Bool) throws {
    var random = SplitMix64(seed: 3)
    var lines = 0
    for (pixels, zeroPoint) in [(3, -128), (1, -128), (2, -128), (5, 127), (4, -3)] {
      for channels in Self.sizes + Self.sizes {
        let image = Shape([1, pixels, 1, channels])
        let gate = Shape([1, 1, 1, channels])
        let layer = Multiply(
          broadcast: try #require(Broadcast(image, gate)), aZeroPoint: codes.inputZeroPoint,
          bZeroPoint: Int32(zeroPoint), outputZeroPoint: codes.outputZeroPoint,
          factor: factors(&random, usual: usual, -14 ... -1), clamp: codes.clamp,
          rounding: codes.rounding)
        let (input, gates) = (random.int8s(pixels * channels), random.int8s(channels))
        var expected = [Int8](repeating: 0, count: pixels * channels)
        var span = expected.mutableSpan
        layer.run(input.span, gates.span, output: &span)
        var native = mnqh_scale_channels_s8_layer(
          factors_zero_point: layer.bZeroPoint, factor: native(layer.factor), codes: codes.native,
          has_line: false, bent: false, scale: 0, offset: 0, negative_offset: 0)
        var output = [Int8](repeating: 0, count: pixels * channels)
        mnqh_scale_channels_s8(&native, pixels, channels, input, gates, &output)
        #expect(output == expected, "\(layer)")
        mnqh_prepare_scale_channels_s8(&native)
        lines += native.has_line ? 1 : 0
        output = [Int8](repeating: 0, count: pixels * channels)
        mnqh_scale_channels_s8(&native, pixels, channels, input, gates, &output)
        #expect(output == expected, "prepared, \(layer)")
        output = input
        output.withUnsafeMutableBufferPointer {
          mnqh_scale_channels_s8(&native, pixels, channels, $0.baseAddress, gates, $0.baseAddress)
        }
        #expect(output == expected, "in place, \(layer)")
        output = [Int8](repeating: 0, count: pixels * channels)
        mnqh_scale_channels_s8_scalar(&native, pixels, channels, input, gates, &output)
        #expect(output == expected, "scalar, \(layer)")
      }
    }
    #expect(!usual || lines > 5 * Self.sizes.count)
  }

  @Test(arguments: [1, 4, 49, 256, 257, 700], Rounding.allCases)
  func meanEqualsTheEngine(pixels: Int, rounding: Rounding) {
    var random = SplitMix64(seed: 4)
    for channels in Self.sizes {
      let layer = Mean(
        pixels: pixels, channels: channels, inputZeroPoint: -5, outputZeroPoint: 3,
        factor: factors(&random, usual: true, -10 ... -1), rounding: rounding)
      // The lowest code everywhere is where narrow sums would overflow first.
      let input =
        channels == 16
        ? [Int8](repeating: -128, count: pixels * channels) : random.int8s(pixels * channels)
      var expected = [Int8](repeating: 0, count: channels)
      var span = expected.mutableSpan
      layer.run(input: input.span, output: &span)
      let codes = Codes(
        inputZeroPoint: -5, outputZeroPoint: 3, clamp: -128...127, rounding: rounding)
      var native = mnqh_mean_s8_layer(factor: native(layer.factor), codes: codes.native)
      var sums = [Int32](repeating: 0, count: channels)
      var output = [Int8](repeating: 0, count: channels)
      mnqh_mean_s8(&native, pixels, channels, input, &output, &sums)
      #expect(output == expected, "\(layer)")
      output = [Int8](repeating: 0, count: channels)
      mnqh_mean_s8_scalar(&native, pixels, channels, input, &output, &sums)
      #expect(output == expected, "scalar, \(layer)")
    }
  }

  private func native(_ factor: Requantization) -> mnqh_factor {
    mnqh_factor(multiplier: factor.multiplier, shift: factor.shift)
  }
}
