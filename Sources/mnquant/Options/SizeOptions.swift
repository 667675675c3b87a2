internal import ArgumentParser
internal import Pipeline
internal import Tensors

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
