internal import ArgumentParser
internal import Pipeline
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

/// How pictures come to the network's size, where it is not what the model's file says.
struct SizeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Resize the short side to this before, or to this height and width.",
      discussion: "With it or --crop also pictures that have the network's size already.",
      valueName: "pixels|h,w"))
  var resize: SideList?

  @Option(
    help: ArgumentHelp(
      "Cut this square, or this height and width, from the center then.", valueName: "pixels|h,w"))
  var crop: SideList?

  @Flag(help: "Resize both sides, whatever the aspect ratio.")
  var squash = false

  /// Whether nothing was said.
  var isEmpty: Bool { resize == nil && crop == nil && !squash }

  func validate() throws {
    for (name, sides) in [("--resize", resize), ("--crop", crop)] {
      guard
        let side = sides?.numbers.first(where: { !(1...Preprocessing.longestSide).contains($0) })
      else { continue }
      throw ValidationError("\(name) is \(side); expected 1 to 65536 pixels.")
    }
  }

  /// What was said.
  var choices: PixelChoices {
    var choices = PixelChoices()
    choices.resize = resize?.extent
    choices.crop = crop?.extent
    choices.squash = squash || resize?.areTwo == true
    return choices
  }
}

/// `96`, or `96,128`: height and width.
struct SideList: ExpressibleByArgument {
  let numbers: [Int]

  init?(argument: String) {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    numbers = words.compactMap { Int($0) }
    guard (1...2).contains(words.count), numbers.count == words.count else { return nil }
  }

  var areTwo: Bool { numbers.count == 2 }
  var extent: Extent { Extent(numbers[0], numbers[numbers.count - 1]) }
}
