internal import Foundation

/// The C files of `CRuntime`, as they travel into a firmware folder.
enum RuntimeFiles {
  /// What every kernel includes.
  private static let headers = ["mnq_arithmetic.h", "mnq_requantize.h", "mnq_runtime.h"]

  /// The headers, and the kernels of the operations of these stems and no others.
  ///
  /// - Throws: `EmitError.runtimeFile`.
  static func files(for stems: [String]) throws(EmitError) -> [EmittedFile] {
    let kernels = stems.map { "mnq_\($0).c" }
    return try (headers + kernels).map { name throws(EmitError) in
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
