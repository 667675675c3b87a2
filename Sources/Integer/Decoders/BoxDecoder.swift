package import FixedPoint
private import Glibc
package import QuantizedIR
internal import Tensors

/// Finds objects in the codes of a detector that moves anchors, in integers: places in 1/16384 of a
/// side of the network's input, scores in 1/32768.
///
/// Twin: `mnq_boxes` in `CRuntime`. `Docs/Arithmetic.md` says how far it is from real numbers.
package struct BoxDecoder: Hashable, Sendable {
  /// Which of the outputs moves boxes, which gives scores, and the first class that objects are of.
  package let shape: BoxShape
  /// The least score of an object: 0 ... 32769.
  package let threshold: Int32
  /// In 1/32768: boxes of a class that share more of their union are one.
  package let iou: Int32
  /// Of the moves.
  package let zeroPoint: Int32
  /// Whether moves and anchors are y, x, height, width.
  package let isYFirst: Bool
  /// Whether `scores` holds exponentials of differences.
  package let isSoftmax: Bool
  /// From a move of a center, times the anchor's side.
  package let move: Requantization
  /// `[N, 4]`: center and size, in the order of the moves.
  package let anchors: [Int16]
  /// By code: what a side is multiplied by, in 1/65536.
  package let sizes: [Int32]
  /// By code; or `exp(-d)` by difference of codes, in 1/65536.
  package let scores: [Int32]

  /// Of a side.
  package static let one: Int32 = 1 << 14
  package static let scoreOne: Int32 = 1 << 15
  /// More do not fit a sum of exponentials.
  package static let mostClasses = 32767

  /// A decoder by its parts.
  package init(
    shape: BoxShape, threshold: Int32, iou: Int32, zeroPoint: Int32, isYFirst: Bool,
    isSoftmax: Bool, move: Requantization, anchors: [Int16], sizes: [Int32], scores: [Int32]
  ) {
    precondition(anchors.count % 4 == 0 && sizes.count == 256 && scores.count == 256)
    self.shape = shape
    self.threshold = threshold
    self.iou = iou
    self.zeroPoint = zeroPoint
    self.isYFirst = isYFirst
    self.isSoftmax = isSoftmax
    self.move = move
    self.anchors = anchors
    self.sizes = sizes
    self.scores = scores
  }

  /// A decoder for the codes that `model` gives.
  package init(_ task: BoxTask, _ model: QuantizedModel) throws(DecoderError) {
    let shape = try BoxShape(task, outputs: model.namedOutputs.map(\.shape))
    let moves = model.tensors[model.outputs[shape.moves]]
    let scores = model.tensors[model.outputs[shape.scores]]
    self.shape = shape
    threshold = Int32((min(max(task.threshold, 0), 1.00001) * 0x1p15).rounded(.up))
    iou = Int32((min(max(task.iou, 0), 1) * 0x1p15).rounded())
    zeroPoint = moves.zeroPoint
    isYFirst = task.coding.order == .yxhw
    let factor = moves.scale * task.coding.variances[0]
    guard factor > 0, factor < 64, let move = try? Requantization(factor: factor) else {
      throw .moves(factor)
    }
    self.move = move
    anchors = try Self.anchors(task)
    sizes = (Int8.min...Int8.max).map {
      Int32((task.coding.growth(moves.real($0)) * 0x1p16).rounded())
    }
    isSoftmax = task.coding.scores == .exclusive
    switch task.coding.scores {
    case .exclusive:
      self.scores = (0..<256).map { Int32((exp(-Double($0) * scores.scale) * 0x1p16).rounded()) }
    case .independent:
      self.scores = Self.scores(scores) { 1 / (1 + exp(-$0)) }
    case .probabilities:
      self.scores = Self.scores(scores) { min(max($0, 0), 1) }
    }
  }

  private static func scores(
    _ tensor: QuantizedTensor, _ probability: (Double) -> Double
  ) -> [Int32] {
    (Int8.min...Int8.max).map { Int32((probability(tensor.real($0)) * 0x1p15).rounded()) }
  }

  /// - Throws: `DecoderError.anchor` for one that is no box, or beyond two sides of the picture.
  private static func anchors(_ task: BoxTask) throws(DecoderError) -> [Int16] {
    var values: [Int16] = []
    for (index, anchor) in task.anchors.enumerated() {
      let (across, down) = ([anchor.x, anchor.width], [anchor.y, anchor.height])
      let (first, second) = task.coding.order == .yxhw ? (down, across) : (across, down)
      for value in [first[0], second[0], first[1], second[1]] {
        let rounded = (value * Double(one)).rounded()
        guard rounded >= -32767, rounded <= 32767 else { throw .anchor(index) }
        values.append(Int16(rounded))
      }
      guard anchor.width >= 0, anchor.height >= 0 else { throw .anchor(index) }
    }
    return values
  }

  /// The objects in the codes of both outputs: those with the greatest scores, at most `capacity`,
  /// without those that share more than `iou` of their union with a better one of their class. The
  /// greatest score comes first; of equals that of the earlier anchor, then the lower class.
  package func boxes(moves: [Int8], codes: [Int8], capacity: Int) -> [Box] {
    precondition(moves.count == anchors.count && codes.count == anchors.count / 4 * shape.classes)
    var boxes: [Box] = []
    for index in 0..<anchors.count / 4 {
      let start = index * shape.classes
      let scores = scores(codes[start..<start + shape.classes])
      for label in shape.firstClass..<shape.classes where scores[label] >= threshold {
        let score = scores[label]
        guard boxes.count < capacity || score > boxes.last?.score ?? .max else { continue }
        var box = Box(label: Int32(label), score: score)
        place(&box, index, moves)
        if boxes.count == capacity { boxes.removeLast() }
        let position = boxes.lastIndex { $0.score >= score }.map { $0 + 1 } ?? 0
        boxes.insert(box, at: position)
      }
    }
    return suppressed(boxes)
  }

  /// The scores of an anchor's classes.
  private func scores(_ codes: ArraySlice<Int8>) -> [Int32] {
    guard isSoftmax else { return codes.map { scores[Int($0) + 128] } }
    let largest = Int(codes.max() ?? 0)
    let parts = codes.map { UInt32(scores[largest - Int($0)]) }
    let sum = parts.reduce(0, +)
    return parts.map { Int32(($0 * UInt32(Self.scoreOne) + sum / 2) / sum) }
  }

  private func place(_ box: inout Box, _ index: Int, _ moves: [Int8]) {
    func part(_ axis: Int) -> (Int32, Int32) {
      let size = Int32(anchors[4 * index + axis + 2])
      let center = Int32(moves[4 * index + axis]) - zeroPoint
      let middle =
        Int32(anchors[4 * index + axis]) + move(center * size, rounding: .singleUp)
      let growth = sizes[Int(moves[4 * index + axis + 2]) + 128]
      let side = Int32((Int64(size) * Int64(growth) + 1 << 15) >> 16)
      let from = (2 * middle - side) >> 1
      return (min(max(from, 0), Self.one), min(max(from + side, 0), Self.one))
    }
    let (first, second) = (part(0), part(1))
    (box.left, box.right) = isYFirst ? second : first
    (box.top, box.bottom) = isYFirst ? first : second
  }

  /// Those that are not one with a better one of their class.
  private func suppressed(_ boxes: [Box]) -> [Box] {
    boxes.reduce(into: []) { kept, box in
      let isOne = kept.contains { $0.label == box.label && $0.shares(more: iou, with: box) }
      if !isOne { kept.append(box) }
    }
  }
}

/// An object. Twin: `mnq_box`.
package struct Box: Hashable, Sendable {
  /// The class, as the scores count them.
  package var label: Int32
  /// In 1/32768.
  package var score: Int32
  /// In 1/16384 of a side, cut off at the picture's borders.
  package var left: Int32 = 0
  package var top: Int32 = 0
  package var right: Int32 = 0
  package var bottom: Int32 = 0

  package init(
    label: Int32, score: Int32, left: Int32 = 0, top: Int32 = 0, right: Int32 = 0,
    bottom: Int32 = 0
  ) {
    self.label = label
    self.score = score
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }

  private var area: Int64 { Self.area(right - left, bottom - top) }

  private static func area(_ width: Int32, _ height: Int32) -> Int64 {
    width > 0 && height > 0 ? Int64(width) * Int64(height) : 0
  }

  /// Whether both share more than `iou`, in 1/32768, of their union: without a division.
  fileprivate func shares(more iou: Int32, with other: Box) -> Bool {
    let shared = Self.area(
      min(right, other.right) - max(left, other.left),
      min(bottom, other.bottom) - max(top, other.top))
    return shared * Int64(BoxDecoder.scoreOne) > (area + other.area - shared) * Int64(iou)
  }
}
