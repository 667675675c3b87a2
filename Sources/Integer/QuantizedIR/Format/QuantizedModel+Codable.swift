internal import Tensors

/// Files of models with one input and one output say no more than they always have.
extension QuantizedModel: Codable {
  private enum CodingKeys: CodingKey {
    case name, tensors, layers, input, output, inputs, outputs, outputNames, pixelEncoding
    case labels, provenance, inputIsReal, outputIsReal, callerSteps
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func tensors(_ one: CodingKeys, _ several: CodingKeys) throws -> [Int] {
      guard container.contains(several) else {
        return [try container.decode(Int.self, forKey: one)]
      }
      return try container.decode([Int].self, forKey: several)
    }
    self.init(
      name: try container.decode(String.self, forKey: .name),
      tensors: try container.decode([QuantizedTensor].self, forKey: .tensors),
      layers: try container.decode([Layer].self, forKey: .layers),
      inputs: try tensors(.input, .inputs), outputs: try tensors(.output, .outputs),
      outputNames: try container.decodeIfPresent([String].self, forKey: .outputNames) ?? [],
      pixelEncoding: try container.decodeIfPresent(PixelEncoding.self, forKey: .pixelEncoding),
      labels: try container.decode([String].self, forKey: .labels),
      provenance: try container.decode(Provenance.self, forKey: .provenance),
      inputIsReal: try container.decode(Bool.self, forKey: .inputIsReal),
      outputIsReal: try container.decode(Bool.self, forKey: .outputIsReal))
    callerSteps = try container.decodeIfPresent([CallerStep].self, forKey: .callerSteps) ?? []
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(tensors, forKey: .tensors)
    try container.encode(layers, forKey: .layers)
    if inputs.count == 1 {
      try container.encode(inputs[0], forKey: .input)
    } else {
      try container.encode(inputs, forKey: .inputs)
    }
    if outputs.count == 1 {
      try container.encode(outputs[0], forKey: .output)
    } else {
      try container.encode(outputs, forKey: .outputs)
      try container.encode(outputNames, forKey: .outputNames)
    }
    try container.encodeIfPresent(pixelEncoding, forKey: .pixelEncoding)
    try container.encode(labels, forKey: .labels)
    try container.encode(provenance, forKey: .provenance)
    try container.encode(inputIsReal, forKey: .inputIsReal)
    try container.encode(outputIsReal, forKey: .outputIsReal)
    if !callerSteps.isEmpty { try container.encode(callerSteps, forKey: .callerSteps) }
  }
}
