internal import ArgumentParser
internal import Pipeline

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

  /// What was said, for a network whose input has `channels` channels.
  ///
  /// - Throws: `ValidationError` where there are more or fewer numbers.
  func choices(channels: Int) throws -> PixelChoices {
    var choices = size.choices
    choices.mean = try mean?.repeated(channels, "--mean")
    choices.std = try std?.repeated(channels, "--std")
    return choices
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
