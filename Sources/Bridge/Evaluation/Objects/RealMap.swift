package import Decoders
internal import Tensors

/// The places in a map of real values: the definition that `MapDecoder` is held to.
package struct RealMap: Sendable {
  private let shape: MapShape
  private let threshold: Double

  package init(_ shape: MapShape, _ threshold: Double) {
    self.shape = shape
    self.threshold = threshold
  }

  func classes(_ labels: [String]) -> ObjectClasses {
    ObjectClasses(count: shape.classes, first: shape.firstClass, labels: labels)
  }

  /// The places in `values`, `[H, W, classes]`, the greatest first: cells of a class that reach the
  /// threshold and touch one another by a side or a corner.
  package func objects(_ values: [Double]) -> [Detection] {
    precondition(values.count == shape.height * shape.width * shape.classes)
    let places = (shape.firstClass..<shape.classes).flatMap { label in
      var left = Set(
        (0..<shape.height * shape.width).filter {
          values[$0 * shape.classes + label] >= threshold
        })
      var places: [Detection] = []
      while let seed = left.popFirst() {
        places.append(place(of: flooded(from: seed, in: &left), label, values))
      }
      return places
    }
    return places.sorted {
      ($1.score, $0.label, $0.y - $0.height / 2, $0.x - $0.width / 2, $0.width)
        < ($0.score, $1.label, $1.y - $1.height / 2, $1.x - $1.width / 2, $1.width)
    }
  }

  /// The cell `seed` and all that hang together with it, which `left` loses.
  private func flooded(from seed: Int, in left: inout Set<Int>) -> [Int] {
    var (cells, next) = ([seed], 0)
    while next < cells.count {
      let (y, x) = cells[next].quotientAndRemainder(dividingBy: shape.width)
      next += 1
      for row in max(0, y - 1)...min(shape.height - 1, y + 1) {
        for column in max(0, x - 1)...min(shape.width - 1, x + 1) {
          let cell = row * shape.width + column
          if left.remove(cell) != nil { cells.append(cell) }
        }
      }
    }
    return cells
  }

  private func place(of cells: [Int], _ label: Int, _ values: [Double]) -> Detection {
    let (rows, columns) = (cells.map { $0 / shape.width }, cells.map { $0 % shape.width })
    let (top, bottom) = (rows.min() ?? 0, rows.max() ?? 0)
    let (left, right) = (columns.min() ?? 0, columns.max() ?? 0)
    let cell = (
      height: Double(shape.input.height) / Double(shape.height),
      width: Double(shape.input.width) / Double(shape.width)
    )
    return Detection(
      label: label, score: cells.map { values[$0 * shape.classes + label] }.max() ?? 0,
      x: Double(left + right + 1) / 2 * cell.width, y: Double(top + bottom + 1) / 2 * cell.height,
      width: Double(right - left + 1) * cell.width,
      height: Double(bottom - top + 1) * cell.height)
  }
}
