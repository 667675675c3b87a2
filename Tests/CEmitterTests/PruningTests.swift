import CEmitter
import FixedPoint
import Foundation
import IntegerEngine
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
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "mnquant-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let network = try await RandomMobileNet(spelling, in: folder)
    let input = try network.inference(0).input
    let model = Self.deadened(network.model)
    let pruned = model.pruned
    #expect(pruned.macs < model.macs * 9 / 10)
    #expect(Engine(pruned).run(input) == Engine(model).run(input))
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
