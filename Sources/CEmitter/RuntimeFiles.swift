internal import Foundation

/// The C files of `CRuntime`, as they travel into a firmware folder.
enum RuntimeFiles {
  /// What every kernel includes.
  private static let headers = ["mnq_arithmetic.h", "mnq_requantize.h", "mnq_runtime.h"]

  /// These kernels and no others, and the headers that they include.
  ///
  /// - Throws: `EmitError.runtimeFile`.
  static func files(for kernels: [Kernel]) throws(EmitError) -> [EmittedFile] {
    let extra = Set(kernels.flatMap(\.headers)).sorted()
    let sources = Set(kernels.flatMap(\.sources)).sorted()
    return try (headers + extra + sources).map { name throws(EmitError) in
      EmittedFile(path: "runtime/\(name)", text: try text(name))
    }
  }

  private static func text(_ name: String) throws(EmitError) -> String {
    do {
      let data = try Data(contentsOf: Bundle.module.bundleURL.appending(path: name))
      return String(decoding: data, as: UTF8.self)
    } catch {
      throw .runtimeFile(name, reason: "\(error)")
    }
  }
}
