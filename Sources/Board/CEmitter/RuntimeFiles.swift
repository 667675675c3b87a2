internal import BoardKernels
internal import Files
private import Glibc

/// The C files of `CRuntime`, as they travel into a firmware folder: under names that belong to
/// one version, so that no network runs on kernels of another.
struct RuntimeFiles {
  /// A checksum of all kernels and headers.
  let version: UInt32
  private let texts: [String: String]
  /// What the headers declare for the linker, whichever kernels are in use: all networks of a
  /// version have one `mnq_version.h`.
  private let functions: [String]

  /// What every kernel includes.
  private static let headers = [
    "mnq_arithmetic.h", checkHeader, "mnq_requantize.h", "mnq_runtime.h", versionHeader,
  ]

  /// What `net_check` includes, and the file that it needs.
  private static let checkHeader = "mnq_check.h"
  private static let checkSource = "mnq_check.c"

  /// The one that firmware has in another form.
  private static let versionHeader = "mnq_version.h"

  /// The tool's files, which are read once.
  ///
  /// - Throws: `EmitError.runtimeFile`.
  static func bundled() throws(EmitError) -> RuntimeFiles { try read.get() }

  private static let read = Result { () throws(EmitError) in try RuntimeFiles() }

  private init() throws(EmitError) {
    var texts: [String: String] = [:]
    do throws(FileError) {
      let folder = try BundledFolder.path(module: "CEmitter")
      for name in try Folder.names(in: folder) where name.hasPrefix("mnq_") {
        texts[name] = String(decoding: try AtomicFile.read("\(folder)/\(name)"), as: UTF8.self)
      }
    } catch {
      throw .runtimeFile("mnq_*", reason: error.description)
    }
    var checksum = CRC32()
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      checksum.update(name.utf8)
      checksum.update(text.utf8)
    }
    version = checksum.value
    self.texts = texts
    functions = Self.functions(declaredIn: texts)
  }

  /// These kernels, what `decoder` needs and no others, and the headers that they include.
  ///
  /// - Throws: `EmitError.runtimeFile`.
  func files(
    for kernels: [Kernel], _ decoder: DecoderText?
  ) throws(EmitError) -> [EmittedFile] {
    let extra = Set(kernels.flatMap(\.headers)).sorted() + (decoder?.headers ?? [])
    let sources = Set(
      kernels.flatMap(\.sources) + [Self.checkSource] + (decoder?.sources ?? [])
    ).sorted()
    return try (Self.headers + extra + sources).map { name throws(EmitError) in
      guard let text = texts[name] else { throw .runtimeFile(name, reason: "it is not there") }
      let content =
        name == Self.versionHeader ? versionText : text + "\n" + versionCheck(of: name)
      return EmittedFile(path: "runtime/\(name)", text: content)
    }
  }

  /// Lines that stop the compiler where `mnq_version.h` is of another version than `file`.
  func versionCheck(of file: String) -> String {
    """
    #if MNQ_VERSION != \(number)
    #error "\(file) and mnq_version.h are of different versions: the README says how both can be used"
    #endif

    """
  }

  private var number: String { "0x" + digits.uppercased() }

  private var digits: String {
    let digits = String(version, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  private var versionText: String {
    let names = functions.map { "#define \($0) \($0)_\(digits)\n" }.joined()
    return """
      /* The version of the kernels, a checksum of their files. The linker knows each of them by a name
       * that ends with it, so networks of two versions can be in one program. */
      #ifndef MNQ_VERSION_H
      #define MNQ_VERSION_H

      #define MNQ_VERSION \(number)

      \(names)
      #endif

      """
  }

  private static func functions(declaredIn texts: [String: String]) -> [String] {
    let declarations = texts.filter { $0.key.hasSuffix(".h") }.values.flatMap { text in
      text.matches(of: #/\n[a-z][a-z0-9_ ]* (mnq_[a-z0-9_]+)\(/#)
        .filter { !$0.output.0.contains("static ") }.map { String($0.output.1) }
    }
    return Set(declarations).sorted()
  }
}
