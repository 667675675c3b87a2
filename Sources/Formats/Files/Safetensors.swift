package import FoundationEssentials

/// A safetensors file: named tensors and a dictionary of strings.
///
/// Layout: 8 bytes of header length, little-endian; a JSON header with type, shape and byte range
/// of each tensor; the tensors' bytes without gaps.
/// Source: https://huggingface.co/docs/safetensors.
package struct Safetensors: Sendable {
  /// By name.
  package var tensors: [String: SafetensorsTensor]
  /// Free text by key.
  package var metadata: [String: String]

  /// A file by its parts.
  package init(tensors: [String: SafetensorsTensor], metadata: [String: String]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  private struct Entry: Codable {
    var dtype: String
    var shape: [Int]
    var data_offsets: [Int]
  }

  /// The file's bytes. Tensors follow one another by descending element size, then by name, so
  /// that each is aligned and equal contents give equal bytes.
  package func bytes() throws -> Data {
    var payload = Data()
    var header: [String: HeaderValue] = ["__metadata__": .metadata(metadata)]
    let order = tensors.sorted { a, b in
      let (aBytes, bBytes) = (
        SafetensorsTensor.elementBytes(a.value.dtype) ?? 0,
        SafetensorsTensor.elementBytes(b.value.dtype) ?? 0
      )
      return aBytes == bBytes ? a.key < b.key : aBytes > bBytes
    }
    for (name, tensor) in order {
      let offsets = [payload.count, payload.count + tensor.bytes.count]
      header[name] = .tensor(
        Entry(dtype: tensor.dtype, shape: tensor.shape, data_offsets: offsets))
      payload.append(tensor.bytes)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var json = try encoder.encode(header)
    json.append(Data(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
    var file = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
    file.append(json)
    file.append(payload)
    return file
  }

  /// Reads a file.
  ///
  /// - Throws: `SafetensorsError` where lengths, types, shapes or byte ranges do not fit.
  package init(bytes: Data) throws(SafetensorsError) {
    let bytes = Data(bytes)
    guard bytes.count >= 8 else { throw .truncated(expected: 8, found: bytes.count) }
    let headerBytes = bytes.withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
    }
    guard headerBytes <= UInt64(bytes.count - 8) else {
      throw .truncated(expected: Int(clamping: min(headerBytes, 1 << 62)) + 8, found: bytes.count)
    }
    let start = 8 + Int(headerBytes)
    let header: [String: HeaderValue]
    do {
      header = try JSONDecoder().decode([String: HeaderValue].self, from: bytes[8..<start])
    } catch {
      throw .header(JSONProblem.words(error))
    }
    tensors = [:]
    metadata = [:]
    for (name, value) in header {
      switch value {
      case .metadata(let strings): metadata = strings
      case .tensor(let entry): tensors[name] = try Self.tensor(name, entry, bytes[start...])
      }
    }
  }

  private static func tensor(
    _ name: String, _ entry: Entry, _ payload: Data
  ) throws(SafetensorsError) -> SafetensorsTensor {
    guard let elementBytes = SafetensorsTensor.elementBytes(entry.dtype) else {
      throw .type(tensor: name, dtype: entry.dtype)
    }
    var expected = elementBytes
    for size in entry.shape {
      let (product, overflow) = expected.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else { throw .shape(tensor: name, shape: entry.shape) }
      expected = product
    }
    let offsets = entry.data_offsets
    guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1],
      offsets[1] <= payload.count, offsets[1] - offsets[0] == expected
    else {
      throw .range(
        tensor: name, offsets: offsets, expectedBytes: expected, payload: payload.count)
    }
    let start = payload.startIndex
    return SafetensorsTensor(
      dtype: entry.dtype, shape: entry.shape,
      bytes: Data(payload[start + offsets[0]..<start + offsets[1]]))
  }

  private enum HeaderValue: Codable {
    case metadata([String: String])
    case tensor(Entry)

    init(from decoder: any Decoder) throws {
      if decoder.codingPath.last?.stringValue == "__metadata__" {
        self = .metadata(try [String: String](from: decoder))
      } else {
        self = .tensor(try Entry(from: decoder))
      }
    }

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .metadata(let strings): try strings.encode(to: encoder)
      case .tensor(let entry): try entry.encode(to: encoder)
      }
    }
  }
}

