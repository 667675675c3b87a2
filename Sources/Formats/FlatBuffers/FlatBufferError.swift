/// Where a FlatBuffer contradicts itself.
package enum FlatBufferError: Error, Hashable {
  /// Something would reach past the end of the file.
  case outOfBounds(what: String, offset: Int, length: Int, fileLength: Int)
  /// A table whose description is shorter than a description can be.
  case table(offset: Int, problem: String)
  /// The four letters that name the format.
  case identifier(found: String, expected: String)
  /// Text that is no UTF-8.
  case text(offset: Int)
}

extension FlatBufferError {
  /// The first byte that is wrong.
  package var offset: Int {
    switch self {
    case .outOfBounds(_, let offset, _, _), .table(let offset, _), .text(let offset): offset
    case .identifier: 4
    }
  }
}

extension FlatBufferError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .outOfBounds(let what, _, let length, let fileLength):
      "\(what) of \(length) bytes leaves the file of \(fileLength) bytes"
    case .table(_, let problem): problem
    case .identifier(let found, let expected):
      "expected the identifier '\(expected)', found '\(found)'"
    case .text: "a name is not UTF-8"
    }
  }
}
