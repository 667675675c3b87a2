import FixedPoint
import QuantizedIR
import Tensors

extension LayerCase {
  /// What one image and one constant do not reach: batches, a constant in front, two activations.
  static let variations: [LayerCase] =
    [conv2D[5], depthwiseConv2D[3], averagePool[2], mean[0], lookup[2]].map { $0.batched(3) }
    + [conv2D[0], conv2D[13], conv2D[14], conv2D[15]].map(\.withLookup)
    + [depthwiseConv2D[2], depthwiseConv2D[3], depthwiseConv2D[12], depthwiseConv2D[14]].map(
      \.withLookup)
    + [conv2D[13].batched(2).withLookup]
    + [add[0], multiply[1]].flatMap { [$0.withConstantInFront, $0.withTwoActivations] }

  /// The same layer over several images.
  func batched(_ images: Int) -> LayerCase {
    var model = model
    for index in model.tensors.indices { model.tensors[index].shape.dimensions[0] *= images }
    return LayerCase(name: name + "-batch-\(images)", model: model)
  }

  /// The same layer and a lookup of its codes.
  private var withLookup: LayerCase {
    var model = model
    var random = RandomConstants(seed: 800)
    let count = model.layers[0].operation.valueCounts.output
    let lookup = Lookup(function: nil, count: count, table: random.table())
    model.tensors.append(model.tensors[model.output])
    model.tensors[model.output].name = "before the lookup"
    model.layers.append(
      Layer(
        name: "lookup", operation: .lookup(lookup), inputs: [model.output],
        output: model.tensors.count - 1))
    model.output = model.tensors.count - 1
    return LayerCase(name: name + "-lookup", model: model)
  }

  /// A layer over two operands of one shape, the other way round.
  private var withConstantInFront: LayerCase {
    var model = model
    model.layers[0].inputs.reverse()
    return LayerCase(name: name + "-constant-in-front", model: model)
  }

  /// A layer over two operands of one shape, the second made from the first by a table.
  private var withTwoActivations: LayerCase {
    var model = model
    var random = RandomConstants(seed: 700)
    model.tensors[2].constant = nil
    let count = model.tensors[2].shape.count
    let lookup = Lookup(function: nil, count: count, table: random.table())
    model.layers.insert(
      Layer(name: "second", operation: .lookup(lookup), inputs: [0], output: 2), at: 0)
    return LayerCase(name: name + "-two-activations", model: model)
  }
}
