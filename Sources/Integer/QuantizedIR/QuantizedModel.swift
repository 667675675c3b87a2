package import FixedPoint
package import Tensors

/// An int8 network: integers only, in execution order, ready to run or to emit.
///
/// Real numbers appear in it as labels alone (scales, preprocessing); no layer needs one.
package struct QuantizedModel: Hashable, Sendable {
  /// What the network is called in messages and emitted files.
  package var name: String
  /// Every tensor that a layer reads or writes; layers refer to them by index.
  package var tensors: [QuantizedTensor]
  /// The layers, each after those whose outputs it reads.
  package var layers: [Layer]
  /// The tensors that the caller fills, at least one, each another.
  package var inputs: [Int]
  /// The tensors that the caller reads, at least one.
  package var outputs: [Int]
  /// What the model file calls its outputs, one a tensor of `outputs`, each another; none where
  /// there is one output, which needs no name.
  package var outputNames: [String]
  /// What the network ended with and the caller does.
  package var callerSteps: [CallerStep] = []
  /// How 8-bit pixels become input codes; `nil` where the model takes codes alone, or several inputs.
  package var pixelEncoding: PixelEncoding?
  /// The names of the classes in output order; empty where unknown.
  package var labels: [String]
  /// Where the model comes from.
  package var provenance: Provenance
  /// Whether the file that this model was imported from takes real numbers and quantizes them
  /// itself.
  package var inputIsReal: Bool
  /// Whether the file that this model was imported from gives the real values of the codes.
  package var outputIsReal: Bool

  /// A model by its parts.
  package init(
    name: String, tensors: [QuantizedTensor], layers: [Layer], inputs: [Int], outputs: [Int],
    outputNames: [String] = [], pixelEncoding: PixelEncoding?, labels: [String],
    provenance: Provenance,
    inputIsReal: Bool = false, outputIsReal: Bool = false
  ) {
    self.name = name
    self.tensors = tensors
    self.layers = layers
    self.inputs = inputs
    self.outputs = outputs
    self.outputNames = outputNames
    self.pixelEncoding = pixelEncoding
    self.labels = labels
    self.provenance = provenance
    self.inputIsReal = inputIsReal
    self.outputIsReal = outputIsReal
  }

  /// A model by its parts, with one input and one output.
  package init(
    name: String, tensors: [QuantizedTensor], layers: [Layer], input: Int, output: Int,
    pixelEncoding: PixelEncoding?, labels: [String], provenance: Provenance,
    inputIsReal: Bool = false, outputIsReal: Bool = false
  ) {
    self.init(
      name: name, tensors: tensors, layers: layers, inputs: [input], outputs: [output],
      pixelEncoding: pixelEncoding, labels: labels, provenance: provenance,
      inputIsReal: inputIsReal, outputIsReal: outputIsReal)
  }

  /// Multiplications and accumulations of one inference.
  package var macs: Int { layers.reduce(0) { $0 + $1.operation.macs } }

  /// Whether the outputs are probabilities already: the network ends in softmax or in the logistic
  /// function.
  package var givesProbabilities: Bool {
    outputs.allSatisfy { output in
      layers.last { storage(of: $0.output) == storage(of: output) }?.operation.traits
        .givesProbabilities ?? false
    }
  }
}

/// What the caller fills and reads. Where there are several inputs or outputs, their values follow
/// one another wherever they are one array, in the order of `inputs` and `outputs`.
extension QuantizedModel {
  /// The tensor that the caller fills; the first of several. Setting it makes it the only one.
  package var input: Int {
    get { inputs[0] }
    set { inputs = [newValue] }
  }

  /// The tensor that the caller reads; the first of several. Setting it makes it the only one.
  package var output: Int {
    get { outputs[0] }
    set { outputs = [newValue] }
  }

  /// The tensor that the caller fills; the first of several.
  package var inputTensor: QuantizedTensor { tensors[input] }

  /// The tensor that the caller reads; the first of several.
  package var outputTensor: QuantizedTensor { tensors[output] }

  /// The shape of the input; of several, `[1, values of all]`.
  package var inputShape: Shape { namedInputs.joined }

  /// The shape of the output; of several, `[1, values of all]`.
  package var outputShape: Shape { namedOutputs.joined }

