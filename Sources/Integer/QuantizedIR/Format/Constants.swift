package import Files
internal import Synchronization

/// An array of numbers that the model file keeps as a tensor beside its JSON.
package struct Constants<Element: StoredScalar>: Hashable, Sendable {
  /// The numbers.
  package var values: [Element]

  /// Wraps `values`.
  package init(_ values: [Element]) { self.values = values }

  /// How many there are.
  package var count: Int { values.count }

  /// The number at `index`.
  package subscript(index: Int) -> Element { values[index] }
}

extension Constants: ExpressibleByArrayLiteral {
  /// `[1, 2, 3]`.
  package init(arrayLiteral elements: Element...) { self.init(elements) }
}

/// A number that a model file can hold in a tensor.
package protocol StoredScalar: Hashable, Sendable {
  /// `values` as a vector of the file.
  static func tensor(_ values: [Self]) -> SafetensorsTensor
  /// The values of a vector of the file; `nil` where its type is another.
  static func values(_ tensor: SafetensorsTensor) -> [Self]?
}

extension StoredScalar where Self: FixedWidthInteger {
  package static func tensor(_ values: [Self]) -> SafetensorsTensor { SafetensorsTensor(values) }
  package static func values(_ tensor: SafetensorsTensor) -> [Self]? { tensor.integers(Self.self) }
}

extension Int8: StoredScalar {}
extension Int16: StoredScalar {}
extension Int32: StoredScalar {}

extension Float: StoredScalar {
  package static func tensor(_ values: [Float]) -> SafetensorsTensor { SafetensorsTensor(values) }
  package static func values(_ tensor: SafetensorsTensor) -> [Float]? { tensor.floats() }
}

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
