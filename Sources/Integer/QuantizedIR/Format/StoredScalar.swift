package import Files

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
