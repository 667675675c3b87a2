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

  @Option(help: ArgumentHelp("Resize the short side to this before.", valueName: "pixels"))
  var resize: Int?

  @Option(help: ArgumentHelp("Cut this square from the center then.", valueName: "pixels"))
  var crop: Int?

  @Flag(help: "Resize both sides, whatever the aspect ratio.")
  var squash = false

  func validate() throws {
    for (name, value) in [("--resize", resize), ("--crop", crop)] {
      guard let value, !(1...65536).contains(value) else { continue }
      throw ValidationError("\(name) is \(value); expected 1 to 65536 pixels.")
    }
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
    var graph = graph
    graph.preprocessing = try applied(to: graph.preprocessing, channels: graph.inputShape.channels)
    return graph
  }

  /// `model` with what was said here in place of what its file says.
  func applied(to model: QuantizedModel) throws -> QuantizedModel {
    guard mean != nil || std != nil || resize != nil || crop != nil || squash else { return model }
    var model = model
    let channels = model.inputTensor.shape.channels
    let preprocessing = try applied(
      to: model.pixelEncoding?.preprocessing ?? .unit(channels: channels), channels: channels)
    model.pixelEncoding = PixelEncoding(preprocessing: preprocessing, input: model.inputTensor)
    return model
  }

  private func applied(
    to preprocessing: Preprocessing, channels: Int
  ) throws -> Preprocessing {
    var preprocessing = preprocessing
    if let mean { preprocessing.mean = try mean.repeated(channels, "--mean") }
    if let std { preprocessing.std = try std.repeated(channels, "--std") }
    if let resize { preprocessing.resize = resize }
    if let crop { preprocessing.crop = crop }
    if squash { preprocessing.squash = true }
    return preprocessing
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
