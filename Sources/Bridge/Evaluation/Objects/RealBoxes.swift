package import Decoders
internal import Foundation

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
