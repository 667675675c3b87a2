internal import ArgumentParser
internal import Files
internal import FoundationEssentials
private import Glibc

/// A file that the user named for a command to write.
struct OutputFile {
  let path: String
  /// Where the user named it.
  var option = "--out"

  /// How the names of files end that are not this one's kind.
  private static let extensions: Set<String> = [
    "bin", "c", "h", "h5", "html", "jpeg", "jpg", "json", "keras", "mnq", "npy", "onnx", "png",
    "pt",
    "pth", "safetensors", "tflite", "txt",
  ]

  /// Checks the name before anything is read or written. What it must not replace is known in full
  /// only when all is read: `Destination` has the last word.
  ///
  /// - Parameters:
  ///   - ending: How names of such files end; other names are fine, too, unless other files' end so.
  ///   - inputs: What the command reads.
  /// - Throws: `ValidationError` where the file would replace one of `inputs`, or its name says that
  ///   it is something else; `Failure` where no file can be written there.
  func check(ending: String, inputs: [String?]) throws {
    for case let input? in inputs where Destination.areSame(input, path) {
      throw ValidationError(
        "\(option) is \(path), which the command reads; expected another file, so that it is not lost."
      )
    }
    let found = URL(filePath: path).pathExtension.lowercased()
    guard found == ending || !Self.extensions.contains(found) else {
      throw ValidationError(
        "\(option) is \(path), and what is written is no .\(found) file; expected a name that ends in "
          + ".\(ending).")
    }
    try Failure.sentence { _ = try Destination(path) }
  }
}

/// How results are printed.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON object on stdout instead of text.")
  var json = false
}
