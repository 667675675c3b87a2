internal import Datasets
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

/// An input file as a network takes it.
struct InputFile {
  let array: NumPyArray
  /// What happened to pixels; `nil` where there are none.
  let pixels: PixelReport?

  /// Reads the rows of the `.npy` file at `path`, pictures of another size than the network's brought
  /// to it, or the one row that an image file makes.
  ///
  /// - Parameters:
  ///   - model: What the network is called.
  ///   - shape: What it takes.
  init(
    _ path: String, _ handling: PixelHandling, model: String, shape: Shape
  ) throws(PipelineError) {
    func report(_ images: Dataset) throws -> PixelReport {
      PixelReport(
        handling, try images.fitted(handling.preprocessing, inputShape: shape),
        at: Array(0..<images.count), model: model, inputShape: shape)
    }
    (array, pixels) = try PipelineError.naming(path) {
      let images: Dataset
      if path.lowercased().hasSuffix(".npy") {
        let array = try NumPyArray(file: try AtomicFile.read(path))
        // Those of the right size may be rows of a batch.
        guard array.type == .uint8, array.shape.count == 4, !array.shape.contains(0) else {
          return (array, nil)
        }
        images = try DatasetReader.open(path, split: .test, needsLabels: false)
        let isSized = array.shape.dropFirst() == shape.dimensions.dropFirst()
        if isSized, !handling.preprocessing.resizesAll { return (array, try report(images)) }
      } else {
        images = DatasetReader.photo(path)
      }
      let fitted = try images.fitted(handling.preprocessing, inputShape: shape)
      let pixels = try (0..<fitted.count).flatMap { try fitted.image(at: $0).pixels }
      return (
        NumPyArray(pixels, shape: [fitted.count] + shape.dimensions.dropFirst()),
        try report(images)
      )
    }
  }
}

/// Why a network cannot take the rows of an `.npy` file. The sentences leave the file's name to the
/// caller.
enum RowInputsError: Error, Hashable {
  case shape(found: [Int], row: [Int], batch: Int)
  case type(found: NumPyType, expected: [NumPyType])
  case notFinite(index: Int, value: Float)
  /// The model takes codes alone.
  case noPixelEncoding
}

extension RowInputsError: CustomStringConvertible {
  var description: String {
    switch self {
    case .shape(let found, let row, let batch):
      "has the shape \(found); the model takes [\((["N"] + row.map(String.init)).joined(separator: ", "))] "
        + "with N \(batch == 1 ? "of at least 1" : "a multiple of \(batch)")"
        + (Shape([batch] + row).isTurned(Array(found.dropFirst()))
          ? ": the file is NCHW; turn it with numpy, x.transpose(0, 2, 3, 1)"
          : "; transpose or resize with numpy")
    case .type(let found, let expected):
      "holds numbers of type '\(found.rawValue)'; expected "
        + expected.map { "'\($0.rawValue)'" }.joined(separator: " or ")
        + " for this engine; convert with numpy's astype"
    case .notFinite(let index, let value):
      "value \(index) is \(value); expected finite numbers"
    case .noPixelEncoding:
      "holds pixels, and the model does not say what they mean to it; say so with --mean and --std, "
        + "or in a .json file beside the model: see Docs/Models.md"
    }
  }
}
