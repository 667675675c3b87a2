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
    } catch let error as DecodingError {
      throw .damaged(Self.reason(error))
    } catch {
      throw .damaged("\(error)")
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

  /// Where in the JSON, and what is wrong there.
  private static func reason(_ error: DecodingError) -> String {
    let context: DecodingError.Context
    switch error {
    case .keyNotFound(let key, let found):
      return "\(place(found)) has no '\(key.stringValue)'"
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
      context = found
    @unknown default:
      return "\(error)"
    }
    return "\(place(context)): \(context.debugDescription)"
  }

  private static func place(_ context: DecodingError.Context) -> String {
    guard !context.codingPath.isEmpty else { return "the file" }
    let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
    return "'" + path.joined(separator: ".") + "'"
  }
}
