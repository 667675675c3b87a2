internal import Datasets
internal import Files
internal import Tensors

/// The files that a user named for the inputs of a network.
struct InputFiles {
  /// In the network's order.
  private let files: [(path: String, file: InputFile)]

  /// - Parameters:
  ///   - words: A path where there is one input; `NAME=PATH` of each where there are several.
  ///   - model: What the network is called.
  init(
    _ words: [String], _ handling: PixelHandling, model: String, _ inputs: [NamedShape]
  ) throws(PipelineError) {
    let paths = try PipelineError.naming(model) {
      try Self.paths(words, names: inputs.map(\.name))
    }
    var files: [(path: String, file: InputFile)] = []
    for (path, input) in zip(paths, inputs) {
      files.append(
        (
          path,
          try inputs.count == 1
            ? InputFile(path, handling, model: model, shape: input.shape) : InputFile(values: path)
        ))
    }
    self.files = files
  }

  /// The path of each of the inputs called `names`.
  private static func paths(
    _ words: [String], names: [String]
  ) throws(RowInputsError) -> [String] {
    guard words.count == names.count else { throw .inputs(words: words, names: names) }
    var paths: [String] = []
    for name in names {
      guard let word = words.first(where: { $0.hasPrefix(name + "=") }) else {
        guard names.count == 1 else { throw .inputs(words: words, names: names) }
        return words
      }
      paths.append(String(word.dropFirst(name.count + 1)))
    }
    return paths
  }

  /// Where errors are that no one file makes.
  var place: String { files.map(\.path).joined(separator: ", ") }

  /// What happened to pixels; `nil` where there are none.
  var pixels: PixelReport? { files.count == 1 ? files[0].file.pixels : nil }

  /// The runs of the network, where `rows` tells what a file has for the input of a position.
  func rows<Element>(
    _ rows: (NumPyArray, Int) throws -> RowInputs<Element>
  ) throws(PipelineError) -> RowInputs<Element> {
    var parts: [RowInputs<Element>] = []
    for (position, file) in files.enumerated() {
      parts.append(try PipelineError.naming(file.path) { try rows(file.file.array, position) })
    }
    return try PipelineError.naming(place) {
      parts.count == 1 ? parts[0] : try RowInputs(joining: parts)
    }
  }
}

/// An input file as a network takes it.
struct InputFile {
  let array: NumPyArray
  /// What happened to pixels; `nil` where there are none.
  let pixels: PixelReport?

  /// Reads the `.npy` file at `path`, whose numbers are taken as they are.
  init(values path: String) throws(PipelineError) {
    array = try PipelineError.naming(path) { try NumPyArray(file: try AtomicFile.read(path)) }
    pixels = nil
  }

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
