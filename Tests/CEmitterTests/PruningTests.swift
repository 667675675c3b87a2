import BoardKernels
import CEmitter
import Engines
import FixedPoint
import Foundation
import LayerCases
import QuantizedIR
import Tensors
import Testing

/// Channels that say nothing go, and the output stays.
@Suite struct PruningTests {
  @Test(arguments: [
    "mobilenet-v1,width=0.25,resolution=32,classes=10",
    "mobilenet-v2,width=0.35,resolution=32,classes=10",
    "mobilenet-v3-small,width=0.35,resolution=32,classes=10",
  ])
  func outputStays(_ spelling: String) async throws {
    let network = try await QuantizedNetwork(random: spelling)
    let input = try network.inference(0).input
    let model = Self.deadened(network.model)
    let pruned = model.pruned
    #expect(pruned.macs < model.macs * 9 / 10)
    #expect(BoundModel.plain(pruned).run(input) == BoundModel.plain(model).run(input))
  }

  /// Whatever goes, the output of every kind of layer stays, and so do the tensors' own checks.
  @Test(arguments: LayerCase.all)
  func outputStaysOfEveryLayer(_ row: LayerCase) throws {
    let pruned = row.model.pruned
    #expect(pruned.inconsistency() == nil)
    for seed in UInt64(0)..<3 {
      let input = row.input(seed: seed)
      #expect(BoundModel.plain(pruned).run(input) == BoundModel.plain(row.model).run(input))
    }
  }

  /// Constant channels go where all shapes of their tensor have the same ones, and only there.
  @Test(arguments: [
    ("reshape-same-channels", 3), ("reshape-more-channels", 6), ("reshape-fewer-channels", 6),
    ("reshape-other-channels", 6),
  ])
  func channelsGoUnderEveryShape(_ name: String, _ channels: Int) throws {
    let row = try #require(LayerCase.all.first { $0.name == name })
    #expect(row.model.pruned.tensors[1].shape.channels == channels)
  }

  /// The factors of channels that go, go with them.
  @Test func factorsFollowTheirChannels() throws {
    var model = try #require(LayerCase.all.first { $0.name == "reshape-same-channels" }).model
    for tensor in [1, 2] { model.tensors[tensor].channelFactors = [1, 2, 3, 4, 5, 6] }
    #expect(model.pruned.tensors[1].channelFactors == [1, 3, 5])
    #expect(model.pruned.inconsistency() == nil)
  }

  /// The model with all-zero weights in every third output channel of its convolutions, whose bias
  /// is positive, negative or zero in turn.
  private static func deadened(_ model: QuantizedModel) -> QuantizedModel {
    var result = model
    for index in model.layers.indices {
      guard case .conv2D(var layer) = model.layers[index].operation, layer.groups == 1 else {
        continue
      }
      let taps = layer.weights.count / layer.outputChannels
      for channel in stride(from: 0, to: layer.outputChannels, by: 3) {
        let range = channel * taps..<(channel + 1) * taps
        layer.weights.values.replaceSubrange(range, with: repeatElement(0, count: taps))
        if channel % 2 == 0 { layer.bias.values[channel] = 0 }
      }
      result.layers[index].operation = .conv2D(layer)
    }
    return result
  }
}
