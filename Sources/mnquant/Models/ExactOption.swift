internal import ArgumentParser
internal import QuantizedIR

/// `--exact-with`.
struct ExactOption: ParsableArguments {
  @Option(
    name: .customLong("exact-with"),
    help: "Whose results an int8 .tflite model is to repeat bit for bit.")
  var runtime = ExactOption.standard

  /// Unless the user names another.
  static let standard = ExactRuntime.litert
}

extension ExactRuntime: ExpressibleByArgument {}