/// One tensor of a safetensors file: its type, shape and little-endian bytes.
package struct SafetensorsTensor: Hashable, Sendable {
  /// `I8`, `I32`, `F32` and so on.
  package let dtype: String
  /// The sizes, outermost axis first.
  package let shape: [Int]
  /// The values, little-endian, innermost axis fastest.
  package let bytes: Data

  /// A tensor from its stored form.
  package init(dtype: String, shape: [Int], bytes: Data) {
    self.dtype = dtype
    self.shape = shape
    self.bytes = bytes
  }

  /// A vector of integers.
  package init<Element: FixedWidthInteger>(_ values: [Element]) {
    self.init(
      dtype: Self.dtype(Element.self), shape: [values.count],
      bytes: values.littleEndian.withUnsafeBytes { Data($0) })
  }

  /// A vector of 32-bit floats.
  package init(_ values: [Float]) {
    self.init(
      dtype: "F32", shape: [values.count],
      bytes: values.map(\.bitPattern).littleEndian.withUnsafeBytes { Data($0) })
  }

  /// The values as integers; `nil` where the type is another.
  package func integers<Element: FixedWidthInteger>(_: Element.Type) -> [Element]? {
    guard dtype == Self.dtype(Element.self) else { return nil }
    return bytes.littleEndianIntegers(Element.self)
  }

  /// The values as 32-bit floats, from `F32`, `F16`, `BF16` or `F64`, which is rounded to nearest;
  /// `nil` where the type is another.
  package func floats() -> [Float]? {
    switch dtype {
    case "F32": bytes.littleEndianIntegers(UInt32.self).map { Float(bitPattern: $0) }
    case "F16": bytes.littleEndianIntegers(UInt16.self).map { Float(Float16(bitPattern: $0)) }
    case "BF16": bytes.littleEndianIntegers(UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    case "F64":
      bytes.littleEndianIntegers(UInt64.self).map { Float(Double(bitPattern: $0)) }
    default: nil
    }
  }

  /// Bytes of one value of `dtype`; `nil` for an unknown type.
  static func elementBytes(_ dtype: String) -> Int? {
    switch dtype {
    case "I8", "U8", "BOOL": 1
    case "I16", "U16", "F16", "BF16": 2
    case "I32", "U32", "F32": 4
    case "I64", "U64", "F64": 8
    default: nil
    }
  }

  private static func dtype<Element: FixedWidthInteger>(_: Element.Type) -> String {
    (Element.isSigned ? "I" : "U") + "\(Element.bitWidth)"
  }
}

/// Why bytes are not a safetensors file.
package enum SafetensorsError: Error, Hashable {
  case truncated(expected: Int, found: Int)
  case header(String)
  case type(tensor: String, dtype: String)
  case shape(tensor: String, shape: [Int])
  case range(tensor: String, offsets: [Int], expectedBytes: Int, payload: Int)
}

extension SafetensorsError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .truncated(let expected, let found):
      "expected at least \(expected) bytes, found \(found): the file is cut off or not safetensors"
    case .header(let problem):
      "the safetensors header after byte 8 is not the JSON expected: \(problem)"
    case .type(let tensor, let dtype):
      "tensor '\(tensor)' has type \(dtype); expected an integer or float type of safetensors"
    case .shape(let tensor, let shape):
      "tensor '\(tensor)' has the impossible shape \(shape)"
    case .range(let tensor, let offsets, let expectedBytes, let payload):
      "tensor '\(tensor)' lies at bytes \(offsets) of \(payload); its type and shape need "
        + "\(expectedBytes): the file is cut off or damaged"
    }
  }
}
