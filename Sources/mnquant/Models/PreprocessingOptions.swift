internal import ArgumentParser
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// What happens to pixels, where it is not what the model's file says.
struct PreprocessingOptions: ParsableArguments {
  @Option(help: "Subtract this from pixels of 0...1, by channel: 0.485,0.456,0.406.")
  var mean: NumberList?

  @Option(help: "Divide by this then, by channel: 0.229,0.224,0.225.")
  var std: NumberList?

  @OptionGroup var size: SizeOptions

  func validate() throws {
    // Beyond these no pixel is left of the difference, or nothing finite of the quotient.
    if let number = mean?.numbers.first(where: { abs($0) > 1e6 }) {
      throw ValidationError("--mean holds \(number); expected numbers from -1000000 to 1000000.")
    }
    if let number = std?.numbers.first(where: { !(1e-6...1e6).contains(abs($0)) }) {
      throw ValidationError(
        "--std holds \(number); expected numbers from 0.000001 to 1000000, of either sign.")
    }
  }

  /// `graph` with what was said here in place of what its file says.
  func applied(to graph: Graph) throws -> Graph {
    var pixels = PixelHandling(graph)
    try apply(to: &pixels, channels: graph.inputShape.channels)
    var graph = graph
    graph.preprocessing = pixels.preprocessing
    graph.preprocessingOrigins = pixels.origins
    return graph
  }

  /// `model` with what was said here in place of what its file says.
  func applied(to model: QuantizedModel) throws -> QuantizedModel {
    guard mean != nil || std != nil || !size.isEmpty else { return model }
    var model = model
    var pixels = PixelHandling(model)
    try apply(to: &pixels, channels: model.inputTensor.shape.channels)
    model.pixelEncoding = PixelEncoding(
      preprocessing: pixels.preprocessing, input: model.inputTensor)
    return model
  }

  /// `origins` of what `applied(to:)` makes of an int8 model.
  func origins(of model: QuantizedModel) throws -> PreprocessingOrigins {
    var pixels = PixelHandling(model)
    try apply(to: &pixels, channels: model.inputTensor.shape.channels)
    return pixels.origins
  }

  private func apply(to pixels: inout PixelHandling, channels: Int) throws {
    if let mean {
      pixels.preprocessing.mean = try mean.repeated(channels, "--mean")
      pixels.origins.mean = .commandLine
    }
    if let std {
      pixels.preprocessing.std = try std.repeated(channels, "--std")
      pixels.origins.std = .commandLine
    }
    size.apply(to: &pixels)
  }
}

/// `0.5` or `0.485,0.456,0.406`.
struct NumberList: ExpressibleByArgument {
  let numbers: [Float]

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) }
    self.numbers = numbers.compactMap { $0 }.filter(\.isFinite)
    guard !numbers.isEmpty, self.numbers.count == numbers.count else { return nil }
  }

  /// One number a channel; a single one serves all.
  fileprivate func repeated(_ channels: Int, _ option: String) throws -> [Float] {
    if numbers.count == 1 { return [Float](repeating: numbers[0], count: channels) }
    guard numbers.count == channels else {
      throw ValidationError(
        "\(option) holds \(numbers.count) numbers; expected 1, or one for each of \(channels) "
          + "channels.")
    }
    return numbers
  }
}
