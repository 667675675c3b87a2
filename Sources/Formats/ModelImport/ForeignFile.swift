internal import Foundation

/// Files of other tools that hold a network in a form that is not read here, with the lines that turn
/// them into one that is.
package enum ForeignFile: Hashable, Sendable {
  case hdf5
  case kerasArchive
  case savedModel
  case torch
  case frozenGraph
  case coreML

  /// What the file or folder at `path` is, which begins with `bytes`; `nil` where nobody knows.
  static func recognized(_ path: String, _ bytes: Data) -> ForeignFile? {
    let ending = URL(filePath: path).pathExtension.lowercased()
    if bytes.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) { return .hdf5 }
    if ending == "mlmodel" || ending == "mlpackage" { return .coreML }
    if bytes.starts(with: [0x50, 0x4B, 3, 4]) {
      return ending == "keras" || contains(bytes, "model.weights.h5") ? .kerasArchive : .torch
    }
    // A pickle of protocol 2 and later, with which older files of PyTorch begin.
    if bytes.starts(with: [0x80]), ["pth", "pt", "pkl", "bin", "ckpt"].contains(ending) {
      return .torch
    }
    if ending == "pb" {
      return isSavedModel(URL(filePath: path).deletingLastPathComponent())
        ? .savedModel : .frozenGraph
    }
    return nil
  }

  /// What the folder at `path` is.
  static func folder(_ path: String) -> ForeignFile? {
    let url = URL(filePath: path)
    if url.pathExtension.lowercased() == "mlpackage" { return .coreML }
    return isSavedModel(url) ? .savedModel : nil
  }

  private static func isSavedModel(_ folder: URL) -> Bool {
    ["saved_model.pb", "saved_model.pbtxt"].contains { name in
      FileManager.default.fileExists(atPath: folder.appending(path: name).path)
    }
  }

  private static func contains(_ bytes: Data, _ name: String) -> Bool {
    bytes.range(of: Data(name.utf8)) != nil
  }
}

extension ForeignFile: CustomStringConvertible {
  /// What it is and what helps.
  package var description: String {
    switch self {
    case .hdf5:
      "this is HDF5, as Keras 2 and h5py write it; in Python: net = keras.models.load_model(FILE); "
        + "net.export(\"net.onnx\", format=\"onnx\")"
    case .kerasArchive:
      "this is Keras' own format; in Python: net = keras.models.load_model(FILE); "
        + "net.export(\"net.onnx\", format=\"onnx\")"
    case .savedModel:
      "this is a SavedModel; in a shell: python -m tf2onnx.convert --saved-model FOLDER --output net.onnx"
    case .torch:
      "these are weights or a program of PyTorch; name weights .pth and say --architecture, such as "
        + "mobilenet-v2,width=0.5, or in Python: torch.onnx.export(net.eval(), input, \"net.onnx\")"
    case .frozenGraph:
      "this is a graph of TensorFlow 1; in a shell: python -m tf2onnx.convert --graphdef FILE "
        + "--inputs input:0 --outputs output:0 --output net.onnx"
    case .coreML:
      "this is Core ML, which cannot be turned back; export the network that it was made from as ONNX"
    }
  }
}
