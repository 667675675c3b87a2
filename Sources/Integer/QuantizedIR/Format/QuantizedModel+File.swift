internal import Files
package import FixedPoint
package import FoundationEssentials
internal import Tensors

extension QuantizedModel {
  /// The version of the `.mnq` layout that this tool writes and reads.
  static let formatVersion = "1"

  /// The model as a `.mnq` file: safetensors, with weights, biases, multipliers, shifts and tables
  /// as tensors and everything else as JSON in the metadata. Equal models give equal bytes.
  package func fileBytes() throws -> Data {
    let store = ConstantStore()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if let key = ConstantStore.key { encoder.userInfo[key] = store }
    let json = try encoder.encode(self)
    let file = Safetensors(
      tensors: store.all,
      metadata: [
        "format": "mnquant", "version": Self.formatVersion,
        "model": String(decoding: json, as: UTF8.self),
      ])
    return try file.bytes()
  }

  /// Reads a `.mnq` file.
  ///
  /// - Throws: `ModelFileError` where the bytes are no such file or contradict themselves.
  package init(fileBytes bytes: Data) throws(ModelFileError) {
    let file: Safetensors
    do throws(SafetensorsError) {
      file = try Safetensors(bytes: bytes)
    } catch {
      throw .container(error.description)
    }
    guard file.metadata["format"] == "mnquant", let json = file.metadata["model"] else {
      throw .notAModel
    }
    guard file.metadata["version"] == Self.formatVersion else {
      throw .version(found: file.metadata["version"] ?? "none", expected: Self.formatVersion)
    }
    let decoder = JSONDecoder()
    if let key = ConstantStore.key { decoder.userInfo[key] = ConstantStore(file.tensors) }
    do {
      self = try decoder.decode(QuantizedModel.self, from: Data(json.utf8))
    } catch {
      throw .content(JSONProblem.words(error))
    }
    if let problem = inconsistency() { throw .content(problem) }
  }
}

/// Why bytes are not a `.mnq` model.
package enum ModelFileError: Error, Hashable {
  /// The container cannot be read.
  case container(String)
  /// A safetensors file, but not one of ours.
  case notAModel
  /// Written for another version of the layout.
  case version(found: String, expected: String)
  /// The layer table cannot be read, or contradicts itself or the tensors.
  case content(String)
}

extension ModelFileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .container(let problem): problem
    case .notAModel:
      "the safetensors metadata holds no mnquant model; make one with `mnquant quantize`"
    case .version(let found, let expected):
      "expected layout version \(expected), found \(found); make it anew with `mnquant quantize`"
    case .content(let problem):
      "the layer table is damaged: \(problem); make it anew with `mnquant quantize`"
    }
  }
}

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

extension Rounding: Codable {
  /// The spelling in files: `double`, `single-up`, `single-away`.
  package var name: String {
    switch self {
    case .double: "double"
    case .singleUp: "single-up"
    case .singleAway: "single-away"
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let rounding = Self.allCases.first(where: { $0.name == name }) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "unknown rounding '\(name)'")
    }
    self = rounding
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

extension Requantization: Codable {
  private enum CodingKeys: CodingKey { case multiplier, shift }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let multiplier = try container.decode(Int32.self, forKey: .multiplier)
    let shift = try container.decode(Int32.self, forKey: .shift)
    guard multiplier >= 0, (-31...30).contains(shift) else {
      throw DecodingError.dataCorruptedError(
        forKey: .multiplier, in: container,
        debugDescription: "multiplier \(multiplier) and shift \(shift) are no factor")
    }
    self.init(multiplier: multiplier, shift: shift)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(multiplier, forKey: .multiplier)
    try container.encode(shift, forKey: .shift)
  }
}
