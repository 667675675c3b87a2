internal import ArgumentParser
internal import Calibration
internal import Pipeline
internal import Quantizer
internal import Training

extension Passes.Int16Use: ExpressibleByArgument, CustomStringConvertible {
  init?(argument: String) {
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    switch (parts[0], parts.count) {
    case ("none", 1): self = .none
    case ("pre-activation", 1): self = .preActivation
    case ("all", 1): self = .all
    case ("auto", 1): self = .automatic(growth: nil)
    case ("auto", 2):
      guard let bytes = Int32(parts[1]), bytes >= 0 else { return nil }
      self = .automatic(growth: Int(bytes))
    default: return nil
    }
  }

  var description: String {
    switch self {
    case .none: "none"
    case .preActivation: "pre-activation"
    case .all: "all"
    case .automatic(let limits): limits.arenaBytes.map { "auto:\($0)" } ?? "auto"
    }
  }
}

extension Recipe: ExpressibleByArgument {
  static let allValueDescriptions = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.rawValue, $0.about) })
}
extension WeightChoices.Rounding: ExpressibleByArgument {}
extension Passes.BiasCorrection: ExpressibleByArgument {}

extension Passes.Ranges: ExpressibleByArgument, CustomStringConvertible {
  /// The command-line spelling of `automatic`.
  private static let automaticSpelling = "automatic"

  static var spellings: String {
    ([automaticSpelling] + CalibrationMethod.allCases.map(\.rawValue)).joined(separator: ", ")
  }

  init?(argument: String) {
    if argument == Self.automaticSpelling {
      self = .automatic
    } else if let method = CalibrationMethod(rawValue: argument) {
      self = .method(method)
    } else {
      return nil
    }
  }

  var description: String {
    switch self {
    case .automatic: Self.automaticSpelling
    case .method(let method): method.rawValue
    }
  }
}

/// `flip,shift=4`.
struct AugmentationList: ExpressibleByArgument {
  private(set) var augmentation = Augmentation()
  let defaultValueDescription: String

  static let standard = AugmentationList(argument: "flip,shift=4") ?? AugmentationList()

  private init() { defaultValueDescription = "none" }

  init?(argument: String) {
    defaultValueDescription = argument
    if argument == "none" { return }
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = word.split(separator: "=", maxSplits: 1)
      guard let name = parts.first else { return nil }
      guard parts.count == 2 else {
        guard name == "flip" else { return nil }
        augmentation.flip = true
        continue
      }
      guard let value = Double(parts[1]), value.isFinite, value >= 0 else { return nil }
      switch name {
      case "shift" where value <= 1024: augmentation.shift = Int(value)
      case "cutout" where value <= 1024: augmentation.cutout = Int(value)
      case "color" where value < 1: augmentation.color = value
      case "rotate" where value <= 180: augmentation.rotation = value
      case "shear" where value <= 1: augmentation.shear = value
      case "zoom" where value < 1: augmentation.zoom = value
      default: return nil
      }
    }
  }
}

/// `--tune`, with or without minutes.
enum TuningTime: ExpressibleByArgument, CustomStringConvertible {
  case standard
  case minutes(Double)

  init?(argument: String) {
    guard let minutes = Double(argument), (0.01...10_000).contains(minutes) else { return nil }
    self = .minutes(minutes)
  }

  var minutes: Double? { if case .minutes(let minutes) = self { minutes } else { nil } }

  var description: String { minutes.map { "\($0)" } ?? "8 looks at each image" }

  /// `recipe`, and that its result was tuned.
  func named(_ recipe: NamedPasses) -> NamedPasses {
    let words = minutes.map { "--tune \($0)" } ?? "--tune"
    return NamedPasses(name: "\(recipe.name) \(words)", passes: recipe.passes)
  }
}
