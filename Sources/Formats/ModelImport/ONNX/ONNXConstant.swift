internal import Files
internal import FoundationEssentials
internal import ONNXSchema

/// A tensor of constants of an ONNX graph, in ONNX's own order.
struct ONNXConstant: Hashable {
  enum Numbers: Hashable {
    case floats([Float])
    case integers([Int])
  }

  let name: String
  /// The sizes, outermost axis first; none for a scalar.
  let dimensions: [Int]
  let numbers: Numbers
  /// How the file writes the numbers; `nil` for those that the importer works out.
  var element: Onnx_TensorProto.DataType?
  /// Where the numbers are codes made real: the step of all, or of each place along `axis`.
  var steps: ONNXSteps?

  /// How many numbers there are.
  var count: Int {
    switch numbers {
    case .floats(let values): values.count
    case .integers(let values): values.count
    }
  }

  /// The numbers as integers; `nil` where they are real.
  var integers: [Int]? {
    if case .integers(let values) = numbers { values } else { nil }
  }

  /// The numbers as real ones.
  var floats: [Float] {
    switch numbers {
    case .floats(let values): values
    case .integers(let values): values.map { Float($0) }
    }
  }

  /// The numbers as real ones, all finite.
  func weights() throws(NodeProblem) -> [Float] {
    let values = floats
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .tensor(name, .notFinite(index: index, value: "\(values[index])"))
    }
    return values
  }

  /// The numbers cut off towards 0; with `areTruths`, 1 for all but 0.
  func asIntegers(_ areTruths: Bool) throws(NodeProblem) -> ONNXConstant {
    var integers: [Int] = []
    for value in self.integers ?? [] { integers.append(areTruths && value != 0 ? 1 : value) }
    if case .floats(let values) = numbers {
      for value in values {
        guard let integer = Int(exactly: value.rounded(.towardZero)) else {
          throw .constantValue(name, found: "\(value)", expected: "numbers of 64 bits")
        }
        integers.append(areTruths ? (value != 0 ? 1 : 0) : integer)
      }
    }
    return ONNXConstant(name: name, dimensions: dimensions, numbers: .integers(integers))
  }

  /// The same numbers under other sizes; `nil` where these hold more or fewer.
  func reshaped(_ dimensions: [Int]) -> ONNXConstant? {
    guard countIfPossible(dimensions) == count else { return nil }
    var result = ONNXConstant(
      name: name, dimensions: dimensions, numbers: numbers, element: element)
    if let steps, steps.axis == nil { result.steps = steps }
    return result
  }

  /// Axis `i` of the result is axis `permutation[i]` of this tensor.
  func transposed(_ permutation: [Int]) -> ONNXConstant {
    var result = gathered(permutation.map { (axis: $0, places: nil) })
    result.steps = steps.map { steps in
      ONNXSteps(values: steps.values, axis: steps.axis.flatMap(permutation.firstIndex(of:)))
    }
    return result
  }

  /// What stands at `places` along `axis`, in that order.
  func slice(_ axis: Int, _ places: [Int]) -> ONNXConstant {
    gathered(dimensions.indices.map { (axis: $0, places: $0 == axis ? places : nil) })
  }

  /// Axis `i` of the result runs over the `places` of the `axis` in entry `i`, or over all of it.
  private func gathered(_ order: [(axis: Int, places: [Int]?)]) -> ONNXConstant {
    let sizes = order.map { $0.places?.count ?? dimensions[$0.axis] }
    // Beside an axis of none, others may have any size.
    guard count > 0 else { return ONNXConstant(name: name, dimensions: sizes, numbers: numbers) }
    var strides = [Int](repeating: 1, count: dimensions.count)
    for axis in dimensions.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * dimensions[axis + 1]
    }
    var sources = [0]
    for (axis, places) in order {
      let places = places ?? Array(0..<dimensions[axis])
      sources = sources.flatMap { source in places.map { source + $0 * strides[axis] } }
    }
    return ONNXConstant(name: name, dimensions: sizes, numbers: picking(sources))
  }

  /// The numbers at `indices`, in that order.
  func picking(_ indices: [Int]) -> Numbers {
    switch numbers {
    case .floats(let values): .floats(indices.map { values[$0] })
    case .integers(let values): .integers(indices.map { values[$0] })
    }
  }
}

/// The real values of one step of codes.
struct ONNXSteps: Hashable {
  /// One, or one for each place along `axis`.
  let values: [Float]
  /// `nil` where there is one value.
  let axis: Int?

