internal import Files
internal import Foundation
internal import ONNXSchema

extension Onnx_TensorProto {
  /// The tensor's numbers, called `name`. `external` gives the bytes of values that lie in another
  /// file.
  func constant(
    _ name: String, external: ExternalData
  ) throws(TensorProblem) -> ONNXConstant {
    guard let type = DataType(rawValue: Int(dataType)), let elementBytes = type.elementBytes else {
      throw .elementType(found: typeName, supported: DataType.supported.map { "\($0)" })
    }
    let sizes = dims.map(Int.init)
    guard let count = countIfPossible(sizes) else { throw .dimensions(sizes) }

    let numbers: ONNXConstant.Numbers
    if dataLocation == .external || hasRawData {
      let bytes = dataLocation == .external ? try external.bytes(externalData) : rawData
      let (expected, overflow) = count.multipliedReportingOverflow(by: elementBytes)
      guard !overflow, bytes.count == expected else {
        throw .size(expected: expected, found: bytes.count, unit: "bytes")
      }
      numbers = type.numbers(bytes)
    } else {
      numbers = typedNumbers(type)
    }
    let constant = ONNXConstant(name: name, dimensions: sizes, numbers: numbers, element: type)
    guard constant.count == count else {
      throw .size(expected: count, found: constant.count, unit: "values")
    }
    return constant
  }

  /// The numbers that stand in a field of their own type rather than in raw bytes.
  private func typedNumbers(_ type: DataType) -> ONNXConstant.Numbers {
    switch type {
    case .double: .floats(doubleData.map { Float($0) })
    case .float16:
      .floats(int32Data.map { Float(Float16(bitPattern: .init(truncatingIfNeeded: $0))) })
    case .bfloat16:
      .floats(int32Data.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0) << 16) })
    case .int64: .integers(int64Data.map(Int.init))
    case .int32, .int8, .uint8, .bool: .integers(int32Data.map(Int.init))
    default: .floats(floatData)
    }
  }

  private var typeName: String {
    DataType(rawValue: Int(dataType)).map { "\($0)" } ?? "\(dataType)"
  }
}

extension Onnx_TensorProto.DataType {
  static let supported = allCases.filter { $0.elementBytes != nil }

  /// Bytes of one number; `nil` for types that no constant of a float network has.
  fileprivate var elementBytes: Int? {
    switch self {
    case .uint8, .int8, .bool: 1
    case .float16, .bfloat16: 2
    case .float, .int32: 4
    case .double, .int64: 8
    case .undefined, .uint16, .int16, .string, .uint32, .uint64, .complex64, .complex128: nil
    }
  }

  /// The little-endian numbers in `bytes`.
  fileprivate func numbers(_ bytes: Data) -> ONNXConstant.Numbers {
    switch self {
    case .double:
      .floats(bytes.littleEndianIntegers(UInt64.self).map { Float(Double(bitPattern: $0)) })
    case .float16:
      .floats(bytes.littleEndianIntegers(UInt16.self).map { Float(Float16(bitPattern: $0)) })
    case .bfloat16:
      .floats(bytes.littleEndianIntegers(UInt16.self).map { Float(bitPattern: UInt32($0) << 16) })
    case .int64: .integers(bytes.littleEndianIntegers(Int64.self).map(Int.init))
    case .int32: .integers(bytes.littleEndianIntegers(Int32.self).map(Int.init))
    case .int8: .integers(bytes.littleEndianIntegers(Int8.self).map(Int.init))
    case .uint8, .bool: .integers(bytes.map(Int.init))
    default: .floats(bytes.littleEndianIntegers(UInt32.self).map { Float(bitPattern: $0) })
    }
  }
}

/// The product of `sizes`; `nil` where one is negative or the product has no room in an `Int`.
func countIfPossible(_ sizes: [Int]) -> Int? {
  var count = 1
  for size in sizes {
    let (product, overflow) = count.multipliedReportingOverflow(by: size)
    guard size >= 0, !overflow else { return nil }
    count = product
  }
  return count
}

/// The files beside an ONNX file in which it keeps large tensors.
struct ExternalData {
  /// Where they lie; `nil` for a model that did not come from a file.
  let folder: String?

  /// The bytes that the `external_data` entries of a tensor name.
  func bytes(_ entries: [Onnx_StringStringEntryProto]) throws(TensorProblem) -> Data {
    let fields = Dictionary(
      entries.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    let location = fields["location"] ?? ""
    // A model must not name files outside its own folder.
    guard let folder, !location.isEmpty, !location.hasPrefix("/"),
      !location.split(separator: "/").contains("..")
    else { throw .external(location: location, problem: "expected a file beside the model") }

    let file: Data
    do throws(ImportError) {
      file = try ModelImporter.read("\(folder)/\(location)")
    } catch {
      throw .external(location: location, problem: error.description)
    }
    let offset = fields["offset"].map { Int($0) ?? -1 } ?? 0
    let length = fields["length"].map { Int($0) ?? -1 } ?? file.count - offset
    guard offset >= 0, length >= 0, offset <= file.count, length <= file.count - offset else {
      throw .external(
        location: location,
        problem: "expected \(length) bytes at byte \(offset), found a file of \(file.count) bytes")
    }
    return file[file.startIndex + offset..<file.startIndex + offset + length]
  }
}
