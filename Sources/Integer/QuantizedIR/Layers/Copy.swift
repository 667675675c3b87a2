package import Tensors

/// Brings values of a tensor to their places in another: padding, transposition, slices, and one
/// part of a concatenation.
///
/// Walks four axes; the value at position `p` goes from `sourceStart + Σ p[i] * sourceStrides[i]` to
/// `start + Σ p[i] * destinationStrides[i]`.
///
/// Twin: `mnq_copy` in `CRuntime`.
package struct Copy: IntegerLayer {
  /// What the copy is for, in messages and reports.
  package var function: String
  /// The sizes of four axes.
  package var shape: [Int]
  /// Steps through the input, in elements; negative where it is read backwards.
  package var sourceStrides: [Int]
  /// Steps through the output, in elements.
  package var destinationStrides: [Int]
  /// Where in the output the first value goes.
  package var start: Int
  /// Values in the output, those of other layers included.
  package var outputCount: Int
  /// What the output holds beside the values; `nil` where other layers write the rest.
  package var fill: Int8?
  /// `nil`, as in files without slices, for 0.
  private var firstRead: Int?
  /// `nil`, as in files without slices, for as many as are copied.
  private var readFrom: Int?

  package init(
    function: String, shape: [Int], sourceStart: Int = 0, sourceStrides: [Int],
    inputCount: Int? = nil, destinationStrides: [Int], start: Int = 0, outputCount: Int,
    fill: Int8? = nil
  ) {
    firstRead = sourceStart == 0 ? nil : sourceStart
    readFrom = inputCount == shape.reduce(1, *) ? nil : inputCount
    self.function = function
    self.shape = shape
    self.sourceStrides = sourceStrides
    self.destinationStrides = destinationStrides
    self.start = start
    self.outputCount = outputCount
    self.fill = fill
  }

  /// How many values are copied.
  package var count: Int { shape.reduce(1, *) }

  /// Where in the input the first value is read.
  package var sourceStart: Int { firstRead ?? 0 }

  /// Values in the input, those that are not copied included.
  package var inputCount: Int { readFrom ?? count }

  /// Whether other layers write the rest of the output.
  package var isPart: Bool { fill == nil && count < outputCount }
}

extension Copy {
  /// All values where they are.
  package static func identity(_ count: Int) -> Copy {
    Copy(
      function: "identity", shape: [1, 1, 1, count], sourceStrides: [0, 0, 0, 1],
      destinationStrides: [0, 0, 0, 1], outputCount: count)
  }

  /// `input` in the middle of a larger tensor that is `fill` elsewhere, `before` values in along
  /// each of up to four axes.
  package static func pad(_ input: Shape, before: [Int], to output: Shape, fill: Int8) -> Copy {
    let strides = output.strides
    return Copy(
      function: "pad", shape: input.fourAxes(filler: 1),
      sourceStrides: input.fourStrides, destinationStrides: output.fourStrides,
      start: zip(before, strides).reduce(0) { $0 + $1.0 * $1.1 }, outputCount: output.count,
      fill: fill)
  }

  /// `input` with its axes, up to four, in another order: axis `i` of the output is axis
  /// `axes[i]` of the input.
  package static func transpose(_ input: Shape, axes: [Int]) -> Copy {
    let output = Shape(axes.map { input.dimensions[$0] })
    return Copy(
      function: "transpose", shape: output.fourAxes(filler: 1),
      sourceStrides: Shape.fourAxes(axes.map { input.strides[$0] }, filler: 0),
      destinationStrides: output.fourStrides, outputCount: output.count)
  }

