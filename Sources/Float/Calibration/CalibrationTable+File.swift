internal import Files
package import Foundation

extension CalibrationTable {
  /// The table as JSON with sorted keys: equal tables give equal bytes.
  package func bytes() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// Reads a table.
  ///
  /// - Throws: `CalibrationError.damaged`.
  package init(bytes: Data) throws(CalibrationError) {
    do {
      self = try JSONDecoder().decode(CalibrationTable.self, from: bytes)
    } catch {
      throw .damaged(JSONProblem.words(error))
    }
    guard shards.isConsistent else {
      throw .damaged("shards \(shards.done) of \(shards.count) are impossible")
    }
    guard sample.imageCount >= 1, sample.imageCount <= sample.recordCount else {
      throw .damaged("\(sample.imageCount) images of \(sample.recordCount) are impossible")
    }
    for tensor in tensors where !tensor.isConsistent {
      throw .damaged("the statistics of tensor '\(tensor.name)' contradict one another")
    }
  }
}
