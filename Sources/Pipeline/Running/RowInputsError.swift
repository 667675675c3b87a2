internal import Files
internal import Tensors

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
