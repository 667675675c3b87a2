import Calibration
import FixedPoint
import NetworkGraph
import QuantizedIR
import Quantizer
import Tensors
import Testing

/// The plain recipe on two networks that were quantized by hand, with the formulas of
/// `Docs/Arithmetic.md` and of TensorFlow Lite's specification.
///
/// Pixels are read as `pixel / 255`. One convolution of 1 x 1 pixels makes `0.5 * x + 0.1` and
/// `-1.27 * x`, and calibration saw x = 0, 1/4, 1/2 and 1.
@Suite struct MinMaxRecipeTests {
  /// Both channels share -1.27 ... 0.6: scale 1.87 / 255, real 0 at -128 + 1.27 / scale = 45.2.
  @Test func valuesBelowZeroMoveTheZeroPoint() throws {
    let model = try Self.model(activation: nil)
    #expect(model.tensors.map(\.zeroPoint) == [-128, 45])
    #expect(model.tensors.map(\.scale) == [Double(Float(1) / 255), 0.007333333138376474])
    // 0.5 / 127 and 1.27 / 127 over 1.87, the pixels' 255 and the output's cancelling out:
    // 0.0021053520 = 1157429490 * 2^-39 and 0.0053475939 = 1469935424 * 2^-38.
    try Self.expectLayer(
      of: model, multipliers: [1_157_429_490, 1_469_935_424], shifts: [-8, -7],
      clamp: -128...127)
  }

  /// ReLU6 leaves 0 ... 0.6: scale 0.6 / 255, real 0 at -128, and 6 is beyond the last code.
  @Test func aClampIsPartOfItsLayer() throws {
    let model = try Self.model(activation: .relu6)
    #expect(model.tensors.map(\.zeroPoint) == [-128, -128])
    #expect(model.tensors.map(\.scale) == [Double(Float(1) / 255), 0.0023529413156211376])
    // 0.5 / 127 and 1.27 / 127 over 0.6: 0.0065616798 = 1803660800 * 2^-38 and
    // 1 / 60 = 1145324587 * 2^-36.
    try Self.expectLayer(
      of: model, multipliers: [1_803_660_800, 1_145_324_587], shifts: [-7, -5],
      clamp: -128...127)
  }

  /// The weights are ±127 at scales of their own, and the bias is 0.1 / (0.5 / 127 / 255) = 6477.
  private static func expectLayer(
    of model: QuantizedModel, multipliers: [Int32], shifts: [Int8], clamp: ClosedRange<Int32>
  ) throws {
    let layer = try #require(model.layers.first)
    #expect(model.layers.count == 1)
    guard case .conv2D(let conv) = layer.operation else { throw NotAConvolution() }
    #expect(layer.weightScales.values == [0.5 / 127, 1.27 / 127])
    #expect(conv.weights.values == [127, -127])
    #expect(conv.bias.values == [6477, 0])
    #expect(conv.multipliers.values == multipliers)
    #expect(conv.shifts.values == shifts)
    #expect(conv.clamp == clamp)
  }

  private struct NotAConvolution: Error {}

  private static func model(activation: Activation?) throws -> QuantizedModel {
    var graph = Graph(name: "plain", preprocessing: .unit(channels: 1))
    graph.input = graph.addTensor("input", [1, 2, 2, 1])
    graph.output = try graph.add(
      "conv",
      .conv2D(
        Operator.Conv2D(
          weights: [0.5, -1.27], bias: [0.1, 0], kernel: .unit, inputChannels: 1,
          outputChannels: 2)), graph.input)
    if let activation {
      graph.output = try graph.add("activation", .activation(activation), graph.output)
    }
    return try Recipe.minmax.passes.quantize(
      graph, RecipeTests.table(of: graph, [[0, 0.25, 0.5, 1]]), images: [],
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: "minmax", rounding: .double,
        calibration: nil))
  }
}
