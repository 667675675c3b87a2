internal import Files
internal import Synchronization

/// Where `Constants` go while a model is encoded, and come from while one is decoded.
final class ConstantStore: Sendable {
  static let key = CodingUserInfoKey(rawValue: "constants")

  private let tensors: Mutex<[String: SafetensorsTensor]>

  init(_ tensors: [String: SafetensorsTensor] = [:]) { self.tensors = Mutex(tensors) }

  subscript(name: String) -> SafetensorsTensor? {
    get { tensors.withLock { $0[name] } }
    set { tensors.withLock { $0[name] = newValue } }
  }

  var all: [String: SafetensorsTensor] { tensors.withLock { $0 } }
}

extension Constants: Codable {
  /// Reads the tensor that the JSON names.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let key = ConstantStore.key, let store = decoder.userInfo[key] as? ConstantStore,
      let tensor = store[name], let values = Element.values(tensor)
    else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "tensor '\(name)' is missing or of another type")
    }
    self.init(values)
  }

  /// Stores the values as a tensor named after their place in the model, such as
  /// `layers.3.weights`, and writes that name.
  package func encode(to encoder: any Encoder) throws {
    guard let key = ConstantStore.key, let store = encoder.userInfo[key] as? ConstantStore else {
      preconditionFailure("constants are encoded by QuantizedModel.fileBytes() alone")
    }
    let path = encoder.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
    let name = path.filter { $0 != "operation" }.joined(separator: ".")
    store[name] = Element.tensor(values)
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
