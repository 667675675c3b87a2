internal import Files
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// The rows of an `.npy` file as a network takes them: one at a time, or as many as its batch.
struct RowInputs<Element: Sendable>: Sendable {
  /// How many runs of the network they make, at least 1.
  let count: Int
  private let rowLength: Int
  /// All rows one after another.
  private let values: [Element]

  private init(count: Int, values: [Element]) {
    self.count = count
    rowLength = values.count / count
    self.values = values
  }

  /// The input of run `index`.
  subscript(index: Int) -> [Element] {
    Array(values[index * rowLength..<(index + 1) * rowLength])
  }
}

extension RowInputs<Float> {
  /// For a float network: float32 as it is, uint8 preprocessed.
  init(_ array: NumPyArray, for graph: Graph) throws {
    let count = try array.runCount(of: graph.inputShape)
    if let values = array.values(Float.self) {
      try values.checkFinite()
      self.init(count: count, values: values)
    } else if let pixels = array.values(UInt8.self) {
      let channels = graph.inputShape.channels
      self.init(
        count: count,
        values: pixels.enumerated().map {
          graph.preprocessing.real($1, channel: $0 % channels)
        })
    } else {
      throw RowInputsError.type(found: array.type, expected: [.float32, .uint8])
    }
  }
}

extension RowInputs<Int8> {
  /// For an int8 network: int8 as it is, float32 quantized, uint8 through the pixel table.
  init(_ array: NumPyArray, for model: QuantizedModel) throws {
    let count = try array.runCount(of: model.inputTensor.shape)
    if let codes = array.values(Int8.self) {
      self.init(count: count, values: codes)
    } else if let values = array.values(Float.self) {
      try values.checkFinite()
      let input = model.inputTensor
      // A model that repeats a runtime's results does so for inputs that overflow, too.
      let isExact = model.provenance.exactWith != nil
      self.init(count: count, values: isExact ? input.wrappedCodes(values) : input.codes(values))
    } else if let pixels = array.values(UInt8.self) {
      guard let encoding = model.pixelEncoding else { throw RowInputsError.noPixelEncoding }
      self.init(count: count, values: encoding.encode(pixels))
    } else {
      throw RowInputsError.type(found: array.type, expected: [.int8, .float32, .uint8])
    }
  }
}

extension [Float] {
  fileprivate func checkFinite() throws(RowInputsError) {
    if let index = firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(index: index, value: self[index])
    }
  }
}

extension NumPyArray {
  /// How many inputs of `shape` there are.
  fileprivate func runCount(of shape: Shape) throws(RowInputsError) -> Int {
    let row = Array(shape.dimensions.dropFirst())
    let batch = shape.dimensions.first ?? 1
    guard Array(self.shape.dropFirst()) == row, let count = self.shape.first, count > 0,
      count % batch == 0
    else { throw .shape(found: self.shape, row: row, batch: batch) }
    return count / batch
  }
}
