/// Why bytes are no picture.
package enum ImageProblem: Error, Hashable {
  /// Neither JPEG nor PNG.
  case unknownFormat
  /// In the words of the decoding library.
  case damaged(String)
}

extension ImageProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknownFormat: "expected a JPEG or PNG file, found neither; convert it"
    case .damaged(let reason): "damaged: \(reason); fetch or convert it again"
    }
  }
}
