internal import FlatBuffers
internal import TFLiteSchema
internal import Tensors

/// A tensor as a TensorFlow Lite file describes it.
struct TFLiteTensor {
  /// The most letters of a name that are kept: converters join the names of all that they fused.
  private static let nameLimit = 256
  /// The longest axis; and the most values that a tensor may hold.
  private static let largestAxis = 1 << 24
  private static let largestCount = 1 << 28

  /// The first of the names that the converter joined with `;`.
  let name: String
  let typeCode: Int
  /// The sizes, outermost axis first.
  let dimensions: [Int]
  /// The axes whose sizes the converter did not know, and wrote 1 for.
  let openAxes: [Int]
  /// The bytes of a constant; empty for a tensor that is computed.
  let data: ArraySlice<UInt8>
  /// The real value of one step: one, or one for each place along `channelAxis`.
  let scales: [Float]
  /// The codes of real 0, as many as there are scales; of unsigned codes, less 128.
  let zeroPoints: [Int64]
  let channelAxis: Int

  /// Decodes `table`, whose bytes lie in one of `buffers`.
  init(_ table: FlatTable, buffers: [FlatTable]) throws(FlatBufferError) {
    let name = try table.text(TFLiteField.Tensor.name, limit: Self.nameLimit) ?? ""
    self.name = name.split(separator: ";").first.map(String.init) ?? ""
    let type = Int(try table.integer(TFLiteField.Tensor.type, default: UInt8(0)))
    dimensions = try table.integers(TFLiteField.Tensor.shape, as: Int32.self).map(Int.init)
    let signature = try table.integers(TFLiteField.Tensor.signature, as: Int32.self)
    openAxes = signature.indices.filter { signature[$0] == -1 }
    let buffer = Int(try table.integer(TFLiteField.Tensor.buffer, default: UInt32(0)))
    let bytes =
      buffers.indices.contains(buffer) ? try buffers[buffer].bytes(TFLiteField.Buffer.data) : []
    let isPacked = type == TFLiteType.int4.rawValue && !bytes.isEmpty
    typeCode = isPacked ? TFLiteType.int8.rawValue : type
    data = isPacked ? Self.unpacked(bytes, isOdd: dimensions.allSatisfy { $0 % 2 != 0 }) : bytes
    let quantization = try table.table(TFLiteField.Tensor.quantization)
    scales = try quantization?.floats(TFLiteField.QuantizationParameters.scale) ?? []
    let stored =
      try quantization?.integers(TFLiteField.QuantizationParameters.zeroPoint, as: Int64.self) ?? []
    zeroPoints =
      typeCode != TFLiteType.uint8.rawValue
      ? stored : stored.isEmpty ? scales.map { _ in -128 } : stored.map { $0 &- 128 }
    channelAxis = Int(
      try quantization?.integer(
        TFLiteField.QuantizationParameters.quantizedDimension, default: Int32(0)) ?? 0)
  }

  /// Weights of 4 bits as the bytes that they stand for: two in a byte, the first in its low half. Of
  /// an odd number the last half byte is none.
  private static func unpacked(_ bytes: ArraySlice<UInt8>, isOdd: Bool) -> ArraySlice<UInt8> {
    let codes = bytes.flatMap { byte in
      [byte << 4, byte].map { UInt8(bitPattern: Int8(bitPattern: $0 & 0xf0) >> 4) }
    }
    return codes.dropLast(isOdd ? 1 : 0)
  }

  var isConstant: Bool { !data.isEmpty }

  /// Whether its numbers are sizes, places or other whole numbers.
  var isInteger: Bool {
    [TFLiteType.int32.rawValue, TFLiteType.int64.rawValue].contains(typeCode)
  }

  /// The same tensor as a constant of these whole numbers.
  func holding(_ numbers: [Int], _ dimensions: [Int]) -> TFLiteTensor {
    let bytes =
      typeCode == TFLiteType.int64.rawValue
      ? numbers.flatMap { Self.bytes(UInt64(bitPattern: Int64($0))) }
      : numbers.flatMap { Self.bytes(UInt32(bitPattern: Int32(clamping: $0))) }
    return TFLiteTensor(self, bytes[...], dimensions)
  }

  /// The same tensor as a constant of these real numbers.
  func holding(_ numbers: [Float], _ dimensions: [Int]) -> TFLiteTensor {
    TFLiteTensor(self, numbers.flatMap { Self.bytes($0.bitPattern) }[...], dimensions)
  }

  /// The same tensor of these sizes.
  func sized(_ dimensions: [Int]) -> TFLiteTensor { TFLiteTensor(self, data, dimensions) }

