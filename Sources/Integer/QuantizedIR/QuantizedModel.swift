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
