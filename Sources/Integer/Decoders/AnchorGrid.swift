private import Foundation

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
