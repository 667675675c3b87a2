package import Datasets
package import Decoders
package import Tensors

/// Why two networks could not be compared on some images.
package enum ComparisonError: Error, Hashable {
  case inputShape(float: Shape, int8: Shape)
  case outputShape(float: Shape, int8: Shape)
  /// A label that the networks have no output for.
  case label(path: String, record: Int, label: Int, classCount: Int)
  /// The data has more or fewer classes than the networks tell apart, so that labels may mean others.
  case classes(path: String, data: Int, model: Int)
  /// A category of labels that the networks have no class for.
  case category(path: String, String, classes: [String])
  /// The networks' output is not what a task reads.
  case decoder(model: String, DecoderError)
  case dataset(DatasetError)
}

extension ComparisonError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .inputShape(let float, let int8):
      "the float model takes \(float) and the int8 model \(int8); name the float model that the "
        + "int8 model was made from with --model"
    case .outputShape(let float, let int8):
      "the float model gives \(float) and the int8 model \(int8); name the float model that the "
        + "int8 model was made from with --model"
    case .label(let path, let record, let label, let classCount):
      "\(path): record \(record) has label \(label), and the model has \(classCount) classes; name "
        + "the data that the model was trained for"
    case .classes(let path, let data, let model):
      "\(path): the images are of \(data) classes and the model tells \(model) apart; list all of the "
        + "model's classes, in its order and by their folders' names, with --classes"
    case .category(let path, let name, let classes):
      "\(path): the category '\(name)' is none of the model's classes: expected one of "
        + classes.joined(separator: ", ") + "; rename it there, or give the model its labels"
    case .decoder(let model, let error): "\(model): \(error)"
    case .dataset(let error): error.description
    }
  }
}
