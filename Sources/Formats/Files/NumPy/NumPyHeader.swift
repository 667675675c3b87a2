/// What stands before the numbers of an `.npy` file.
package struct NumPyHeader: Hashable, Sendable {
  package let type: NumPyType
  /// The sizes, outermost axis first; none for a single number.
  package let shape: [Int]
  /// The length of the header: where the numbers start.
  package let byteCount: Int
  /// The length of the numbers.
  package let payloadBytes: Int

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// No header that numpy writes for a type above is longer.
  package static let longest = 1 << 16

  /// Reads the header from the start of a file: all of it, or at least its first `longest` bytes.
  ///
  /// - Throws: `NumPyError` for anything but an array in C order of a type that `NumPyType` has.
  package init(start: some Sequence<UInt8>) throws(NumPyError) {
    let bytes = Array(start.prefix(Self.longest))
    guard bytes.starts(with: Self.magic) else { throw .magic }
    guard bytes.count >= 10 else { throw .truncatedHeader(expected: 10, found: bytes.count) }
    let version = bytes[6]
    guard (1...3).contains(version) else { throw .version(Int(version)) }
    let lengthBytes = version == 1 ? 2 : 4
    guard bytes.count >= 8 + lengthBytes else {
      throw .truncatedHeader(expected: 8 + lengthBytes, found: bytes.count)
    }
    let length = bytes[8..<8 + lengthBytes].reversed().reduce(0) { $0 << 8 | Int($1) }
    byteCount = 8 + lengthBytes + length
    guard byteCount <= bytes.count else {
      throw .truncatedHeader(expected: byteCount, found: bytes.count)
    }
    let text = String(decoding: bytes[(8 + lengthBytes)..<byteCount], as: UTF8.self)
    var literal = NumPyLiteral(text)
    guard let fields = literal.dictionary() else { throw .dictionary(text) }
    guard case .text(let description) = fields["descr"],
      let type = NumPyType(rawValue: description)
    else { throw .type(fields["descr"]?.description ?? "none") }
    guard case .truth(false) = fields["fortran_order"] else { throw .order }
    guard case .tuple(let shape) = fields["shape"] else { throw .dictionary(text) }
    self.type = type
    self.shape = shape
    payloadBytes = try Self.payloadBytes(type, shape)
  }

  /// Checks that a file of `fileBytes` bytes holds the header, the numbers and nothing else.
  ///
  /// - Throws: `NumPyError.length`.
  package func checkLength(_ fileBytes: Int) throws(NumPyError) {
    let (expected, overflow) = byteCount.addingReportingOverflow(payloadBytes)
    guard !overflow else { throw .shape(shape) }
    guard fileBytes == expected else {
      throw .length(shape: shape, expected: expected, found: fileBytes)
    }
  }

  private static func payloadBytes(_ type: NumPyType, _ shape: [Int]) throws(NumPyError) -> Int {
    var product = type.byteCount
    for size in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      guard !overflow else { throw .shape(shape) }
      product = next
    }
    return product
  }
}
