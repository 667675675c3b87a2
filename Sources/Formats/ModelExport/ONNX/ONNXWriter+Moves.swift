internal import Tensors

extension ONNXWriter {
  /// The values of `row`, `count` of them, that stand at `places`, as a tensor of `shape`, which is NHWC: by
  /// a transposition of axes that the row is cut into or, where that is not all, each by its place.
  mutating func moved(
    _ row: String, of count: Int, _ places: [Int], to shape: Shape, named name: String
  ) -> String {
    let values: String
    if let order = StridedOrder(walking: places), let (sizes, axes) = order.turnedAxes(of: count) {
      let cut = node(
        "Reshape", [row, constant("\(name)/sizes", [sizes.count], sizes.map(Int64.init))])
      let turned = node("Transpose", [cut], ["perm": .integers(axes)])
      values = node("Reshape", [turned, constant("\(name)/count", [1], [Int64(count)])])
    } else {
      let indices = constant("\(name)/places", [places.count], places.map(Int64.init))
      values = node("Gather", [row, indices], ["axis": .integer(0)])
    }
    return reshaped(values, [places.count], shape)
  }
}
