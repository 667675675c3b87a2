internal import ONNXSchema
internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  mutating func add(_ operation: TransposedConv2D, _ layer: Layer) throws(ExportError) -> String {
    let (window, stride) = (operation, operation.stride)
    let below = Self.cropping(
      window.input.height, window.kernel.height, stride.height, window.padding.height,
      window.output.height)
    let beside = Self.cropping(
      window.input.width, window.kernel.width, stride.width, window.padding.width,
      window.output.width)
    guard below > -stride.height, beside > -stride.width else {
      throw inexpressible(layer, "rows and columns that no tap reaches")
    }
    let taps = Shape(
      batch: operation.outputChannels, height: operation.kernel.height,
      width: operation.kernel.width, channels: operation.inputChannels / operation.groups)
    var constants = try constants(
      operation, layer, taps.nchw, taps.inNCHW(operation.weights.values))
    constants[0] = turned(constants[0], operation)
    let (input, output) = (inputs(layer)[0].shape, output(layer).shape)
    let images = output.count / operation.valueCounts.output
    func shape(_ extent: Extent, _ channels: Int) -> Shape {
      Shape(batch: images, height: extent.height, width: extent.width, channels: channels)
    }
    let image = reshaped(
      value(of: layer.inputs[0]), input, shape(operation.input, operation.inputChannels))
    let sum = writer.node(
      "ConvTranspose", [image] + constants,
      [
        "kernel_shape": .integers([operation.kernel.height, operation.kernel.width]),
        "strides": .integers([stride.height, stride.width]),
        "pads": .integers([
          operation.padding.height, operation.padding.width, max(0, below), max(0, beside),
        ]),
        "output_padding": .integers([max(0, -below), max(0, -beside)]),
        "group": .integer(operation.groups),
      ])
    let rounded = requantized(sum, operation, clamp: operation.clamp, operation.rounding, layer)
    return reshaped(rounded, shape(operation.output, operation.outputChannels), output)
  }

  /// Weights `[O, I / groups, KH, KW]`, which have a scale an output, as `[I, O / groups, KH, KW]`.
  private mutating func turned(_ weights: String, _ operation: TransposedConv2D) -> String {
    let (groups, kernel) = (operation.groups, operation.kernel)
    guard groups > 1 else {
      return writer.node("Transpose", [weights], ["perm": .integers([1, 0, 2, 3])])
    }
    let (depth, outputs) = (operation.inputChannels / groups, operation.outputChannels / groups)
    func reshaped(_ value: String, _ sizes: [Int]) -> String {
      writer.node(
        "Reshape", [value, writer.constant("shape", [sizes.count], sizes.map(Int64.init))])
    }
    let parts = reshaped(weights, [groups, outputs, depth, kernel.height, kernel.width])
    let turned = writer.node("Transpose", [parts], ["perm": .integers([0, 2, 1, 3, 4])])
    return reshaped(turned, [operation.inputChannels, outputs, kernel.height, kernel.width])
  }

  /// What is left out at the end of all that taps reach; negative where there is more.
  private static func cropping(
    _ input: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ output: Int
  ) -> Int { (input - 1) * stride + kernel - padding - output }

  /// Nearest pixels are gathered; others are mixed in integers, as the layer does it.
  mutating func add(_ operation: Resize, _ layer: Layer) -> String {
    let (input, output) = (inputs(layer)[0].shape, output(layer).shape)
    let images = output.count / operation.valueCounts.output
    func shape(_ extent: Extent) -> Shape {
      Shape(
        batch: images, height: extent.height, width: extent.width, channels: operation.channels)
    }
    let image = reshaped(value(of: layer.inputs[0]), input, shape(operation.input))
    let resized =
      operation.isNearest
      ? picked(picked(image, operation.rows, axis: 2), operation.columns, axis: 3)
      : mixed(image, operation, layer)
    return reshaped(resized, shape(operation.output), output)
  }

  /// The pixels of `image` at or before `places` along `axis`, or the ones behind those.
  private mutating func picked(
    _ image: String, _ places: Constants<Int32>, axis: Int, next: Bool = false
  ) -> String {
    let indices = places.values.map {
      Int64($0 / Resize.unit) + (next && $0 % Resize.unit > 0 ? 1 : 0)
    }
    return writer.node(
      "Gather", [image, writer.constant("places", [indices.count], indices)],
      ["axis": .integer(axis)])
  }

  private mutating func mixed(_ image: String, _ operation: Resize, _ layer: Layer) -> String {
    let tensor = inputs(layer)[0]
    let scale = writer.constant("\(layer.name)/step", [], [tensor.scale])
    let real = writer.node("Cast", [image], ["to": .type(.double)])
    // Whole numbers, as codes are.
    let steps = writer.node("Round", [writer.node("Div", [real, scale])])
    let zeroPoint = writer.constant("\(layer.name)/zeroPoint", [], [Double(tensor.zeroPoint)])
    var codes = writer.node("Add", [steps, zeroPoint])
    for (axis, places) in [(2, operation.rows), (3, operation.columns)] {
      let shares = places.values.map { Double($0 % Resize.unit) / Double(Resize.unit) }
      let shape = Shape(axis == 2 ? [shares.count, 1] : [shares.count])
      let (near, far) = (
        writer.constant("\(layer.name)/near", shape, shares.map { 1 - $0 }),
        writer.constant("\(layer.name)/far", shape, shares)
      )
      let first = writer.node("Mul", [picked(codes, places, axis: axis), near])
      let second = writer.node("Mul", [picked(codes, places, axis: axis, next: true), far])
      codes = writer.node("Add", [first, second])
    }
    // Ties go away from zero; sums are whole 2^-20ths, which 64-bit floats hold.
    let half = writer.constant("\(layer.name)/half", [], [0.5])
    let magnitude = writer.node("Floor", [writer.node("Add", [writer.node("Abs", [codes]), half])])
    let rounded = writer.node("Mul", [writer.node("Sign", [codes]), magnitude])
    let value = writer.node("Mul", [writer.node("Sub", [rounded, zeroPoint]), scale])
    return writer.node("Cast", [value], ["to": .type(.float)])
  }
}

