package import Tensors

/// An int8 image in another size: each pixel is mixed of the four that its place in the input lies
/// between. Input and output have one scale and zero point.
///
/// Places are in 1024ths of a row or column, `p = 1024 i + f`. Along columns the code `a` of pixel
/// `i` and `b` of the next give `(1024 - f) a + f b`, the same along rows; the result is divided by
/// `2^20`, to nearest, ties away from zero. With `f = 0` it is the code of pixel `i`: so whole places
/// make a choice of nearest pixels.
///
/// Places are a table, not a formula: that of each runtime and mode rounds otherwise, and 4 bytes a
/// row and column are little beside an image.
///
/// Twin: `mnq_resize` in `CRuntime`. Source: TensorFlow Lite `reference/resize_bilinear.h`.
package struct Resize: IntegerLayer {
  package var input: Extent
  package var channels: Int
  /// The place of each row of the output: `0 ... 1024 * (input.height - 1)`.
  package var rows: Constants<Int32>
  /// The place of each column of the output: `0 ... 1024 * (input.width - 1)`.
  package var columns: Constants<Int32>

  /// Parts of a row or column that places count in.
  package static let unit: Int32 = 1024

  package init(
    input: Extent, channels: Int, rows: Constants<Int32>, columns: Constants<Int32>
  ) {
    self.input = input
    self.channels = channels
    self.rows = rows
    self.columns = columns
  }

  package var output: Extent { Extent(rows.count, columns.count) }

  /// Whether every pixel is one of the input's.
  package var isNearest: Bool {
    rows.values.allSatisfy { $0 % Self.unit == 0 }
      && columns.values.allSatisfy { $0 % Self.unit == 0 }
  }
}

extension Resize {
  package static var fileKinds: [String] { ["resize"] }
  package var asOperation: Operation { .resize(self) }
  package var valueCounts: (inputs: [Int], output: Int) {
    ([input.count * channels], output.count * channels)
  }
  package var constantBytes: Int { 4 * (rows.count + columns.count) }

  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    try FieldProblem.require(input, "input", in: 1...1 << 20)
    try FieldProblem.require(channels, "channels", in: FieldLimit.size)
    try FieldProblem.require(rows.count, "a number of rows of", in: FieldLimit.size)
    try FieldProblem.require(columns.count, "a number of columns of", in: FieldLimit.size)
    _ = try FieldProblem.product([input.height, input.width, channels], "input")
    _ = try FieldProblem.product([rows.count, columns.count, channels], "output")
    for (field, places, size) in [
      ("a row at", rows, input.height), ("a column at", columns, input.width),
    ] {
      let last = Self.unit * Int32(size - 1)
      for place in places.values { try FieldProblem.require(place, field, in: 0...last) }
    }
  }

  package func checkScales(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor, _ weightScales: Constants<Float>
  ) throws(FieldProblem) {
    try FieldProblem.requireSameCodes(inputs, output)
  }

  /// Row by row: what a row reads, and all rows behind it, lies behind what is written by then.
  package var overlaps: [Overlap] {
    let (read, written) = (input.width * channels, columns.count * channels)
    var (needed, distance) = (input.height, Int.min)
    for (row, place) in rows.values.enumerated().reversed() {
      needed = min(needed, Int(place / Self.unit))
      distance = max(distance, (row + 1) * written - needed * read)
    }
    return [.trailing(distance: distance)]
  }

  package func part(_ rows: Range<Int>, of height: Int) -> LayerPart? {
    let places = self.rows.values[rows]
    guard let least = places.min(), let most = places.max() else { return nil }
    let (first, last) = (least / Self.unit, (most + Self.unit - 1) / Self.unit)
    var layer = self
    layer.input.height = Int(last - first) + 1
    layer.rows = Constants(places.map { $0 - first * Self.unit })
    return LayerPart(operation: layer.asOperation, inputs: [Int(first)..<Int(last) + 1])
  }

  package func hasRows(of inputs: [Shape], _ output: Shape) -> Bool {
    input == inputs[0].extent && self.output == output.extent
  }
}
