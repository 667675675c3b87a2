internal import ArgumentParser
internal import Pipeline

/// `mnquant operators`, and what `mnquant help operators` says.
struct Operators: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the operators that model files may hold.",
    discussion: OperatorListing().lines.joined(separator: "\n"))

  @OptionGroup var output: OutputOptions

  func run() throws {
    let listing = OperatorListing()
    if output.json { return try Console.json(listing) }
    listing.lines.forEach(Console.result)
  }
}

extension OperatorListing {
  /// The listing for people.
  fileprivate var lines: [String] {
    [
      "ONNX: " + onnx.joined(separator: " "),
      "Gather takes constant indices, and Concat computed values or vectors of sizes.", "",
      "float TensorFlow Lite: " + floatTFLite.joined(separator: " "), "",
      "int8 TensorFlow Lite: " + int8TFLite.joined(separator: " "), "",
      "Docs/Models.md says how to export, and what each network family needs.",
    ]
  }
}