extension ONNXExporter {
  mutating func add(_ operation: Pool, _ layer: Layer) -> String {
    let attributes = ExportedWindow(operation.window).attributes
    let input = [value(of: layer.inputs[0])]
    switch operation.choice {
    case .average:
      let average = clamped(
        writer.node("AveragePool", input, attributes), operation.clamp, layer)
      return tiesOutwards(average, of: operation, layer)
    case .maximum:
      return clamped(writer.node("MaxPool", input, attributes), operation.clamp, layer)
    }
  }

  /// Averages are of codes: their ties move away from code 0, which is not that of real 0.
  private mutating func tiesOutwards(
    _ average: String, of operation: Pool, _ layer: Layer
  ) -> String {
    let output = output(layer)
    let zero = writer.constant("\(layer.name)/codeZero", [], [Float(output.real(0))])
    // Less than any other average is from a tie.
    let step = Float(output.scale) / Float(4 * operation.kernel.count)
    let distance = writer.node("Sub", [average, zero])
    let tie = writer.constant("\(layer.name)/tie", [], [step])
    let outwards = writer.node("Mul", [writer.node("Sign", [distance]), tie])
    return writer.node("Add", [average, outwards])
  }

  mutating func add(_ operation: Mean, _ layer: Layer) throws(ExportError) -> String {
    let (input, output) = (inputs(layer)[0].shape, output(layer).shape)
    let unit = inputs(layer)[0].scale / Double(operation.pixels)
    guard input.rank == 4, input.extent.count == operation.pixels,
      input.channels == operation.channels
    else { throw inexpressible(layer, "a mean over other axes than height and width") }
    let mean = writer.node("GlobalAveragePool", [value(of: layer.inputs[0])])
    let shape = Shape(
      batch: input.dimensions[0], height: 1, width: 1, channels: input.channels)
    let rounded = requantized(
      mean, [unit], [operation.factor], operation.rounding, [1], layer)
    return reshaped(rounded, shape, output)
  }
}
