internal import FixedPoint
internal import QuantizedIR

extension QuantizedModel {
  /// The same layers between tensors with the zero points and scales that the layers' random
  /// numbers tell, as a model file must have them.
  var agreeing: QuantizedModel {
    var model = self
    for layer in layers {
      let (zeroPoints, output) = (layer.operation.zeroPoints, layer.output)
      let inputs = layer.inputs.map(storage)
      for (tensor, zeroPoint) in zip(inputs, zeroPoints.inputs) {
        model.tensors[tensor].zeroPoint = zeroPoint
      }
      model.tensors[output].zeroPoint = zeroPoints.output ?? model.tensors[output].zeroPoint
      model.agree(layer.operation, inputs, output)
    }
    for index in tensors.indices {
      let owner = model.tensors[storage(of: index)]
      model.tensors[index].zeroPoint = owner.zeroPoint
      model.tensors[index].scale = owner.scale
    }
    return model
  }

  private mutating func agree(_ operation: Operation, _ inputs: [Int], _ output: Int) {
    let (a, b) = (inputs[0], inputs[inputs.count - 1])
    switch operation.narrow {
    case .add(let layer):
      var shift = Add.leftShift
      if case .wide(let wide) = operation { shift = wide.leftShift }
      let rest = layer.outputFactor.real * Double(1 << shift)
      tensors[output].scale = tensors[b].scale / (layer.bFactor.real * rest)
      tensors[a].scale = tensors[output].scale * layer.aFactor.real * rest
    case .multiply(let layer):
      tensors[output].scale = tensors[a].scale * tensors[b].scale / layer.factor.real
    case .squaredDifference(let layer):
      let common = tensors[b].scale / layer.bFactor.real
      tensors[a].scale = common * layer.aFactor.real
      tensors[output].scale =
        common * common / layer.outputFactor.real / Double(1 << (2 * SquaredDifference.leftShift))
    case .mean(let layer):
      tensors[output].scale = tensors[a].scale / layer.factor.real / Double(layer.pixels)
    case .prelu(let layer):
      tensors[output].scale = tensors[a].scale / layer.identity.real
    case .pool, .resize, .extremum, .copy:
      for tensor in inputs.dropFirst() + [output] {
        tensors[tensor].scale = tensors[a].scale
        tensors[tensor].zeroPoint = tensors[a].zeroPoint
      }
    case .softmax: (tensors[output].scale, tensors[output].zeroPoint) = (0x1p-8, -128)
    case .l2Normalization: (tensors[output].scale, tensors[output].zeroPoint) = (0x1p-7, 0)
    case .conv2D, .depthwiseConv2D, .transposedConv2D, .fullyConnected, .lookup, .wide: break
    }
  }
}
