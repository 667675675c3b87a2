package import QuantizedIR

/// What a network's outputs stand for where they are no class: objects and their places in its input.
///
/// Real numbers, as users give them; `Decoder` makes integers of them.
package enum DetectionTask: Hashable, Sendable {
  /// A map of probabilities by class, as of Edge Impulse's FOMO.
  case map(MapTask)
  /// How anchors move, and scores by class, as of SSD.
  case boxes(BoxTask)

  /// The command-line spelling.
  package enum Kind: String, CaseIterable, Codable, Sendable {
    case map, boxes
  }

  package var kind: Kind {
    switch self {
    case .map: .map
    case .boxes: .boxes
    }
  }

  /// The least score of what is found.
  package var threshold: Double {
    switch self {
    case .map(let task): task.threshold
    case .boxes(let task): task.threshold
    }
  }
}

/// How places are found in a map.
package struct MapTask: Hashable, Sendable {
  /// The least value, in the real units of the output, of a cell that belongs to a place.
  package var threshold: Double

  /// Unless the user names another: that of Edge Impulse's SDK.
  package static let standardThreshold = 0.5

  package init(threshold: Double = Self.standardThreshold) { self.threshold = threshold }
}

/// Why a network's outputs cannot be read as a task says.
package enum DecoderError: Error, Hashable, Sendable {
  /// The outputs' shapes are none of a map.
  case noMap(shapes: [String])
  /// A side of a map or of the network's input has more than `MapDecoder.longestSide`.
  case side(Int)
  /// The outputs' shapes are none of a detector with so many anchors.
  case noBoxes(shapes: [String], anchors: Int)
  /// More classes than a sum of exponentials holds, or none beside the background.
  case classes(Int, most: Int)
  /// What one code of a move is worth, in sizes of an anchor.
  case moves(Double)
  /// The anchor's number, which reaches beyond two sides of the picture.
  case anchor(Int)
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
    case .noBoxes(let shapes, let anchors):
      "gives \(shapes.joined(separator: ", ")); --task boxes reads two outputs, for the \(anchors) "
        + "anchors of --anchors [1, \(anchors), 4] and [1, \(anchors), classes]: name the network's "
        + "own anchors, and cut the network in front of its decoder"
    case .classes(let count, let most):
      "tells \(count) classes apart with the background; --task boxes takes at most \(most), and one "
        + "beside the background: say in the file of --anchors whether there is one"
    case .moves(let step):
      "moves anchors by \(step) of their size a code; expected above 0 and below 64: check the "
        + "variances in the file of --anchors"
    case .anchor(let index):
      "anchor \(index) reaches beyond two sides of the picture; give anchors in sides of the picture, "
        + "not in pixels"
    }
  }
}

/// What firmware makes of a network's outputs, in integers.
package enum Decoder: Hashable, Sendable {
  case map(MapDecoder)
  case boxes(BoxDecoder)

  /// What `task` asks for, of the codes that `model` gives.
  ///
  /// - Throws: `DecoderError` where the model's outputs are not what the task reads.
  package init(_ task: DetectionTask, _ model: QuantizedModel) throws(DecoderError) {
    switch task {
    case .map(let task): self = .map(try MapDecoder(task, model))
    case .boxes(let task): self = .boxes(try BoxDecoder(task, model))
    }
  }

  /// Bytes of const tables in firmware.
  package var tableBytes: Int {
    switch self {
    case .map: 0
    case .boxes(let boxes): 2 * boxes.anchors.count + 4 * (boxes.sizes.count + boxes.scores.count)
    }
  }
}
