package import Decoders
internal import Evaluation
internal import Files
internal import FoundationEssentials
package import NetworkGraph

/// What a user says of the places that a network's outputs stand for, and a workspace remembers.
package struct TaskChoice: Codable, Hashable, Sendable {
  package var kind: DetectionTask.Kind
  /// The least score of what is found; `nil` for the task's own.
  package var threshold: Double?
  /// What boxes of a class share of their union at most; `nil` for the task's own.
  package var iou: Double?
  /// The file of anchors.
  package var anchors: String?

  package init(
    _ kind: DetectionTask.Kind, threshold: Double? = nil, iou: Double? = nil,
    anchors: String? = nil
  ) {
    self.kind = kind
    self.threshold = threshold
    self.iou = iou
    self.anchors = anchors
  }

  /// The same, to be read from another working directory.
  package var portable: TaskChoice {
    var choice = self
    choice.anchors = anchors.map(Workspace.absolute)
    return choice
  }

  /// The task; reads the file of anchors.
  ///
  /// - Parameter threshold: Where the user said none, in place of the task's own.
  package func task(
    threshold standard: Double? = nil
  ) throws(PipelineError) -> DetectionTask {
    let threshold = self.threshold ?? standard
    switch kind {
    case .map:
      return .map(MapTask(threshold: threshold ?? MapTask.standardThreshold))
    case .boxes:
      guard let anchors else { throw .model(.noAnchors) }
      let file = try PipelineError.naming(anchors) { try AnchorFile(anchors) }
      return .boxes(
        BoxTask(
          anchors: file.anchors, coding: file.coding,
          threshold: threshold ?? BoxTask.standardThreshold, iou: iou ?? BoxTask.standardIoU))
    }
  }

  /// The task by which the network of `graph` is judged: mean average precision is of all scores.
  ///
  /// - Throws: `PipelineError.at` where its outputs are not what the task reads.
  package func task(judging graph: Graph) throws(PipelineError) -> DetectionTask {
    let task = try task(threshold: kind == .boxes ? Self.leastScore : nil)
    try PipelineError.naming(graph.name) {
      _ = try ObjectFinder(task, outputs: graph.namedOutputs, input: graph.inputShape)
    }
    return task
  }

  /// That of torchvision's SSDlite when it is measured.
  private static let leastScore = 0.001
}

/// What a detector's anchors are and what its outputs mean, as a file says it: JSON, or an `.npy`
/// file of anchors in torchvision's conventions, `[N, 4]` float32 of center and size.
struct AnchorFile {
  let anchors: [Anchor]
  let coding: BoxCoding

  /// More are nobody's, and take all memory.
  static let mostAnchors = 1_000_000

  /// Reads the file at `path`.
  ///
  /// - Throws: `AnchorProblem` for a file that says something else, `FileError`, `NumPyError`.
  init(_ path: String) throws {
    let bytes = try AtomicFile.read(path)
    if path.lowercased().hasSuffix(".npy") {
      let array = try NumPyArray(file: bytes)
      guard array.shape.count == 2, array.shape[1] == 4, let values = array.values(Float.self)
      else { throw AnchorProblem.notAnchors(type: array.type.rawValue, shape: array.shape) }
      coding = BoxCoding()
      anchors = try Self.anchors(
        stride(from: 0, to: values.count, by: 4).map { values[$0..<$0 + 4].map(Double.init) },
        coding.order)
      return
    }
    let content: Content
    do {
      content = try JSONDecoder().decode(Content.self, from: bytes)
    } catch {
      throw AnchorProblem.json(JSONProblem.words(error))
    }
    coding = try content.coding()
    anchors = try content.anchors(coding.order)
  }

  private static func anchors(
    _ rows: [[Double]], _ order: BoxCoding.Order
  ) throws(AnchorProblem) -> [Anchor] {
    guard !rows.isEmpty, rows.count <= mostAnchors else { throw .count(rows.count) }
    var anchors: [Anchor] = []
    for (index, row) in rows.enumerated() {
      guard row.count == 4, row.allSatisfy({ abs($0) < 2 }), row[2] >= 0, row[3] >= 0 else {
        throw .anchor(index, row)
      }
      anchors.append(
        order == .xywh
          ? Anchor(x: row[0], y: row[1], width: row[2], height: row[3])
          : Anchor(x: row[1], y: row[0], width: row[3], height: row[2]))
    }
    return anchors
  }

  /// The JSON file as it is: `anchors`, or what makes them under the names that its makers' code has.
  private struct Content: Decodable {
    let anchors: [[Double]]?
    let torchvision: Torchvision?
    let tensorflow: TensorFlow?
    let variances: [Double]?
    let order: BoxCoding.Order?
    let scores: BoxCoding.Scores?
    let background: Bool?

    struct Torchvision: Decodable {
      let maps: [[Int]]
      let aspect_ratios: [[Double]]?
      let min_ratio: Double?
      let max_ratio: Double?
      let scales: [Double]?
      let clip: Bool?
    }

