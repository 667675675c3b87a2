package import Datasets
internal import Files
internal import FloatReference
package import NetworkGraph
private import Synchronization
internal import Tensors

/// Runs a float network over images and learns what its tensors are like.
///
/// The result depends on the network, the images, the method and the shard, and on nothing else:
/// any number of threads gives the same bytes.
package struct Calibrator: Sendable {
  private let graph: Graph
  private let dataset: Dataset
  private let records: [Int]
  private let shards: CalibrationShards
  private let method: CalibrationMethod

  /// Prepares to calibrate `graph` on `imageCount` records spread evenly over `dataset`, or on all
  /// where it has no more, of which this run takes the part that `shards` names.
  ///
  /// - Throws: `CalibrationError.emptyShard` where that part has no image.
  package init(
    _ graph: Graph, dataset: Dataset, imageCount: Int, method: CalibrationMethod,
    shards: CalibrationShards = .whole
  ) throws(CalibrationError) {
    precondition(imageCount >= 1, "\(imageCount) images")
    self.graph = graph
    self.dataset = dataset
    self.shards = shards
    self.method = method
    records = dataset.evenlySpaced(imageCount)
    guard !shards.positions(imageCount: records.count).isEmpty else {
      throw .emptyShard(shards.done, count: shards.count, imageCount: records.count)
    }
  }

  /// Calibrates on `threads` threads and tells `progress` how many images of how many are done,
  /// from any of them.
  ///
  /// - Throws: `CalibrationError.dataset`, or `unsound` for the first image by number that makes a
  ///   tensor NaN or infinite.
  package func run(
    tool: String, model: CalibratedModel, threads: Int,
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
  ) async throws(CalibrationError) -> CalibrationTable {
    let used = shards.positions(imageCount: records.count).map { records[$0] }
    let workerCount = min(max(threads, 1), used.count)
    // Before memory is taken for a network that these images do not fit.
    let preprocessor = Preprocessor(graph.preprocessing, inputShape: graph.inputShape)
    _ = try input(used[0], preprocessor)
    let reference = FloatReference(graph)
    let counter = Counter()
    let results = await withTaskGroup(of: WorkerResult.self) { group in
      for worker in 0..<workerCount {
        let share = stride(from: worker, to: used.count, by: workerCount).map { used[$0] }
        group.addTask {
          statistics(of: share, preprocessor, reference) { progress(counter.next(), used.count) }
        }
      }
      var results: [WorkerResult] = []
      for await result in group { results.append(result) }
      return results
    }
    return CalibrationTable(
      tool: tool, model: model, preprocessing: graph.preprocessing, sample: try sample(),
      shards: shards, method: method, names: graph.tensors.map(\.name),
      statistics: try merged(results), origins: graph.preprocessingOrigins)
  }

  private typealias WorkerResult = Result<[TensorStatistics], Failure>

  /// What stopped a worker, and at which record.
  private struct Failure: Error {
    let record: Int
    let error: CalibrationError
  }

  /// The statistics of every tensor over `records`, with `progress` after each.
  private func statistics(
    of records: [Int], _ preprocessor: Preprocessor, _ reference: FloatReference,
    progress: () -> Void
  ) -> WorkerResult {
    let arena = reference.makeArena()
    var statistics = graph.tensors.map { TensorStatistics(channels: $0.shape.channels) }
    for record in records {
      do throws(CalibrationError) {
        let input = try input(record, preprocessor)
        _ = try reference.run(input, in: arena) { tensor, values throws(CalibrationError) in
          if let value = statistics[tensor].observe(values) {
            throw .unsound(tensor: graph.tensors[tensor].name, record: record, value: "\(value)")
          }
        }
      } catch {
        return .failure(Failure(record: record, error: error))
      }
      progress()
    }
    return .success(statistics)
  }

  private func input(
    _ record: Int, _ preprocessor: Preprocessor
  ) throws(CalibrationError) -> [Float] {
    do {
      return try preprocessor(dataset.sample(at: record))
    } catch {
      throw .dataset(error)
    }
  }

  private func merged(_ results: [WorkerResult]) throws(CalibrationError) -> [TensorStatistics] {
    var merged = graph.tensors.map { TensorStatistics(channels: $0.shape.channels) }
    var failures: [Failure] = []
    for result in results {
      switch result {
      case .success(let statistics):
        for tensor in merged.indices { merged[tensor].merge(statistics[tensor]) }
      case .failure(let failure): failures.append(failure)
      }
    }
    // Every worker goes through its records in order, so the least number of all is among these.
    if let first = failures.min(by: { $0.record < $1.record }) { throw first.error }
    return merged
  }

  /// The whole sample, whatever this run's part of it: so all shards name the same images.
  private func sample() throws(CalibrationError) -> CalibrationSample {
    var hash = SHA256()
    for record in records {
      do {
        hash.update(try dataset.bytes(at: record))
      } catch {
        throw .dataset(error)
      }
    }
    return CalibrationSample(
      dataset: dataset.name, path: dataset.path, split: dataset.split.rawValue,
      recordCount: dataset.count, imageCount: records.count, sha256: hash.hex())
  }
}

/// Counts what several threads have done together.
final class Counter: Sendable {
  private let count = Atomic(0)

  /// The count with one more.
  func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

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
