package import Tensors

/// Brings every value of a tensor to its place in another: padding, transposition, and one part
/// of a concatenation.
///
/// Walks four axes; the value at position `p` goes from `Σ p[i] * sourceStrides[i]` to
/// `start + Σ p[i] * destinationStrides[i]`.
///
/// Twin: `mnq_copy` in `CRuntime`.
package struct Copy: Hashable, Codable, Sendable {
  /// What the copy is for, in messages and reports.
  package var function: String
  /// The sizes of four axes.
  package var shape: [Int]
  /// Steps through the input, in elements.
  package var sourceStrides: [Int]
  /// Steps through the output, in elements.
  package var destinationStrides: [Int]
  /// Where in the output the first value goes.
  package var start: Int
  /// Values in the output, those of other layers included.
  package var outputCount: Int
  /// What the output holds beside the values; `nil` where other layers write the rest.
  package var fill: Int8?

  package init(
    function: String, shape: [Int], sourceStrides: [Int], destinationStrides: [Int],
    start: Int = 0, outputCount: Int, fill: Int8? = nil
  ) {
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