  /// What the network takes, in order.
  package var namedInputs: [NamedShape] {
    inputs.map { NamedShape(name: tensors[$0].name, shape: tensors[$0].shape) }
  }

  /// What the network gives, in order.
  package var namedOutputs: [NamedShape] {
    let names = outputNames.isEmpty ? outputs.map { tensors[$0].name } : outputNames
    return zip(names, outputs).map { NamedShape(name: $0, shape: tensors[$1].shape) }
  }

  /// The codes of real values of all inputs, as `convert` makes them for each input's tensor.
  package func inputCodes(
    _ values: [Float], _ convert: (QuantizedTensor, [Float]) -> [Int8]
  ) -> [Int8] {
    var start = 0
    return inputs.flatMap { input in
      let end = start + tensors[input].shape.count
      defer { start = end }
      return convert(tensors[input], Array(values[start..<end]))
    }
  }

  /// The real values of codes of all outputs.
  package func outputReals(_ codes: [Int8]) -> [Double] {
    var start = 0
    return outputs.flatMap { output in
      let end = start + tensors[output].shape.count
      defer { start = end }
      return codes[start..<end].map(tensors[output].real)
    }
  }
}

/// Where a quantized model comes from. It holds no time: the same inputs give the same bytes.
package struct Provenance: Hashable, Codable, Sendable {
  /// The version of this tool.
  package var tool: String
  /// The file name of the source model, without its folder.
  package var source: String
  /// SHA-256 of the source model's file, in hexadecimal.
  package var sourceSHA256: String
  /// The quantization recipe's name; `imported` for a model that was int8 already.
  package var recipe: String
  /// The rounding of the convolutions; every layer names its own.
  package var rounding: Rounding
  /// Whose results an imported model repeats; `nil` for a model that was quantized here.
  package var exactWith: ExactRuntime?
  /// What the ranges were learned from; `nil` for a model that was int8 already.
  package var calibration: CalibrationSource?

  /// The recipe of models that were quantized already.
  package static let imported = "imported"

  /// Provenance by its parts.
  package init(
    tool: String, source: String, sourceSHA256: String, recipe: String, rounding: Rounding,
    calibration: CalibrationSource?, exactWith: ExactRuntime? = nil
  ) {
    self.tool = tool
    self.source = source
    self.sourceSHA256 = sourceSHA256
    self.recipe = recipe
    self.rounding = rounding
    self.calibration = calibration
    self.exactWith = exactWith
  }
}

/// The images that activation ranges were learned from.
package struct CalibrationSource: Hashable, Codable, Sendable {
  /// The data set's name.
  package var dataset: String
  /// Its split, `train` as a rule.
  package var split: String
  /// How many images were used.
  package var images: Int
  /// SHA-256 over the images used, in order, in hexadecimal.
  package var sha256: String
  /// The range method's name.
  package var method: String

  /// A source by its parts.
  package init(dataset: String, split: String, images: Int, sha256: String, method: String) {
    self.dataset = dataset
    self.split = split
    self.images = images
    self.sha256 = sha256
    self.method = method
  }
}

/// How 8-bit pixels become the codes of the input tensor: one table of 256 codes a channel, so
/// that the board needs no real number and gives the host's bytes.
package struct PixelEncoding: Hashable, Codable, Sendable {
  /// What the tables were made from, and how images are brought to size.
  package var preprocessing: Preprocessing
  /// `[channels][256]`: the code of each pixel value.
  package var codes: Constants<Int8>

  /// Tabulates `preprocessing` for `input`, the tensor to fill; `nil` where it takes no pixels.
  package init?(preprocessing: Preprocessing, input: QuantizedTensor) {
    guard preprocessing.takesPixels else { return nil }
    self.preprocessing = preprocessing
    codes = Constants(
      preprocessing.mean.indices.flatMap { channel in
        (0...255).map { pixel in
          input.code(Double(preprocessing.real(UInt8(pixel), channel: channel)))
        }
      })
  }

  /// The codes of an image: `pixels` is HWC, and so is the result.
  package func encode(_ pixels: [UInt8]) -> [Int8] {
    let channels = preprocessing.mean.count
    return pixels.indices.map { codes[$0 % channels * 256 + Int(pixels[$0])] }
  }
}
