internal import Tensors

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
