private import Glibc
package import Tensors

/// How objects are found by a detector that moves anchors, such as SSD.
package struct BoxTask: Hashable, Sendable {
  /// The boxes that the network moves, in the order of its outputs.
  package var anchors: [Anchor]
  package var coding: BoxCoding
  /// The least score of an object.
  package var threshold: Double
  /// Boxes of a class that share more of their union are one object.
  package var iou: Double

  /// As torchvision's SSDlite has them but for the threshold, which is of what people look at.
  package static let standardThreshold = 0.5
  package static let standardIoU = 0.55

  package init(
    anchors: [Anchor], coding: BoxCoding = BoxCoding(),
    threshold: Double = Self.standardThreshold, iou: Double = Self.standardIoU
  ) {
    self.anchors = anchors
    self.coding = coding
    self.threshold = threshold
    self.iou = iou
  }
}

/// A box by its center and size, in sides of the network's input.
package struct Anchor: Hashable, Sendable {
  package var x: Double
  package var y: Double
  package var width: Double
  package var height: Double

  package init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

/// What a detector's outputs mean: a box is its anchor moved by `variances[0]` of the first two values,
/// in sizes of the anchor, and `exp(variances[1] * v)` times as large for the last two.
///
/// Source: Liu et al., arXiv:1512.02325; torchvision `models/detection/_utils.py`, `BoxCoder`, whose
/// weights are the variances' reciprocals.
package struct BoxCoding: Hashable, Sendable {
  /// Of the centers, and of the sizes.
  package var variances: [Double]
  /// The order of a box's four values.
  package var order: Order
  /// What scores are.
  package var scores: Scores
  /// Whether the first class is none.
  package var hasBackground: Bool

  package enum Order: String, CaseIterable, Codable, Sendable {
    /// Center and size, across first: torchvision.
    case xywh
    /// Down first: TensorFlow.
    case yxhw
  }

  package enum Scores: String, CaseIterable, Codable, Sendable {
    /// Logits of which one class is right: torchvision's SSD.
    case exclusive = "softmax"
    /// Logits of which each may be right: TensorFlow's SSD.
    case independent = "sigmoid"
    /// They are probabilities already.
    case probabilities
  }

  /// No side grows by more: 1000 / 16, as torchvision's.
  package static let greatestGrowth = 62.5

  package init(
    variances: [Double] = [0.1, 0.2], order: Order = .xywh, scores: Scores = .exclusive,
    hasBackground: Bool = true
  ) {
    precondition(variances.count == 2)
    self.variances = variances
    self.order = order
    self.scores = scores
    self.hasBackground = hasBackground
  }

  /// How many times as large a side becomes for the value `v`.
  package func growth(_ v: Double) -> Double {
    min(exp(variances[1] * v), Self.greatestGrowth)
  }
}

/// What a detector is like, of whichever network.
package struct BoxShape: Hashable, Sendable {
  /// Which of the outputs moves boxes, and which gives scores.
  package let moves: Int
  package let scores: Int
  package let classes: Int
  /// The first class that objects are of.
  package let firstClass: Int

  /// A shape by its parts.
  package init(moves: Int, scores: Int, classes: Int, firstClass: Int) {
    self.moves = moves
    self.scores = scores
    self.classes = classes
    self.firstClass = firstClass
  }

  /// - Parameter outputs: `[1, N, 4]` and `[1, N, classes]` in either order, or the same values in
  ///   other shapes; where both have 4 columns, the first moves boxes.
  /// - Throws: `DecoderError` where they are not those of as many anchors.
  package init(_ task: BoxTask, outputs: [Shape]) throws(DecoderError) {
    let count = task.anchors.count
    let shapes = outputs.map(\.description)
    guard outputs.count == 2, count > 0 else { throw .noBoxes(shapes: shapes, anchors: count) }
    let counts = outputs.map(\.count)
    let columns = outputs.map(\.channels)
    guard
      let moves = outputs.indices.first(where: { index in
        columns[index] == 4 && counts[index] == 4 * count && counts[1 - index] % count == 0
          && counts[1 - index] / count == columns[1 - index]
      })
    else { throw .noBoxes(shapes: shapes, anchors: count) }
    self.moves = moves
    scores = 1 - moves
    classes = columns[scores]
    firstClass = task.coding.hasBackground ? 1 : 0
    guard classes > firstClass, classes <= BoxDecoder.mostClasses else {
      throw .classes(classes, most: BoxDecoder.mostClasses)
    }
  }
}

/// Anchors as detectors' own code makes them from a few numbers: of maps of features from fine to
/// coarse, at each place of a map, row by row, some of different shapes.
package enum AnchorGrid {
  /// How many rows and columns of places a map has.
  package struct Size: Hashable, Sendable {
    package let rows: Int
    package let columns: Int

    package init(rows: Int, columns: Int) {
      self.rows = rows
      self.columns = columns
    }
  }

  /// Torchvision's default boxes, of any input whose sides are multiples of the steps: at each place
  /// a square of the map's scale, one of the geometric mean with the next map's, and two for each
  /// ratio.
  ///
  /// - Parameters:
  ///   - ratios: By map.
  ///   - scales: One more than there are maps, or `nil` for even steps from `least` to `most`, then 1.
  ///
  /// Source: torchvision `models/detection/anchor_utils.py`, `DefaultBoxGenerator`.
  package static func torchvision(
    _ maps: [Size], ratios: [[Double]], least: Double = 0.15, most: Double = 0.9,
    scales: [Double]? = nil, clips: Bool = true
  ) -> [Anchor] {
    let scales = scales ?? steps(maps.count, least, most) + [1]
    return maps.enumerated().flatMap { index, map in
      let (scale, mean) = (scales[index], (scales[index] * scales[index + 1]).squareRoot())
      var sizes = [(scale, scale), (mean, mean)]
      for ratio in ratios[index] {
        let (long, short) = (scale * ratio.squareRoot(), scale / ratio.squareRoot())
        sizes += [(long, short), (short, long)]
      }
      func cut(_ side: Double) -> Double { clips ? min(max(side, 0), 1) : side }
      return anchors(map, sizes.map { (cut($0.0), cut($0.1)) })
    }
  }

  /// TensorFlow's anchors for SSD: at each place one for each ratio of width to height, and a square
  /// of the geometric mean with the next map's scale. The first map has three: a square of scale 0.1
  /// and the ratios 2 and 1/2, unless told otherwise.
  ///
  /// Source: TensorFlow object detection `anchor_generators/multiple_grid_anchor_generator.py`,
  /// `create_ssd_anchors`.
  package static func tensorflow(
    _ maps: [Size], ratios: [Double] = [1, 2, 3, 0.5, 1.0 / 3], least: Double = 0.2,
    most: Double = 0.95, reducesFirst: Bool = true
  ) -> [Anchor] {
    let scales = steps(maps.count, least, most) + [1]
    return maps.enumerated().flatMap { index, map in
      var shapes: [(scale: Double, ratio: Double)]
      if index == 0, reducesFirst {
        shapes = [(0.1, 1), (scales[0], 2), (scales[0], 0.5)]
      } else {
        shapes = ratios.map { (scales[index], $0) }
        shapes.append(((scales[index] * scales[index + 1]).squareRoot(), 1))
      }
      return anchors(
        map,
        shapes.map {
          ($0.scale * $0.ratio.squareRoot(), $0.scale / $0.ratio.squareRoot())
        })
    }
  }

  private static func steps(_ count: Int, _ least: Double, _ most: Double) -> [Double] {
    (0..<count).map { least + (most - least) * Double($0) / Double(max(1, count - 1)) }
  }

  private static func anchors(_ map: Size, _ sizes: [(Double, Double)]) -> [Anchor] {
    (0..<map.rows).flatMap { row in
      (0..<map.columns).flatMap { column in
        sizes.map { width, height in
          Anchor(
            x: (Double(column) + 0.5) / Double(map.columns),
            y: (Double(row) + 0.5) / Double(map.rows), width: width, height: height)
        }
      }
    }
  }
}
