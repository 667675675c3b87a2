import Boards
import CEmitter
import Engines
import FixedPoint
import Foundation
import LayerCases
import QuantizedIR
import Tensors
import TestSupport
import Testing

/// Networks of very many layers. What each layer costs must not grow with their number: a step that
/// looks at all layers for each takes minutes of the processor here, and the limit is half of one.
@Suite struct LongNetworkTests {
  private static let channels = 2
  private static let map = Shape(height: 2, width: 2, channels: 2)

  /// What a layer of the chain is; the tensors before it go by index.
  enum Link: String, CaseIterable {
    case convolution, lookup, depthwise, sum, mixed
  }

  @Test(arguments: Link.allCases)
  func tenThousandLayersAreEmitted(_ link: Link) throws {
    let start = Self.seconds
    defer { #expect(Self.seconds - start < 30) }
    let model = Self.model(link, layers: 10_000)
    let input = (0..<Self.map.count).map { Int8($0 * 7 - 20) }
    var board = try BoardCatalog.board(named: "cortex-m4")
    board.flashBytes = 1 << 28
    let test = SelfTest(input: input, output: BoundModel.plain(model).run(input))
    let firmware = try Firmware(
      model, board: board, prefix: "net", selfTests: [test], trace: RowTrace.checksums)
    #expect(firmware.layers.count > 1000)
    let files = try firmware.files()
    #expect(files.contains { $0.path == "include/net_layers.h" })
    #expect(firmware.budget.arenaBytes >= firmware.budget.arenaLowerBound)
  }

  /// Of the processor, for this thread: other tests run beside it.
  private static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func model(_ link: Link, layers count: Int) -> QuantizedModel {
    var random = SplitMix64(seed: 3)
    let tensors = (0...count).map { index in
      QuantizedTensor(name: "t\(index)", shape: map, scale: 0.05, zeroPoint: 0)
    }
    let layers = (0..<count).map { index in
      let kind = link == .mixed ? Link.allCases[index % 4] : link
      return Layer(
        name: "layer \(index)", operation: operation(kind, &random),
        inputs: kind == .sum ? [index, max(0, index - 1)] : [index], output: index + 1)
    }
    return QuantizedModel(
      name: "long", tensors: tensors, layers: layers, input: 0, output: count, pixelEncoding: nil,
      labels: [], provenance: SmallNetwork.model.provenance)
  }

  private static func operation(
    _ link: Link, _ random: inout SplitMix64
  ) -> QuantizedIR.Operation {
    func weights(_ count: Int) -> Constants<Int8> {
      Constants(random.codes(count, in: -100...100))
    }
    let extent = Extent(2, 2)
    switch link {
    case .convolution, .mixed:
      return .conv2D(
        Conv2D(
          input: extent, output: extent, kernel: .unit, stride: .unit, padding: Extent(0, 0),
          inputChannels: channels, outputChannels: channels,
          sums: ChannelSums(
            inputZeroPoint: 0, outputZeroPoint: 0,
            clamp: -128...127, rounding: .double, weights: weights(channels * channels),
            bias: [10, -10], multipliers: [1 << 30, 1 << 30], shifts: [-6, -6])))
    case .depthwise:
      return .depthwiseConv2D(
        DepthwiseConv2D(
          input: extent, output: extent, kernel: Extent(3, 3), stride: .unit,
          padding: Extent(1, 1), channels: channels,
          sums: ChannelSums(
            inputZeroPoint: 0, outputZeroPoint: 0,
            clamp: -128...127, rounding: .double, weights: weights(9 * channels), bias: [10, -10],
            multipliers: [1 << 30, 1 << 30], shifts: [-6, -6])))
    case .lookup:
      return .lookup(
        Lookup(function: nil, count: map.count, table: LookupTable { $0 &+ 3 }))
    case .sum:
      guard let broadcast = Broadcast(map, map) else { preconditionFailure("equal shapes meet") }
      let factor = Requantization(multiplier: 1 << 30, shift: 0)
      return .add(
        Add(
          broadcast: broadcast, aZeroPoint: 0, aFactor: factor,
          bZeroPoint: 0, bFactor: factor, outputZeroPoint: 0,
          outputFactor: Requantization(multiplier: 1 << 30, shift: -19), clamp: -128...127,
          rounding: .double))
    }
  }
}
