/// Why a model cannot be had, or not for what it is to be used.
package enum ModelProblem: Hashable, Sendable {
  /// Neither a file nor a bundled model has this name; `guess` is a bundled one's that is much like
  /// it.
  case unknown(String, guess: String?)
  /// No bundled model is the one to use unless told otherwise.
  case noStandard
  /// No bundled model was trained on the built-in data.
  case noneForBuiltInData
  case notFloat(String)
  case notInt8(String)
  /// A network's name goes with weights alone.
  case architecture(path: String)
  /// Weights that do not say of which network.
  case unnamedWeights(path: String)
  /// A network without a name of its own, to be written as weights alone.
  case namelessWeights(path: String)
  /// A network to be trained for other classes than it has outputs for.
  case noClassifier(String, outputs: Int, classes: Int)
  /// The int8 model was made from another float model than that found.
  case otherSource(of: String, expected: Source, found: Source)
  /// A float network's output that is no number, in run `run` of the input.
  case notFinite(String, run: Int, value: Float)
  /// Boxes are to be found, and nobody says from which anchors.
  case noAnchors
  /// Nothing was calibrated in this workspace yet.
  case notCalibrated(workspace: String)

  /// A float model's file.
  package struct Source: Hashable, Sendable {
    let name: String
    /// In hexadecimal.
    let sha256: String
  }
}

extension ModelProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknown(let name, let guess):
      "\(name): there is no such file, and no bundled model has this name; "
        + (guess.map { "did you mean \($0)?" } ?? "`mnquant models` lists those there are")
    case .noStandard: "models.json names no default model; name one with --model"
    case .noneForBuiltInData:
      "models.json names no model for the built-in data; name one with --model"
    case .notFloat(let model):
      "\(model): this model is int8 already, and a float model is needed; name the float "
        + "model with --model"
    case .notInt8(let model):
      "\(model): this model is float, and an int8 model is needed; make one with "
        + "`mnquant quantize`"
    case .architecture(let path):
      "\(path): --architecture is for weights alone, in .safetensors and .pth files; leave it out"
    case .unnamedWeights(let path):
      "\(path): holds weights and does not say of which network; name it with --architecture, "
        + "such as mobilenet-v2,width=0.5: see Docs/Models.md"
    case .namelessWeights(let path):
      "\(path): weights alone do not say what network they are of, and this one has no name; write a "
        + ".onnx file"
    case .noClassifier(let reference, let outputs, let classes):
      "\(reference): has \(outputs) outputs and the data \(classes) classes, and it does not end in "
        + "one layer that tells classes apart; cut it behind its features, or train an --architecture"
    case .otherSource(let int8, let expected, let found):
      "\(int8): was made from \(expected.name) with SHA-256 \(expected.sha256), and \(found.name) "
        + "has \(found.sha256); name the float model that it was made from with --model"
    case .notFinite(let model, let run, let value):
      "\(model): run \(run) gives \(value); expected finite outputs: check the range of the "
        + "input, --mean and --std, and the weights"
    case .noAnchors:
      "--task boxes needs the anchors that the network moves; name a file with --anchors: see "
        + "Docs/Detection.md"
    case .notCalibrated(let workspace):
      "\(workspace): there is no calibration in this workspace; run `mnquant calibrate --data DIR` "
        + "first, or name a file with --calibration"
    }
  }
}