  /// The step of each of `count` places along `axis`; none where it differs along another.
  func along(_ axis: Int, count: Int) -> [Float] {
    if values.count == 1 { return [Float](repeating: values[0], count: count) }
    return self.axis == axis && values.count == count ? values : []
  }
}

/// What a name stands for in an ONNX graph.
enum ONNXValue: Hashable {
  case constant(ONNXConstant)
  case computed(TensorView)

  /// The sizes of its ONNX axes.
  var dimensions: [Int] {
    switch self {
    case .constant(let constant): constant.dimensions
    case .computed(let view): view.dimensions
    }
  }

  /// Axis `i` of the result is axis `permutation[i]` of this value.
  func transposed(_ permutation: [Int]) -> ONNXValue {
    switch self {
    case .constant(let constant): .constant(constant.transposed(permutation))
    case .computed(let view): .computed(view.transposed(permutation))
    }
  }
}

extension Onnx_TensorProto {
  /// The tensor's numbers, called `name`. `external` gives the bytes of values that lie in another
  /// file.
  func constant(
    _ name: String, external: ExternalData
  ) throws(TensorProblem) -> ONNXConstant {
    guard let type = DataType(rawValue: Int(dataType)), let elementBits = type.elementBits else {
      throw .elementType(found: typeName, supported: DataType.supported.map { "\($0)" })
    }
    let sizes = dims.map(Int.init)
    guard let count = countIfPossible(sizes) else { throw .dimensions(sizes) }

    let numbers: ONNXConstant.Numbers
    if dataLocation == .external || hasRawData {
      let bytes = dataLocation == .external ? try external.bytes(externalData) : rawData
      let (bits, overflow) = count.multipliedReportingOverflow(by: elementBits)
      let expected = bits / 8 + (bits % 8 > 0 ? 1 : 0)
      guard !overflow, bytes.count == expected else {
        throw .size(expected: expected, found: bytes.count, unit: "bytes")
      }
      numbers = type.numbers(bytes, count: count)
    } else {
      numbers = typedNumbers(type, count: count)
    }
    let constant = ONNXConstant(name: name, dimensions: sizes, numbers: numbers, element: type)
    guard constant.count == count else {
      throw .size(expected: count, found: constant.count, unit: "values")
    }
    return constant
  }

  /// The numbers that stand in a field of their own type rather than in raw bytes.
  private func typedNumbers(_ type: DataType, count: Int) -> ONNXConstant.Numbers {
    switch type {
    case .double: .floats(doubleData.map { Float($0) })
    case .float16:
      .floats(int32Data.map { Float(Float16(bitPattern: .init(truncatingIfNeeded: $0))) })
    case .bfloat16:
      .floats(int32Data.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0) << 16) })
    case .int64: .integers(int64Data.map(Int.init))
    case .int32, .int16, .uint16, .int8, .uint8, .bool: .integers(int32Data.map(Int.init))
    case .int4, .uint4:
      type.numbers(Data(int32Data.map { UInt8(truncatingIfNeeded: $0) }), count: count)
    default: .floats(floatData)
    }
  }

  private var typeName: String {
    DataType(rawValue: Int(dataType)).map { "\($0)" } ?? "\(dataType)"
  }
}

extension Onnx_TensorProto.DataType {
  static let supported = allCases.filter { $0.elementBits != nil }

  /// Bits of one number; `nil` for types that no constant of a network has.
  fileprivate var elementBits: Int? {
    switch self {
    case .uint4, .int4: 4
    case .uint8, .int8, .bool: 8
    case .float16, .bfloat16, .uint16, .int16: 16
    case .float, .int32: 32
    case .double, .int64: 64
    case .undefined, .string, .uint32, .uint64, .complex64, .complex128, .float8E4M3Fn,
      .float8E4M3Fnuz, .float8E5M2, .float8E5M2Fnuz:
      nil
    }
  }

  /// The little-endian numbers in `bytes`: `count`, where two stand in a byte, the first in its low half.
  fileprivate func numbers(_ bytes: Data, count: Int) -> ONNXConstant.Numbers {
    switch self {
    case .int4, .uint4:
      .integers(
        bytes.flatMap { byte in
          [byte & 15, byte >> 4].map { self == .int4 && $0 > 7 ? Int($0) - 16 : Int($0) }
        }.prefix(count).map(\.self))
    case .int16: .integers(bytes.littleEndianIntegers(Int16.self).map(Int.init))
    case .uint16: .integers(bytes.littleEndianIntegers(UInt16.self).map(Int.init))
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
