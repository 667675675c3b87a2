internal import ArgumentParser
internal import ModelImport

/// `mnquant operators`, and what `mnquant help operators` says.
struct Operators: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the operators that model files may hold.",
    discussion: Listing().lines.joined(separator: "\n"))

  @OptionGroup var output: OutputOptions

  /// By format, each operator as the format spells it.
  private struct Listing: Encodable {
    let onnx = SupportedOperators.onnx
    let floatTFLite = SupportedOperators.floatTensorFlowLite
    let int8TFLite = SupportedOperators.int8TensorFlowLite

    var lines: [String] {
      [
        "ONNX: " + onnx.joined(separator: " "), "",
        "float TensorFlow Lite: " + floatTFLite.joined(separator: " "), "",
        "int8 TensorFlow Lite: " + int8TFLite.joined(separator: " "), "",
        "Docs/Models.md says how to export, and what each network family needs.",
      ]
    }
  }

  func run() throws {
    let listing = Listing()
    if output.json { return try Console.json(listing) }
    listing.lines.forEach(Console.result)
  }
}
