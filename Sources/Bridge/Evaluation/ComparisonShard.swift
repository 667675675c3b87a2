/// What one of several machines found of a comparison: the sums of each part of its images, from which
/// `Comparison.merge` makes the result of one run.
package struct ComparisonShard: Sendable {
  package let name: Name
  /// What it was made of, such as the models, each by the name that a user knows: of shards of one
  /// comparison whoever merges them expects the same.
  package var subject: [String: String] = [:]
  private let parts: [PartRecord]

  /// Shard `index` of `count`.
  package struct Name: Hashable, Sendable {
    /// In `1 ... count`.
    package let index: Int
    package let count: Int

    package init(_ index: Int, of count: Int) {
      precondition((1...count).contains(index), "shard \(index) of \(count)")
      (self.index, self.count) = (index, count)
    }

    /// Which of `total` images are its own: whole parts of `partLength` that follow one another.
    /// Empty where there are fewer parts than shards.
    package func positions(of total: Int, partLength: Int) -> Range<Int> {
      let parts = (total + partLength - 1) / partLength
      func start(_ shard: Int) -> Int { min(parts * shard / count * partLength, total) }
      return start(index - 1)..<start(index)
    }
  }

  init(_ name: Name, _ tallies: [Tally]) {
    self.name = name
    parts = tallies.map(PartRecord.init)
  }

  /// How many images it saw.
  package var images: Int { parts.reduce(0) { $0 + $1.predictions.count } }

  /// `shards` by their numbers.
  ///
  /// - Throws: `ComparisonError.shards` unless each of them is there once.
  static func inOrder(
    _ shards: [ComparisonShard]
  ) throws(ComparisonError) -> [ComparisonShard] {
    guard let first = shards.first else { throw .shards(.missing([1], count: 1)) }
    let sorted = shards.sorted { $0.name.index < $1.name.index }
    for (shard, next) in zip(sorted, sorted.dropFirst()) where shard.name == next.name {
      throw .shards(.repeated(shard.name.index))
    }
    for shard in sorted {
      try shard.require("the number of shards", "\(first.name.count)", "\(shard.name.count)")
    }
    let there = Set(sorted.map(\.name.index))
    guard there.count == first.name.count else {
      // Of very many, the first few say enough.
      let missing = (1...first.name.count).lazy.filter { !there.contains($0) }.prefix(8)
      throw .shards(.missing(Array(missing), count: first.name.count))
    }
    return sorted
  }

  /// Checks that this shard's `property` is `expected`.
  ///
  /// - Throws: `ComparisonError.shards`.
  package func require(
    _ property: String, _ expected: String, _ found: String
  ) throws(ComparisonError) {
    guard expected == found else {
      throw .shards(.differs(property, expected: expected, found: found, shard: name.index))
    }
  }

  /// The tally of each part of the images at `indices`, which are this shard's.
  ///
  /// - Parameter shape: Has as many outputs and layers.
  /// - Throws: `ComparisonError.shards` where the parts are others.
  func tallies(
    at indices: ArraySlice<Int>, partLength: Int, like shape: Tally
  ) throws(ComparisonError) -> [Tally] {
    guard parts.flatMap({ $0.predictions.map { $0[0] } }) == Array(indices),
      parts.dropLast().allSatisfy({ $0.predictions.count == partLength }),
      parts.last.map({ $0.predictions.count <= partLength }) ?? true
    else { throw .shards(.otherImages(shard: name.index)) }
    guard
      parts.allSatisfy({
        $0.outputs.count == shape.outputs.count && $0.agreements.count == shape.agreements.count
          && $0.layers.count == shape.layers.count
      })
    else { throw .shards(.damaged("its layers are not the model's")) }
    return parts.map(\.tally)
  }
}

extension ComparisonShard: Codable {
  private enum CodingKeys: CodingKey { case index, count, subject, parts }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let index = try container.decode(Int.self, forKey: .index)
    let count = try container.decode(Int.self, forKey: .count)
    guard count >= 1, count <= 1 << 16, (1...count).contains(index) else {
      throw DecodingError.dataCorruptedError(
        forKey: .index, in: container, debugDescription: "there is no shard \(index)/\(count)")
    }
    name = Name(index, of: count)
    subject = try container.decode([String: String].self, forKey: .subject)
    parts = try container.decode([PartRecord].self, forKey: .parts)
    guard !parts.isEmpty, parts.allSatisfy(\.isConsistent) else {
      throw DecodingError.dataCorruptedError(
        forKey: .parts, in: container, debugDescription: "the sums contradict one another")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name.index, forKey: .index)
    try container.encode(name.count, forKey: .count)
    try container.encode(subject, forKey: .subject)
    try container.encode(parts, forKey: .parts)
  }
}

/// A tally as numbers. Sums are the bits of doubles, which JSON keeps whatever they are.
private struct PartRecord: Codable {
  /// Record, label or -1, float class, int8 class of each image.
  let predictions: [[Int]]
  let agreements: [Int]
  let outputs: [[UInt64]]
  let layers: [[UInt64]]

  init(_ tally: Tally) {
    predictions = tally.predictions.map { [$0.record, $0.label ?? -1, $0.float, $0.int8] }
    agreements = tally.agreements
    outputs = tally.outputs.map(\.bits)
    layers = tally.layers.map(\.bits)
  }

  /// Whether the numbers, which come from a file, are possible.
  var isConsistent: Bool {
    !predictions.isEmpty && predictions.allSatisfy { $0.count == 4 && $0[1] >= -1 }
      && agreements.allSatisfy { (0...predictions.count).contains($0) }
      && (outputs + layers).allSatisfy { SignalSums(bits: $0) != nil }
  }

  var tally: Tally {
    var tally = Tally(layerCount: layers.count, outputCount: outputs.count)
    tally.predictions = predictions.map {
      Prediction(record: $0[0], label: $0[1] < 0 ? nil : $0[1], float: $0[2], int8: $0[3])
    }
    tally.agreements = agreements
    tally.outputs = outputs.compactMap(SignalSums.init(bits:))
    tally.layers = layers.compactMap(SignalSums.init(bits:))
    return tally
  }
}

/// Why shards do not make one comparison.
package enum ShardProblem: Hashable, Sendable {
  case damaged(String)
  case repeated(Int)
  case missing([Int], count: Int)
  case empty(Int, count: Int, images: Int, most: Int)
  case differs(String, expected: String, found: String, shard: Int)
  case otherImages(shard: Int)
}

extension ShardProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .damaged(let reason):
      "not a shard of a comparison, or a damaged one: \(reason); run compare --shard again"
    case .repeated(let shard): "shard \(shard) occurs twice; give every shard once"
    case .missing(let missing, let count):
      "there are not all of the \(count) shards; run compare --shard for the missing "
        + missing.map { "\($0)/\(count)" }.joined(separator: ", ") + ", and merge all"
    case .empty(let shard, let count, let images, let most):
      "there is no image for shard \(shard)/\(count) of \(images) images, which go in parts of 32; use "
        + "at most \(most) shards"
    case .differs(let property, let expected, let found, let shard):
      "these are not shards of this comparison: \(property) is \(found) in shard \(shard), expected "
        + "\(expected); run and merge all shards with the same models, data and options"
    case .otherImages(let shard):
      "shard \(shard) saw other images than it should; run and merge all shards with the same data, "
        + "--split and --limit"
    }
  }
}
