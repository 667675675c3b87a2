package import FoundationEssentials
private import Glibc

/// An `.npy` file: numbers of one type and their shape, in C order.
///
/// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
package struct NumPyArray: Hashable, Sendable {
  package let type: NumPyType
  /// The sizes, outermost axis first; none for a single number.
  package let shape: [Int]
  /// The numbers, little-endian, innermost axis fastest.
  package let bytes: Data

  /// An array of numbers, which fill `shape` exactly.
  package init<Element: NumPyElement>(_ values: [Element], shape: [Int]) {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values for shape \(shape)")
    type = Element.numPyType
    self.shape = shape
    bytes = values.withUnsafeBytes { Data($0) }
  }

  /// Reads a file.
  ///
  /// - Throws: `NumPyError` where the header or the length is wrong.
  package init(file: Data) throws(NumPyError) {
    let header = try NumPyHeader(start: file)
    try header.checkLength(file.count)
    type = header.type
    shape = header.shape
    bytes = Data(file.suffix(header.payloadBytes))
  }

  /// The file's bytes, in version 1.0 of the format.
  package func file() -> Data {
    let sizes = shape.map { "\($0)" }.joined(separator: ", ")
    let tuple = shape.count == 1 ? "(\(sizes),)" : "(\(sizes))"
    var header = "{'descr': '\(type.rawValue)', 'fortran_order': False, 'shape': \(tuple), }"
    let unpadded = NumPyHeader.magic.count + 4 + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = withUnsafeBytes(of: UInt16(header.utf8.count).littleEndian) { Data($0) }
    return Data(NumPyHeader.magic + [1, 0]) + length + Data(header.utf8) + bytes
  }

  /// The numbers, innermost axis fastest; `nil` where they are of another type.
  package func values<Element: NumPyElement>(_: Element.Type) -> [Element]? {
    guard type == Element.numPyType else { return nil }
    return [Element](unsafeUninitializedCapacity: bytes.count / type.byteCount) { buffer, count in
      count = bytes.copyBytes(to: buffer) / type.byteCount
    }
  }
}

/// A type of number that this tool reads from and writes to `.npy` files.
package enum NumPyType: String, CaseIterable, Hashable, Sendable {
  case float32 = "<f4"
  case int32 = "<i4"
  case int64 = "<i8"
  case int8 = "|i1"
  case uint8 = "|u1"

  /// Bytes of one number.
  package var byteCount: Int {
    switch self {
    case .int64: 8
    case .float32, .int32: 4
    case .int8, .uint8: 1
    }
  }
}

/// The Swift twin of a `NumPyType`. Files are little-endian, as is every host that Swift runs on.
package protocol NumPyElement: BitwiseCopyable {
  static var numPyType: NumPyType { get }
}

extension Float: NumPyElement {
  package static var numPyType: NumPyType { .float32 }
}

extension Int64: NumPyElement {
  package static var numPyType: NumPyType { .int64 }
}

extension Int32: NumPyElement {
  package static var numPyType: NumPyType { .int32 }
}

extension Int8: NumPyElement {
  package static var numPyType: NumPyType { .int8 }
}

extension UInt8: NumPyElement {
  package static var numPyType: NumPyType { .uint8 }
}

/// Why bytes are not an `.npy` file that this tool reads.
package enum NumPyError: Error, Hashable {
  case magic
  case truncatedHeader(expected: Int, found: Int)
  case version(Int)
  case dictionary(String)
  case type(String)
  case order
  case shape([Int])
  case length(shape: [Int], expected: Int, found: Int)
}

extension NumPyError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .magic:
      "not an .npy file: expected it to start with \\x93NUMPY; write it with numpy.save"
    case .truncatedHeader(let expected, let found):
      "the .npy header needs \(expected) bytes and \(found) are there: the file is cut off or damaged"
    case .version(let version):
      "the .npy format has version \(version); expected 1, 2 or 3"
    case .dictionary(let text):
      "the .npy header is not a dictionary of descr, fortran_order and shape: '\(text.prefix(80))'"
    case .type(let type):
      "the .npy file holds numbers of type \(type); expected one of "
        + NumPyType.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        + "; convert with numpy's astype"
    case .order:
      "the .npy file is in Fortran order; expected C order; convert with numpy.ascontiguousarray"
    case .shape(let shape):
      "the .npy file has the impossible shape \(shape)"
    case .length(let shape, let expected, let found):
      "an .npy file of shape \(shape) has \(expected) bytes, and this one has \(found): it is cut off "
        + "or damaged"
    }
  }
}

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

/// Reads the Python dictionary in an `.npy` header: texts, truth values and tuples of sizes.
struct NumPyLiteral {
  enum Value: Hashable, CustomStringConvertible {
    case text(String)
    case truth(Bool)
    case tuple([Int])

    var description: String {
      switch self {
      case .text(let text): "'\(text)'"
      case .truth(let truth): "\(truth)"
      case .tuple(let sizes): "\(sizes)"
      }
    }
  }

  private var rest: Substring

  init(_ text: String) { rest = text[...] }

  /// The whole text as one dictionary; `nil` where it is anything else.
  mutating func dictionary() -> [String: Value]? {
    guard take("{") else { return nil }
    var fields: [String: Value] = [:]
    while !take("}") {
      guard let key = string(), take(":"), let value = value() else { return nil }
      fields[key] = value
      guard take(",") || next == "}" else { return nil }
    }
    return next == nil ? fields : nil
  }

  private mutating func value() -> Value? {
    if let text = string() { return .text(text) }
    if take("True") { return .truth(true) }
    if take("False") { return .truth(false) }
    guard take("(") else { return nil }
    var sizes: [Int] = []
    while !take(")") {
      guard let size = size() else { return nil }
      sizes.append(size)
      guard take(",") || next == ")" else { return nil }
    }
    return .tuple(sizes)
  }

  private mutating func string() -> String? {
    guard let quote = next, quote == "'" || quote == "\"",
      let end = rest.dropFirst().firstIndex(of: quote)
    else { return nil }
    let content = rest[rest.index(after: rest.startIndex)..<end]
    rest = rest[rest.index(after: end)...]
    return String(content)
  }

  /// Digits; those of Python 2 end in `L`.
  private mutating func size() -> Int? {
    skipSpace()
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    guard let size = Int(digits) else { return nil }
    rest = rest.dropFirst(digits.count)
    _ = take("L")
    return size
  }

  private var next: Character? {
    mutating get {
      skipSpace()
      return rest.first
    }
  }

  private mutating func take(_ token: String) -> Bool {
    skipSpace()
    guard rest.hasPrefix(token) else { return false }
    rest = rest.dropFirst(token.count)
    return true
  }

  private mutating func skipSpace() { rest = rest.drop { $0.isWhitespace } }
}