  private init(_ tensor: TFLiteTensor, _ bytes: ArraySlice<UInt8>, _ dimensions: [Int]) {
    (name, typeCode, channelAxis) = (tensor.name, tensor.typeCode, tensor.channelAxis)
    (scales, zeroPoints) = (tensor.scales, tensor.zeroPoints)
    (self.dimensions, openAxes, data) = (dimensions, [], bytes)
  }

  /// Little-endian.
  private static func bytes(_ word: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: word.littleEndian) { Array($0) }
  }

  /// The sizes, where no axis is empty, unknown or longer than any real network's.
  func shape() throws(TensorProblem) -> Shape {
    let count = dimensions.reduce(1.0) { $0 * Double($1) }
    guard dimensions.allSatisfy({ (1...Self.largestAxis).contains($0) }),
      count <= Double(Self.largestCount)
    else { throw .dimensions(dimensions) }
    return Shape(dimensions)
  }

  /// Checks that the tensor holds numbers of one of `types`.
  func require(_ types: TFLiteType...) throws(TensorProblem) {
    guard types.contains(where: { $0.rawValue == typeCode }) else {
      throw .elementType(
        found: TFLiteType.name(of: typeCode),
        supported: types.map { TFLiteType.name(of: $0.rawValue) })
    }
  }

  var isWide: Bool { TFLiteType.name(of: typeCode) == "int16" }

  var isUnsigned: Bool { typeCode == TFLiteType.uint8.rawValue }

  /// The values of an int8 constant, or those of a uint8 one less 128.
  func int8s() throws(TensorProblem) -> [Int8] {
    try require(.int8, .uint8)
    try checkSize(.int8)
    return data.map { Int8(bitPattern: isUnsigned ? $0 ^ 0x80 : $0) }
  }

  /// The values of an int32 or int64 constant.
  func integers() throws(TensorProblem) -> [Int] {
    try require(.int32, .int64)
    guard typeCode == TFLiteType.int64.rawValue else {
      try checkSize(.int32)
      return words().map { Int(Int32(bitPattern: $0)) }
    }
    try checkSize(.int64)
    let words = words()
    return stride(from: 0, to: words.count, by: 2).map {
      Int(Int64(bitPattern: UInt64(words[$0 + 1]) << 32 | UInt64(words[$0])))
    }
  }

  /// The values of a constant of real numbers, all finite: float32, float16, or int8 codes with
  /// their scales.
  func floats() throws(TensorProblem) -> [Float] {
    let values: [Float]
    switch TFLiteType(rawValue: typeCode) {
    case .float16?:
      try checkSize(.float16)
      values = stride(from: data.startIndex, to: data.endIndex, by: 2).map { start in
        Float(Float16(bitPattern: UInt16(data[start]) | UInt16(data[start + 1]) << 8))
      }
    case .int8? where !scales.isEmpty: values = try reals()
    default:
      try require(.float32)
      try checkSize(.float32)
      values = words().map(Float.init(bitPattern:))
    }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(index: index, value: "\(values[index])")
    }
    return values
  }

  /// What the codes of an int8 constant stand for: `scale * (code - zeroPoint)`, with a scale for all
  /// or one for each place along `channelAxis`.
  private func reals() throws(TensorProblem) -> [Float] {
    let codes = try int8s()
    let shape = try shape()
    guard zeroPoints.isEmpty || zeroPoints.count == scales.count,
      scales.count == 1
        || shape.dimensions.indices.contains(channelAxis)
          && shape.dimensions[channelAxis] == scales.count
    else { throw .quantization(scales: scales.count, zeroPoints: zeroPoints.count) }
    let inner =
      scales.count == 1 ? codes.count : shape.dimensions[(channelAxis + 1)...].reduce(1, *)
    return codes.indices.map { index in
      let channel = scales.count == 1 ? 0 : index / inner % scales.count
      let zeroPoint = zeroPoints.isEmpty ? 0 : Float(zeroPoints[channel])
      return scales[channel] * (Float(codes[index]) - zeroPoint)
    }
  }

  private func checkSize(_ type: TFLiteType) throws(TensorProblem) {
    let expected = try shape().count * type.size
    guard data.count == expected else {
      throw .size(expected: expected, found: data.count, unit: "bytes")
    }
  }

  /// The data as little-endian 32-bit words.
  private func words() -> [UInt32] {
    stride(from: data.startIndex, to: data.endIndex, by: 4).map { start in
      (0..<4).reduce(0) { $0 | UInt32(data[start + $1]) << (8 * UInt32($1)) }
    }
  }
}
