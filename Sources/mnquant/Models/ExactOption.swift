internal import ArgumentParser
internal import QuantizedIR

/// `--exact-with`.
struct ExactOption: ParsableArguments {
  @Option(
    name: .customLong("exact-with"),
    help: "Whose results an int8 .tflite model is to repeat bit for bit.")
  var runtime = ExactRuntime.litert
}

extension ExactRuntime: ExpressibleByArgument {}
