import Engines
import FixedPoint
import QuantizedIR
import Tensors
import Testing

/// Layers small enough to work out by hand.
@Suite struct KernelTests {
  private static let half = Requantization(multiplier: 1 << 30, shift: 0)

  /// 2 × 2 image, 3 × 3 kernel of ones, SAME padding: each output is the sum of all four pixels,
  /// because a tap outside the image adds nothing whatever the zero point.
  @Test(arguments: [Int32(-128), 0, 127])
  func paddingAddsNothing(zeroPoint: Int32) {
    let layer = Conv2D(
      input: Extent(2, 2), output: Extent(2, 2), kernel: Extent(3, 3), stride: .unit,
      padding: Extent(1, 1), inputChannels: 1, outputChannels: 1,
      sums: ChannelSums(
        inputZeroPoint: zeroPoint,
        outputZeroPoint: 3, weights: Constants([Int8](repeating: 1, count: 9)), bias: [10],
        multipliers: [1 << 30], shifts: [0]))
    let input: [Int8] = [5, -7, 9, 1]
    let sum = input.reduce(0) { $0 + Int32($1) } - 4 * zeroPoint + 10
    let expected = Int8(clamping: (sum + 1) >> 1 + 3)
    #expect(
      run(4) { layer.run(input: input.span, output: &$0) } == [
        expected, expected, expected, expected,
      ])
  }

  @Test func groupsReadTheirOwnChannels() {
    let layer = Conv2D(
      input: .unit, output: .unit, kernel: .unit, stride: .unit, padding: Extent(0, 0),
      inputChannels: 4, outputChannels: 2, groups: 2,
      sums: ChannelSums(
        inputZeroPoint: 0, outputZeroPoint: 0,
        weights: [1, 2, 3, 4], bias: [0, 0], multipliers: [1 << 30, 1 << 30], shifts: [1, 1]))
    let input: [Int8] = [1, 10, 2, 20]
    #expect(run(2) { layer.run(input: input.span, output: &$0) } == [21, 86])
  }

  @Test func depthwiseMultiplierReadsItsChannel() {
    let layer = DepthwiseConv2D(
      input: .unit, output: .unit, kernel: .unit, stride: .unit, padding: Extent(0, 0),
      channels: 2, channelMultiplier: 2,
      sums: ChannelSums(
        inputZeroPoint: 1, outputZeroPoint: 0,
        weights: [1, 2, 3, 4], bias: [0, 0, 0, 100],
        multipliers: [1 << 30, 1 << 30, 1 << 30, 1 << 30],
        shifts: [1, 1, 1, 1]))
    let input: [Int8] = [11, 21]
    #expect(run(4) { layer.run(input: input.span, output: &$0) } == [10, 20, 60, 127])
  }

  @Test func fullyConnectedRoundsAsNamed() {
    func layer(_ rounding: Rounding) -> FullyConnected {
      FullyConnected(
        inputCount: 1, outputCount: 1,
        sums: ChannelSums(
          inputZeroPoint: 0, outputZeroPoint: 0, rounding: rounding,
          weights: [1], bias: [0], multipliers: [1 << 30], shifts: [0]))
    }
    let input: [Int8] = [-3]
    let found = Rounding.allCases.map { rounding in
      run(1) { layer(rounding).run(input: input.span, output: &$0) }
    }
    #expect(found == [[-1], [-1], [-2]])
  }

  /// Ties of an average go away from zero, and padding does not count.
  @Test func averagePoolCountsPixelsInside() {
    let window = Window(
      input: Extent(1, 3), output: Extent(1, 2), kernel: Extent(1, 2), stride: Extent(1, 2),
      padding: Extent(0, 1))
    let layer = Pool(.average, window, channels: 1)
    let input: [Int8] = [-7, -4, -1]
    #expect(run(2) { layer.run(input: input.span, output: &$0) } == [-7, -3])
  }

  @Test func meanRemovesTheZeroPoint() {
    let layer = Mean(
      pixels: 4, channels: 1, inputZeroPoint: -128, outputZeroPoint: -100,
      factor: Requantization(multiplier: 1 << 30, shift: -1))
    let input: [Int8] = [-128, -124, -120, -116]
    // (0 + 4 + 8 + 12) / 4 = 6.
    #expect(run(1) { layer.run(input: input.span, output: &$0) } == [-94])
  }

  @Test func broadcastWalksBothOperands() throws {
    let broadcast = try #require(Broadcast([1, 2, 1, 2], [1, 1, 3, 1]))
    #expect(broadcast.shape == [1, 2, 3, 2])
    let layer = Multiply(
      broadcast: broadcast, aZeroPoint: 0, bZeroPoint: 0, outputZeroPoint: 0,
      factor: Requantization(multiplier: 1 << 30, shift: 1))
    let (a, b): ([Int8], [Int8]) = ([1, 2, 3, 4], [1, 10, 20])
    let found = run(12) { layer.run(a.span, b.span, output: &$0) }
    #expect(found == [1, 2, 10, 20, 20, 40, 3, 4, 30, 40, 60, 80])
    #expect(Broadcast([1, 2], [1, 3]) == nil)
  }

  @Test func broadcastMergesMoreThanFourAxes() throws {
    #expect(Broadcast([1, 2, 2, 2, 3], [1, 2, 2, 2, 3])?.shape == [1, 1, 1, 24])
    #expect(Broadcast([1, 2, 2, 2, 3], [3])?.shape == [1, 1, 8, 3])
    #expect(Broadcast([1, 2, 2, 2, 3], []) == Broadcast([24], []))
    let broadcast = try #require(Broadcast([2, 1, 3, 1, 1, 2], [2, 1, 1, 1, 2, 1]))
    #expect(broadcast.shape == [2, 3, 2, 2])
    #expect(broadcast.aStrides == [6, 2, 0, 1])
    #expect(broadcast.bStrides == [2, 0, 1, 0])
    // Five runs that cannot be one another's continuation.
    #expect(Broadcast([2, 2, 1, 2, 1], [1, 2, 2, 2, 2]) == nil)
  }

  private func run(_ count: Int, _ body: (inout MutableSpan<Int8>) -> Void) -> [Int8] {
    var values = [Int8](repeating: 99, count: count)
    var span = values.mutableSpan
    body(&span)
    return values
  }
}
