import CRuntime
import Decoders
import Evaluation
import FixedPoint
import QuantizedIR
import Tensors
import TestSupport
import Testing

/// Objects of detectors that move anchors: Swift and C the same, and near real numbers.
@Suite struct BoxDecoderTests {
  @Test(arguments: BoxCoding.Scores.allCases, BoxCoding.Order.allCases)
  func swiftIsC(_ scores: BoxCoding.Scores, _ order: BoxCoding.Order) throws {
    var random = SplitMix64(seed: 3)
    var found = 0
    for count in 1...24 {
      for classes in 1...5 {
        let detector = Detector(
          count: count, classes: classes, scores: scores, order: order, using: &random)
        let decoder = try detector.decoder()
        let (moves, codes) = detector.codes(using: &random)
        for capacity in [0, 1, 3, 8, 200] {
          let boxes = decoder.boxes(moves: moves, codes: codes, capacity: capacity)
          #expect(Self.c(decoder, moves, codes, capacity) == boxes)
          found += boxes.count
        }
      }
    }
    #expect(found > 1000)
  }

  /// An edge is off by what `Docs/Arithmetic.md` says at most.
  @Test func edgesAreNearRealOnes() throws {
    var random = SplitMix64(seed: 4)
    var worst = 0.0
    for _ in 0..<2000 {
      var detector = Detector(
        count: 8, classes: 1, scores: .probabilities, order: .xywh, using: &random)
      detector.task.coding.hasBackground = false
      (detector.task.threshold, detector.task.iou) = (0, 1)
      let decoder = try detector.decoder()
      let (moves, _) = detector.codes(using: &random)
      // Scores that fall tell the order of the anchors.
      let codes = (0..<8).map { Int8(100 - 10 * $0) }
      let boxes = decoder.boxes(moves: moves, codes: codes, capacity: 8)
      try #require(boxes.count == 8)
      let reals = moves.map { detector.moves.real($0) }
      let boxesInReal = RealBoxes(detector.task, decoder.shape)
      for (index, box) in boxes.enumerated() {
        let real = boxesInReal.box(index, reals)
        let bound = detector.edgeBounds(index, reals)
        for (found, expected, most) in [
          (box.left, real.left, bound.across), (box.right, real.right, bound.across),
          (box.top, real.top, bound.down), (box.bottom, real.bottom, bound.down),
        ] {
          let error = abs(Double(found) - expected * 0x1p14)
          #expect(error <= most, "\(detector.task.anchors[index]), \(box), \(real)")
          worst = max(worst, error / most)
        }
      }
    }
    #expect(worst > 0.4, "the bound is much too wide: \(worst)")
  }

  /// A score is off by what `Docs/Arithmetic.md` says at most.
  @Test(arguments: BoxCoding.Scores.allCases)
  func scoresAreNearRealOnes(_ scores: BoxCoding.Scores) throws {
    var random = SplitMix64(seed: 5)
    for classes in [2, 3, 21, 91] {
      for _ in 0..<40 {
        var detector = Detector(
          count: 4, classes: classes, scores: scores, order: .xywh, using: &random)
        (detector.task.threshold, detector.task.iou) = (0, 1)
        let decoder = try detector.decoder()
        let (moves, codes) = detector.codes(using: &random)
        let boxes = decoder.boxes(moves: moves, codes: codes, capacity: 1000)
        let real = RealBoxes(detector.task, decoder.shape).objects(
          moves: moves.map { detector.moves.real($0) },
          scores: codes.map { detector.scores.real($0) }, capacity: 1000)
        try #require(
          boxes.count == real.count && boxes.count == 4 * (classes - decoder.shape.firstClass))
        // Sorted lists whose values are near one another are near place by place.
        for (box, object) in zip(boxes, real) {
          let score = min(max(object.score, 0), 1)
          let isSoftmax = scores == .exclusive
          let bound = isSoftmax ? (1 + score * Double(classes)) * 0x1p-17 : 0
          #expect(abs(Double(box.score) * 0x1p-15 - score) <= bound + 0x1p-16 + 1e-12)
        }
      }
    }
  }

  /// Six boxes in a row, each a twentieth of its width beside the one before: which remain at a share
  /// of the union, worked out by hand, and in real numbers.
  @Test(arguments: [(0.95, [0, 1, 2, 3, 4, 5]), (0.85, [0, 2, 4]), (0.7, [0, 4]), (0.5, [0])])
  func suppressesAsRealNumbersDo(_ iou: Double, _ expected: [Int]) throws {
    let anchors = (0..<6).map { index in
      Anchor(x: 0.3 + 0.01 * Double(index), y: 0.5, width: 0.2, height: 0.2)
    }
    let coding = BoxCoding(scores: .probabilities, hasBackground: false)
    let task = BoxTask(anchors: anchors, coding: coding, threshold: 0.1, iou: iou)
    let detector = Detector(task: task, classes: 2)
    let decoder = try detector.decoder()
    let moves = [Int8](repeating: 0, count: 24)
    func codes(_ label: (Int) -> Int) -> [Int8] {
      (0..<12).map { place in
        let (anchor, column) = place.quotientAndRemainder(dividingBy: 2)
        return column == label(anchor) ? Int8(100 - anchor) : -128
      }
    }
    let one = codes { _ in 0 }
    let boxes = decoder.boxes(moves: moves, codes: one, capacity: 10)
    // A code is 1/256 more than the one below it.
    #expect(boxes.map { 100 - (Int($0.score) / 128 - 128) } == expected)
    let real = RealBoxes(task, decoder.shape).objects(
      moves: [Double](repeating: 0, count: 24), scores: one.map { detector.scores.real($0) },
      capacity: 10)
    #expect(real.map(\.anchor) == expected)
    // Boxes of another class stay.
    let both = decoder.boxes(moves: moves, codes: codes { $0 % 2 }, capacity: 10)
    #expect(Set(both.map(\.label)) == [0, 1])
  }

  private static func c(
    _ decoder: BoxDecoder, _ moves: [Int8], _ codes: [Int8], _ capacity: Int
  ) -> [Box] {
    decoder.anchors.withUnsafeBufferPointer { anchors in
      decoder.sizes.withUnsafeBufferPointer { sizes in
        decoder.scores.withUnsafeBufferPointer { scores in
          var detector = mnq_boxes(
            count: Int32(anchors.count / 4), classes: Int32(decoder.shape.classes),
            first_class: Int32(decoder.shape.firstClass), threshold: decoder.threshold,
            iou: decoder.iou, zero_point: decoder.zeroPoint, y_first: decoder.isYFirst ? 1 : 0,
            is_softmax: decoder.isSoftmax ? 1 : 0,
            move: mnq_requantization(
              multiplier: decoder.move.multiplier, shift: decoder.move.shift),
            anchors: anchors.baseAddress, sizes: sizes.baseAddress, scores: scores.baseAddress)
          var boxes = [mnq_box](repeating: mnq_box(), count: capacity)
          let count = mnq_find_boxes(&detector, moves, codes, &boxes, Int32(capacity))
          return boxes.prefix(Int(count)).map {
            Box(
              label: Int32($0.label), score: Int32($0.score), left: Int32($0.left),
              top: Int32($0.top), right: Int32($0.right), bottom: Int32($0.bottom))
          }
        }
      }
    }
  }
}

