internal import Datasets
internal import Files
internal import Tensors

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