  /// The values of a tensor of `inputCount` in `order`: one copy or, where that has more than four
  /// axes, as many as the shortest of them have places, each of which fills a part of the output.
  package static func rearranging(
    _ order: StridedOrder, inputCount: Int, function: String = "rearrange"
  ) -> [Copy] {
    let targets = StridedOrder.axes(of: order.axes.map(\.count))
    let shortest = order.axes.indices.sorted { order.axes[$0].count < order.axes[$1].count }
    let outer = shortest.prefix(max(0, order.axes.count - 4))
    let inner = order.axes.indices.filter { !outer.contains($0) }
    let sources = StridedOrder(start: order.start, outer.map { order.axes[$0] }).places
    let starts = StridedOrder(outer.map { targets[$0] }).places
    return zip(sources, starts).map { source, start in
      Copy(
        function: function,
        shape: Shape.fourAxes(inner.map { order.axes[$0].count }, filler: 1), sourceStart: source,
        sourceStrides: Shape.fourAxes(inner.map { order.axes[$0].stride }, filler: 0),
        inputCount: inputCount,
        destinationStrides: Shape.fourAxes(inner.map { targets[$0].stride }, filler: 0),
        start: start, outputCount: order.count)
    }
  }

  /// All pixels of an image where they are; other than those of `identity(_:)`, its rows are rows.
  package static func image(_ shape: Shape) -> Copy {
    var copy = part(shape, axis: 3, offset: 0, of: shape)
    copy.function = "image"
    return copy
  }

  /// One part of a concatenation along `axis`, which begins `offset` places into it.
  package static func part(_ input: Shape, axis: Int, offset: Int, of output: Shape) -> Copy {
    let inner = input.dimensions[(axis + 1)...].reduce(1, *)
    let run = input.dimensions[axis] * inner
    return Copy(
      function: "concatenation", shape: [1, 1, input.count / run, run],
      sourceStrides: [0, 0, run, 1],
      destinationStrides: [0, 0, output.dimensions[axis] * inner, 1],
      start: offset * inner, outputCount: output.count)
  }

  /// One part of `times` equal ones: the channels of each group of every pixel stand side by side
  /// as often.
  package static func repeated(
    pixels: Int, channels: Int, groups: Int, times: Int, part: Int
  ) -> Copy {
    let size = channels / groups
    return Copy(
      function: "repetition", shape: [1, pixels, groups, size],
      sourceStrides: [0, channels, size, 1],
      destinationStrides: [0, channels * times, size * times, 1], start: part * size,
      outputCount: pixels * channels * times)
  }
}

extension Shape {
  /// The distance between neighbors along each axis, in elements.
  fileprivate var strides: [Int] {
    dimensions.indices.map { dimensions[($0 + 1)...].reduce(1, *) }
  }

  fileprivate var fourStrides: [Int] { Shape.fourAxes(strides, filler: 0) }

  fileprivate func fourAxes(filler: Int) -> [Int] { Shape.fourAxes(dimensions, filler: filler) }

  fileprivate static func fourAxes(_ values: [Int], filler: Int) -> [Int] {
    [Int](repeating: filler, count: 4 - values.count) + values
  }
}

extension Copy {
  package static var fileKinds: [String] { ["copy"] }
  package var asOperation: Operation { .copy(self) }
  package var valueCounts: (inputs: [Int], output: Int) { ([inputCount], outputCount) }
  package var writtenCount: Int { isPart ? count : outputCount }

  package func forEachPlace(_ body: (Int) -> Void) {
    for i in 0..<shape[0] {
      for j in 0..<shape[1] {
        for k in 0..<shape[2] {
          let first =
            start + i * destinationStrides[0] + j * destinationStrides[1]
            + k * destinationStrides[2]
          for l in 0..<shape[3] { body(first + l * destinationStrides[3]) }
        }
      }
    }
  }

  /// Of a copy that brings channels of each pixel to places in the same pixel.
  package func part(_ rows: Range<Int>, of height: Int) -> LayerPart? {
    guard shape[2] % height == 0, outputCount % height == 0 else { return nil }
    var layer = self
    let share = { $0 / height * rows.count }
    layer.shape[2] = share(shape[2])
    layer.outputCount = share(outputCount)
    layer.readFrom = readFrom.map(share)
    return LayerPart(operation: .copy(layer), inputs: [rows])
  }