    struct TensorFlow: Decodable {
      let maps: [[Int]]
      let aspect_ratios: [Double]?
      let min_scale: Double?
      let max_scale: Double?
      let reduce_boxes_in_lowest_layer: Bool?
    }

    func coding() throws(AnchorProblem) -> BoxCoding {
      let isTensorFlow = tensorflow != nil
      let coding = BoxCoding(
        variances: variances ?? [0.1, 0.2], order: order ?? (isTensorFlow ? .yxhw : .xywh),
        scores: scores ?? (isTensorFlow ? .probabilities : .exclusive),
        hasBackground: background ?? true)
      guard coding.variances.count == 2, coding.variances.allSatisfy({ $0 > 0 && $0 <= 100 }) else {
        throw .variances(coding.variances)
      }
      return coding
    }

    func anchors(_ order: BoxCoding.Order) throws(AnchorProblem) -> [Anchor] {
      switch (anchors, torchvision, tensorflow) {
      case (let rows?, nil, nil): return try AnchorFile.anchors(rows, order)
      case (nil, let torchvision?, nil): return try made(torchvision)
      case (nil, nil, let tensorflow?):
        let maps = try sizes(tensorflow.maps)
        let ratios = tensorflow.aspect_ratios ?? [1, 2, 3, 0.5, 1.0 / 3]
        let scales = [tensorflow.min_scale ?? 0.2, tensorflow.max_scale ?? 0.95]
        try check(maps, ratios: [ratios], sides: scales)
        return AnchorGrid.tensorflow(
          maps, ratios: ratios, least: scales[0], most: scales[1],
          reducesFirst: tensorflow.reduce_boxes_in_lowest_layer ?? true)
      default: throw .kinds
      }
    }

    private func made(_ torchvision: Torchvision) throws(AnchorProblem) -> [Anchor] {
      let maps = try sizes(torchvision.maps)
      let ratios = torchvision.aspect_ratios ?? maps.map { _ in [2, 3] }
      let sides = [torchvision.min_ratio ?? 0.2, torchvision.max_ratio ?? 0.95]
      guard ratios.count == maps.count, (torchvision.scales?.count ?? maps.count + 1) > maps.count
      else { throw .lists(maps: maps.count) }
      try check(maps, ratios: ratios, sides: sides + (torchvision.scales ?? []))
      return AnchorGrid.torchvision(
        maps, ratios: ratios, least: sides[0], most: sides[1], scales: torchvision.scales,
        clips: torchvision.clip ?? true)
    }

    private func sizes(_ maps: [[Int]]) throws(AnchorProblem) -> [AnchorGrid.Size] {
      var sizes: [AnchorGrid.Size] = []
      for map in maps {
        guard map.count == 2, map.allSatisfy((1...1000).contains) else { throw .map(map) }
        sizes.append(AnchorGrid.Size(rows: map[0], columns: map[1]))
      }
      return sizes
    }

    private func check(
      _ maps: [AnchorGrid.Size], ratios: [[Double]], sides: [Double]
    ) throws(AnchorProblem) {
      let shapes = 2 + 2 * (ratios.map(\.count).max() ?? 0)
      let count = maps.reduce(0) { $0 + $1.rows * $1.columns } * min(shapes, 1000)
      guard !maps.isEmpty, maps.count <= 1000, count <= AnchorFile.mostAnchors else {
        throw .count(count)
      }
      guard ratios.joined().allSatisfy({ (0.01...100).contains($0) }),
        sides.allSatisfy({ (0...2).contains($0) })
      else { throw .shapes }
    }
  }
}

/// What is wrong with a file of anchors.
enum AnchorProblem: Error, Hashable {
  /// In words of `JSONProblem`.
  case json(String)
  case notAnchors(type: String, shape: [Int])
  case count(Int)
  case anchor(Int, [Double])
  case variances([Double])
  /// Not one of `anchors`, `torchvision` and `tensorflow`.
  case kinds
  case map([Int])
  case lists(maps: Int)
  case shapes
}

extension AnchorProblem: CustomStringConvertible {
  var description: String {
    switch self {
    case .json(let words): "\(words); Docs/Detection.md shows what a file of anchors holds"
    case .notAnchors(let type, let shape):
      "holds numbers of type '\(type)' and shape \(shape); expected float32 of [N, 4]: center and size "
        + "in sides of the picture"
    case .count(let count):
      "makes \(count) anchors; expected 1 to \(AnchorFile.mostAnchors)"
    case .anchor(let index, let row):
      "anchor \(index) is \(row); expected center and size in sides of the picture, below 2, no size "
        + "negative"
    case .variances(let found):
      "variances are \(found); expected two numbers above 0, of centers and of sizes, such as "
        + "[0.1, 0.2]"
    case .kinds: "expected one of 'anchors', 'torchvision' and 'tensorflow'"
    case .map(let found):
      "a map is \(found); expected rows and columns, 1 to 1000 each, such as [10, 10]"
    case .lists(let maps):
      "there are \(maps) maps; expected a list of aspect_ratios for each, and one of the scales more "
        + "than maps"
    case .shapes: "expected aspect_ratios of 0.01 to 100, and scales of 0 to 2"
    }
  }
}
