internal import Tensors

/// Which parts of a sample a table covers: of `count` parts, shard `i` holds the sample's images
/// `i - 1`, `i - 1 + count`, `i - 1 + 2 * count` and so on.
package struct CalibrationShards: Hashable, Codable, Sendable {
  /// Parts in all, at least 1.
  package let count: Int
  /// Numbers of the parts covered, ascending, in `1 ... count`.
  package private(set) var done: [Int]

  /// Shard `index` of `count`.
  package init(_ index: Int, of count: Int) {
    precondition((1...Self.greatestCount).contains(count), "\(count) shards")
    precondition((1...count).contains(index), "shard \(index) of \(count)")
    self.count = count
    done = [index]
  }

  /// The whole sample in one run.
  package static let whole = CalibrationShards(1, of: 1)

  /// Numbers of the parts not covered.
  package var missing: [Int] { (1...count).filter { !done.contains($0) } }

  /// Positions in the sample of the images covered, ascending.
  package func positions(imageCount: Int) -> [Int] {
    (0..<imageCount).filter { done.contains($0 % count + 1) }
  }

  /// The most parts there can be.
  package static let greatestCount = 1 << 16

  /// Whether the numbers, which may come from a file, are possible.
  var isConsistent: Bool {
    (1...Self.greatestCount).contains(count) && !done.isEmpty && done == Set(done).sorted()
      && done.allSatisfy { (1...count).contains($0) }
  }

  /// Both together, which share no part; all parts together are the whole.
  func union(_ other: CalibrationShards) -> CalibrationShards {
    var union = self
    union.done = (done + other.done).sorted()
    return union.missing.isEmpty ? .whole : union
  }
}

extension CalibrationTable {
  /// One table of shards of one calibration: what a single run over all their images gives.
  ///
  /// - Throws: `CalibrationError.nothingToMerge`, `differs` or `repeatedShard`.
  package static func merge(_ tables: [CalibrationTable]) throws(CalibrationError)
    -> CalibrationTable
  {
    guard var merged = tables.first else { throw .nothingToMerge }
    for table in tables.dropFirst() {
      try merged.merge(table)
    }
    return merged
  }

  private mutating func merge(_ other: CalibrationTable) throws(CalibrationError) {
    try require("the tool's version", tool, other.tool)
    try require("the model's SHA-256", model.sha256, other.model.sha256)
    try require("the preprocessing", "\(preprocessing)", "\(other.preprocessing)")
    try require("the data set", sample.dataset, other.sample.dataset)
    try require("the split", sample.split, other.sample.split)
    try require("the number of records", "\(sample.recordCount)", "\(other.sample.recordCount)")
    try require("the number of images", "\(sample.imageCount)", "\(other.sample.imageCount)")
    try require("the images' SHA-256", sample.sha256, other.sample.sha256)
    try require("the method", method.rawValue, other.method.rawValue)
    try require("the number of shards", "\(shards.count)", "\(other.shards.count)")
    try require("the number of tensors", "\(tensors.count)", "\(other.tensors.count)")
    if let shard = shards.done.first(where: other.shards.done.contains) {
      throw .repeatedShard(shard)
    }
    for (index, (mine, theirs)) in zip(tensors, other.tensors).enumerated() {
      try require("tensor \(index)", mine.name, theirs.name)
      try require(
        "the number of channels of '\(mine.name)'", "\(mine.statistics.channels)",
        "\(theirs.statistics.channels)")
      var statistics = mine.statistics
      statistics.merge(theirs.statistics)
      tensors[index] = CalibratedTensor(mine.name, statistics, method)
    }
    shards = shards.union(other.shards)
  }

  private func require(
    _ property: String, _ first: String, _ second: String
  ) throws(CalibrationError) {
    guard first == second else { throw .differs(property, first: first, second: second) }
  }
}