  package func hasRows(of inputs: [Shape], _ output: Shape) -> Bool {
    let pixels = output.height * output.width
    return inputs[0].rank == 4 && inputs[0].extent == output.extent && shape[0] == 1
      && shape[1] == 1 && shape[2] == pixels && sourceStrides[2] == inputs[0].channels
      && destinationStrides[2] == output.channels && sourceStart < inputs[0].channels
      && start < output.channels && inputCount == inputs[0].count
  }

  package func checkScales(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor, _ weightScales: Constants<Float>
  ) throws(FieldProblem) {
    try FieldProblem.requireSameCodes(inputs, output)
  }

  /// Whether no step leaves the input or the output, and no two values go to one place.
  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    for (field, values, range) in [
      ("shape", shape, FieldLimit.count),
      ("sourceStrides", sourceStrides, -FieldLimit.count.upperBound...FieldLimit.count.upperBound),
      ("destinationStrides", destinationStrides, 0...FieldLimit.count.upperBound),
    ] {
      try FieldProblem.require(values.count, "a number of axes in \(field) of", is: 4)
      for value in values { try FieldProblem.require(value, field, in: range) }
    }
    try FieldProblem.require(outputCount, "outputCount", in: FieldLimit.count)
    try FieldProblem.require(start, "start", in: 0...outputCount - 1)
    _ = try FieldProblem.product(shape, "shape")
    try FieldProblem.require(inputCount, "inputCount", in: FieldLimit.count)
    try FieldProblem.require(sourceStart, "sourceStart", in: 0...inputCount - 1)
    // Each axis adds less than 2^60.
    let reach = StridedOrder(
      start: sourceStart, zip(shape, sourceStrides).map { StridedOrder.Axis($0, stride: $1) }
    ).reach
    guard reach.lowerBound >= 0, reach.upperBound < inputCount else {
      throw FieldProblem(
        field: "sourceStrides", expected: "steps within \(inputCount) values from \(sourceStart)",
        found: "\(sourceStrides)")
    }
    let last = zip(shape, destinationStrides).reduce(start) { $0 + ($1.0 - 1) * $1.1 }
    guard last < outputCount else {
      throw FieldProblem(
        field: "destinationStrides", expected: "steps within \(outputCount) values from \(start)",
        found: "\(destinationStrides)")
    }
    guard placesDiffer else {
      throw FieldProblem(
        field: "destinationStrides", expected: "a place for each value",
        found: "\(destinationStrides)")
    }
  }

  /// Whether each axis steps over all that the shorter steps reach.
  private var placesDiffer: Bool {
    let axes = zip(shape, destinationStrides).filter { $0.0 > 1 }.sorted { $0.1 < $1.1 }
    var reached = 0
    for (size, stride) in axes {
      guard stride > reached else { return false }
      reached += (size - 1) * stride
    }
    return true
  }
}

extension QuantizedModel {
  /// The same model or, where an output is an input or a constant under whatever shape, one that
  /// copies it: an output that a layer writes is what engines and firmware expect.
  package var withOutputsOfTheirOwn: QuantizedModel {
    var model = self
    var names = UniqueNames()
    for tensor in tensors { _ = names.unique(tensor.name) }
    for (position, output) in outputs.enumerated() {
      let (owner, tensor) = (storage(of: output), tensors[output])
      guard inputs.contains(owner) || tensors[owner].constant != nil else { continue }
      let result = QuantizedTensor(
        name: names.unique("\(tensor.name)/copy"), shape: tensor.shape, scale: tensor.scale,
        zeroPoint: tensor.zeroPoint)
      model.outputs[position] = model.tensors.count
      model.tensors.append(result)
      model.layers.append(
        Layer(
          name: result.name, operation: .copy(.identity(result.shape.count)), inputs: [output],
          output: model.outputs[position]))
    }
    return model
  }
}
