internal import ArgumentParser
internal import Training

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
