package import Decoders
private import Glibc
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

/// The objects of a detector that moves anchors, in real values: the definition that `BoxDecoder` is
/// held to, and what the float network is judged by.
///
/// Source: torchvision `models/detection/ssd.py`, `postprocess_detections`; as the decoder it keeps
/// the best of all classes together, not of each.
package struct RealBoxes: Sendable {
  private let task: BoxTask
  package let shape: BoxShape

  package init(_ task: BoxTask, _ shape: BoxShape) {
    self.task = task
    self.shape = shape
  }

  /// An object, in sides of the picture.
  package struct Found: Hashable, Sendable {
    package let anchor: Int
    package let label: Int
    package let score: Double
    package let left: Double
    package let top: Double
    package let right: Double
    package let bottom: Double

    /// What both share, of their union.
    func iou(_ other: Found) -> Double {
      let shared =
        max(0, min(right, other.right) - max(left, other.left))
        * max(0, min(bottom, other.bottom) - max(top, other.top))
      let union = area + other.area - shared
      return union > 0 ? shared / union : 0
    }

    private var area: Double { max(0, right - left) * max(0, bottom - top) }
  }

  /// The objects with the greatest scores, at most `capacity`, without those that are one with a
  /// better one of their class; of equal scores that of the earlier anchor, then the lower class.
  package func objects(moves: [Double], scores: [Double], capacity: Int) -> [Found] {
    var found: [(anchor: Int, label: Int, score: Double)] = []
    for anchor in task.anchors.indices {
      let start = anchor * shape.classes
      let row = probabilities(Array(scores[start..<start + shape.classes]))
      for label in shape.firstClass..<shape.classes where row[label] >= task.threshold {
        found.append((anchor, label, row[label]))
      }
    }
    found.sort { ($1.score, $0.anchor, $0.label) < ($0.score, $1.anchor, $1.label) }
    return found.prefix(capacity).reduce(into: []) { kept, candidate in
      let box = box(candidate.anchor, moves, candidate.label, candidate.score)
      if !kept.contains(where: { $0.label == box.label && $0.iou(box) > task.iou }) {
        kept.append(box)
      }
    }
  }

  private func probabilities(_ values: [Double]) -> [Double] {
    switch task.coding.scores {
    case .probabilities: return values
    case .independent: return values.map { 1 / (1 + exp(-$0)) }
    case .exclusive:
      let greatest = values.max() ?? 0
      let powers = values.map { exp($0 - greatest) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }

  /// The box that `anchor` becomes, cut off at the picture's borders.
  package func box(
    _ index: Int, _ moves: [Double], _ label: Int = 0, _ score: Double = 0
  ) -> Found {
    let anchor = task.anchors[index]
    let values = Array(moves[4 * index..<4 * index + 4])
    let (x, y) = task.coding.order == .xywh ? (0, 1) : (1, 0)
    let centerX = anchor.x + values[x] * task.coding.variances[0] * anchor.width
    let centerY = anchor.y + values[y] * task.coding.variances[0] * anchor.height
    let width = anchor.width * task.coding.growth(values[2 + x])
    let height = anchor.height * task.coding.growth(values[2 + y])
    func cut(_ place: Double) -> Double { min(max(place, 0), 1) }
    return Found(
      anchor: index, label: label, score: score, left: cut(centerX - width / 2),
      top: cut(centerY - height / 2), right: cut(centerX + width / 2),
      bottom: cut(centerY + height / 2))
  }
}
