package import ModelImport

/// What computes. The raw value is the command-line spelling.
package enum EngineName: String, CaseIterable, Sendable {
  /// The int8 arithmetic, by the fastest kernels of this machine.
  case int8
  /// The readable definition of the int8 arithmetic.
  case swift
  /// The float reference.
  case float
  /// The C kernels of the firmware, in process and in the firmware's arena.
  case c

  /// The engine of a model whose user named none.
  package init(for content: ImportedModel) {
    switch content {
    case .float: self = .float
    case .quantized: self = .int8
    }
  }
}
