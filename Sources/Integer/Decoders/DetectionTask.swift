/// What a network's output stands for where it is no class: places in its input.
///
/// Real numbers, as users give them; `Decoder` makes integers of them.
package enum DetectionTask: Hashable, Codable, Sendable {
  /// A map of probabilities by class, as of Edge Impulse's FOMO.
  case map(MapTask)

  /// The command-line spelling.
  package enum Kind: String, CaseIterable, Codable, Sendable {
    case map
  }

  package var kind: Kind {
    switch self {
    case .map: .map
    }
  }

  /// The least score of what is found.
  package var threshold: Double {
    switch self {
    case .map(let task): task.threshold
    }
  }
}

/// How places are found in a map.
package struct MapTask: Hashable, Codable, Sendable {
  /// The least value, in the real units of the output, of a cell that belongs to a place.
  package var threshold: Double

  /// Unless the user names another: that of Edge Impulse's SDK.
  package static let standardThreshold = 0.5

  package init(threshold: Double = Self.standardThreshold) { self.threshold = threshold }
}

/// Why a network's output cannot be read as a task says.
package enum DecoderError: Error, Hashable, Sendable {
  /// The outputs' shapes are none of a map.
  case noMap(shapes: [String])
  /// A side of a map or of the network's input has more than `MapDecoder.longestSide`.
  case side(Int)
}

extension DecoderError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noMap(let shapes):
      "gives \(shapes.joined(separator: ", ")); --task map reads one output of "
        + "[1, height, width, classes]: leave --task out, or cut the network behind its map"
    case .side(let side):
      "has a side of \(side); --task map takes maps and inputs of at most "
        + "\(MapDecoder.longestSide) a side"
    }
  }
}