/// A detector with random anchors and scales.
private struct Detector {
  var task: BoxTask
  var moves: QuantizedTensor
  var scores: QuantizedTensor

  init(task: BoxTask, classes: Int) {
    self.task = task
    let count = task.anchors.count
    moves = QuantizedTensor(name: "moves", shape: [1, count, 4], scale: 0.05, zeroPoint: 0)
    scores = QuantizedTensor(
      name: "scores", shape: [1, count, classes], scale: 0x1p-8, zeroPoint: -128)
  }

  init(
    count: Int, classes: Int, scores kind: BoxCoding.Scores, order: BoxCoding.Order,
    using random: inout SplitMix64
  ) {
    let anchors = (0..<count).map { _ in
      Anchor(
        x: .random(in: 0...1, using: &random), y: .random(in: 0...1, using: &random),
        width: .random(in: 0.01...1, using: &random), height: .random(in: 0.01...1, using: &random))
    }
    let coding = BoxCoding(
      order: order, scores: kind, hasBackground: classes > 1 && random.next() % 2 == 0)
    self.init(
      task: BoxTask(
        anchors: anchors, coding: coding, threshold: .random(in: 0...0.4, using: &random),
        iou: .random(in: 0.1...0.9, using: &random)),
      classes: classes)
    if classes > 3 || classes == 2 { task.coding.hasBackground = true }
    moves.scale = .random(in: 0.01...0.2, using: &random)
    moves.zeroPoint = .random(in: -60...60, using: &random)
    guard kind != .probabilities else { return }
    scores.scale = .random(in: 0.01...0.15, using: &random)
    scores.zeroPoint = .random(in: -60...60, using: &random)
  }

  func decoder() throws -> BoxDecoder {
    let model = QuantizedModel(
      name: "detector", tensors: [moves, scores], layers: [], inputs: [0], outputs: [0, 1],
      pixelEncoding: nil, labels: [],
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: "", rounding: .double,
        calibration: nil))
    return try BoxDecoder(task, model)
  }

  func codes(using random: inout SplitMix64) -> (moves: [Int8], scores: [Int8]) {
    func draw(_ count: Int) -> [Int8] {
      (0..<count).map { _ in Int8(truncatingIfNeeded: random.next()) }
    }
    return (draw(moves.shape.count), draw(scores.shape.count))
  }

  /// In 1/16384 of a side: the center is off by half of a unit for the anchor's, half for the sum and
  /// for the anchor's size half of its share; the size by half, and half of the growth.
  func edgeBounds(_ index: Int, _ reals: [Double]) -> (across: Double, down: Double) {
    func bound(_ axis: Int, _ size: Double) -> Double {
      let share = abs(reals[4 * index + axis] * task.coding.variances[0])
      let growth = task.coding.growth(reals[4 * index + axis + 2])
      let center = 1 + share / 2 + share * size * 0x1p14 * 0x1p-30
      let side = 0.5 + growth / 2 + size * 0x1p-3
      return center + side / 2 + 0.5
    }
    return (bound(0, task.anchors[index].width), bound(1, task.anchors[index].height))
  }
}
