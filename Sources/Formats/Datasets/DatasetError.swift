package import Files
package import Tensors

/// Why pictures cannot be had from a path.
package enum DatasetError: Error, Hashable {
  case missing(path: String)
  case unknownFile(path: String)
  case unknownFolder(path: String, holds: [String])
  case missingSplit(path: String, split: Dataset.Split)
  case truncatedRecord(path: String, record: Int, offset: Int, expected: Int, found: Int)
  case label(path: String, record: Int, offset: Int, found: Int, classCount: Int)
  case notRecords(path: String, type: String, shape: [Int])
  /// Of a file with the labels of `count` records.
  case notLabels(path: String, type: String, shape: [Int], count: Int)
  /// Of inputs that are taken as they are.
  case valueShape(path: String, expected: Shape, found: [Int])
  /// No folder with a file for each of a network's several inputs.
  case notInputs(path: String, inputs: [String])
  /// Of inputs that belong together.
  case unequalInputs(path: String, expected: Int, found: Int)
  case notFinite(path: String, index: [Int], value: String)
  /// Pictures for a network that takes none.
  case meaninglessPixels(path: String)
  case imageShape(expected: Shape, found: Shape)
  case image(path: String, ImageProblem)
  case tooManyDamaged(path: String, damaged: Int, of: Int)
  case missingSplitFolder(path: String, split: Dataset.Split)
  /// A folder that the file `list` does not name.
  case unknownClass(list: String?, folder: String, classCount: Int)
  case classList(path: String)
  /// No labels of objects in a folder.
  case noObjects(path: String)
  /// Of labels of objects.
  case objects(path: String, ObjectsProblem)
  case file(FileError)
  case npy(path: String, NumPyError)
}

extension DatasetError: CustomStringConvertible {
  private static let layouts =
    "expected CIFAR-10's binary files (data_batch_*.bin, test_batch.bin) or folders of JPEG and PNG "
    + "files"

  /// `[N, 32, 32, 3]`.
  private static func rows(_ shape: Shape) -> String {
    "[" + (["N"] + shape.dimensions.dropFirst().map(String.init)).joined(separator: ", ") + "]"
  }

  /// What to do where a record has the shape `found`.
  private static func advice(_ expected: Shape, _ found: [Int]) -> String {
    if expected.isTurned(found) {
      return ": it is NCHW; turn it with numpy, x.transpose(0, 2, 3, 1)"
    }
    let row = Array(expected.dimensions.dropFirst())
    if row.count == found.count + 1, row.dropFirst() == found[...] {
      return ": the axis N is missing; add it with numpy, x[None]"
    }
    return found.reduce(1, *) == row.reduce(1, *)
      ? "; reshape or transpose with numpy" : "; make inputs of that shape"
  }

  package var description: String {
    switch self {
    case .missing(let path):
      "\(path): there is no such file or folder; check the path of the data set"
    case .unknownFile(let path):
      "\(path): not a data set; expected a folder, or an .npy file of [N, H, W, C] uint8 "
        + "or float32"
    case .unknownFolder(let path, let holds) where holds.isEmpty:
      "\(path): the folder is empty; \(Self.layouts)"
    case .unknownFolder(let path, let holds):
      "\(path): \(Self.layouts), found \(holds.prefix(3).joined(separator: ", "))"
        + (holds.count > 3 ? " and \(holds.count - 3) more" : "")
        + "; name the folder with the files"
    case .missingSplit(let path, .train):
      "\(path): there is no data_batch_*.bin, which the training split needs; add these files"
    case .missingSplit(let path, .test):
      "\(path): there is no test_batch.bin, which the test split needs; add this file"
    case .truncatedRecord(let path, let record, let offset, let expected, let found):
      "\(path): record \(record) at byte \(offset) has \(found) bytes, expected \(expected); the file "
        + "is cut off: fetch it again"
    case .label(let path, let record, let offset, let found, let classCount):
      "\(path): record \(record) at byte \(offset) has label \(found), expected 0 to "
        + "\(classCount - 1); the file is damaged or not in CIFAR-10's binary layout"
    case .notRecords(let path, let type, let shape):
      "\(path): holds '\(type)' numbers of shape \(shape), expected pictures '|u1' of "
        + "[N, H, W, C] or preprocessed inputs '<f4' of [N, ...] with no 0; convert with numpy"
    case .notLabels(let path, let type, let shape, let count):
      "\(path): holds '\(type)' numbers of shape \(shape), expected labels '|u1', '<i4' or '<i8' of "
        + "shape [\(count)], one a record; write them with numpy"
    case .valueShape(let path, let expected, let found):
      "\(path): the shape is \(found), and the network takes \(Self.rows(expected)) (NHWC)"
        + Self.advice(expected, Array(found.dropFirst()))
    case .notInputs(let path, let inputs):
      "\(path): the network takes \(inputs.count) inputs (\(inputs.joined(separator: ", "))); expected "
        + "a folder with \(inputs.map { $0.asFileName + ".npy" }.joined(separator: ", "))"
    case .unequalInputs(let path, let expected, let found):
      "\(path): holds \(found) records, and the first input's file \(expected); expected as many of "
        + "every input"
    case .notFinite(let path, let index, let value):
      "\(path): the value at \(index) is \(value), expected finite numbers; mend or leave out this "
        + "record"
    case .meaninglessPixels(let path):
      "\(path): holds pictures, and the network was calibrated with inputs that are none: say what "
        + "pixels mean with --mean and --std of calibrate, or give preprocessed inputs as float32 "
        + ".npy"
    case .imageShape(let expected, let found)
    where expected.isTurned(Array(found.dimensions.dropFirst())):
      "an image is \(found), and the network takes \(expected) (NHWC): the file is NCHW; turn it "
        + "with numpy, x.transpose(0, 2, 3, 1)"
    case .imageShape(let expected, let found) where expected.channels != found.channels:
      "an image is \(found) (NHWC) and the network takes \(expected); use data of "
        + "\(expected.channels) channels"
    case .imageShape(let expected, let found):
      "an image is \(found) (NHWC) and the network takes \(expected); use data of that "
        + "size, or say how to get there with --resize and --crop"
    case .image(let path, let problem): "\(path): \(problem)"
    case .tooManyDamaged(let path, let damaged, let count):
      "\(path): \(damaged) of \(count) images are damaged; expected at most one in a hundred: fetch "
        + "the data again, or remove these files"
    case .missingSplitFolder(let path, let split):
      "\(path): there is no folder '\(split.rawValue)', though there is one for the other split; add "
        + "it, or name the other split"
    case .unknownClass(let list, let folder, let classCount):
      "\(list ?? "the list of classes"): the folder \(folder) is not among its \(classCount) classes; "
        + "add a line with the folder's name"
    case .classList(let path):
      "\(path): expected one class a line, each folder once: the folder's name, and behind a blank "
        + "the name for people"
    case .noObjects(let path):
      "\(path): there are no labels of objects; name a file of COCO's JSON with --labels, or put it there "
        + "as _annotations.coco.json"
    case .objects(let path, let problem):
      "\(path): \(problem)"
    case .file(let error):
      error.description
    case .npy(let path, let error):
      "\(path): \(error)"
    }
  }
}

/// Why bytes are no picture.
package enum ImageProblem: Error, Hashable {
  /// Neither JPEG nor PNG.
  case unknownFormat
  /// In the words of the decoding library.
  case damaged(String)
}

extension ImageProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknownFormat: "expected a JPEG or PNG file, found neither; convert it"
    case .damaged(let reason): "damaged: \(reason); fetch or convert it again"
    }
  }
}
