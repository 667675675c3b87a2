package import Tensors

/// A MobileNet by its family and the choices that the field makes within it.
///
/// The spelling is the family's name, then options separated by commas:
/// `mobilenet-v2,width=0.35,resolution=96,classes=10,keras`. See `Docs/Models.md`.
package struct Architecture: Hashable, Sendable {
  package var family: Family
  /// Multiplies the channel counts; above 0.
  package var width = 1.0
  /// Rows and columns of the input, in pixels.
  package var resolution: Int
  /// How many outputs the network has; one is the answer to a yes-or-no question.
  package var classes: Int
  /// Whose names, paddings and roundings to follow.
  package var style = Style.torchvision
  /// Whether strides are those for images of about 32 x 32: the stem keeps the resolution, and so
  /// does one later stage of V2 and V3.
  package var isForSmallImages: Bool
  /// Whether V1 and V2 cut at 0 alone instead of at 0 and 6.
  package var isUncapped = false
  /// Whether the convolutions before a batch normalization have biases.
  package var isBiased = false
  /// What V2 adds to the output of a block of stride 1.
  package var shortcut = Shortcut.identity
  /// Whether the two convolutions of squeeze-and-excitation have batch normalization instead of
  /// biases.
  package var isExcitationNormalized = false
  /// Whether V3 does without squeeze-and-excitation, h-swish and 5 x 5 kernels.
  package var isMinimalistic = false
  /// Whether the network ends in probabilities (softmax, or the logistic function for one class)
  /// rather than logits.
  package var endsInProbabilities = false

  /// The family's usual network: 1,000 classes of 224 x 224 images, or ten of 32 x 32.
  package init(_ family: Family) {
    self.family = family
    if family.isV4 { style = .timm }
    isForSmallImages = family == .v1Small
    resolution = isForSmallImages ? 32 : 224
    classes = isForSmallImages ? 10 : 1000
  }
}

/// What V2 adds to the output of a block of stride 1.
package enum Shortcut: String, CaseIterable, Sendable {
  /// The block's input, where the channel counts agree; otherwise nothing.
  case identity
  /// The block's input, through a 1 x 1 convolution and batch normalization where the channel
  /// counts differ.
  case matching
  /// The block's input through a 1 x 1 convolution and batch normalization.
  case projected
}

/// Whose names, paddings and roundings a network follows.
package enum Style: String, CaseIterable, Sendable {
  /// PyTorch: symmetric padding.
  case torchvision
  /// Keras: TensorFlow's SAME padding, which is asymmetric where a stride of 2 meets an even size.
  case keras
  /// timm: PyTorch's padding and layouts, names and roundings of its own. The only one of V4.
  case timm
}

/// The published networks. The raw value is the command-line spelling.
package enum Family: String, CaseIterable, Sendable {
  case v1 = "mobilenet-v1"
  /// V1 with eight blocks for 32 x 32 images.
  case v1Small = "mobilenet-v1-small"
  case v2 = "mobilenet-v2"
  case v3Large = "mobilenet-v3-large"
  case v3Small = "mobilenet-v3-small"
  case v4ConvSmall = "mobilenet-v4-conv-small"
  case v4ConvMedium = "mobilenet-v4-conv-medium"
  case v4ConvLarge = "mobilenet-v4-conv-large"

  var isV1: Bool { self == .v1 || self == .v1Small }
  var isV3: Bool { self == .v3Large || self == .v3Small }
  var isV4: Bool { self == .v4ConvSmall || self == .v4ConvMedium || self == .v4ConvLarge }
}

extension Architecture {
  /// What batch normalization adds to a variance.
  package var epsilon: Float {
    style == .keras || family.isV3 && style == .torchvision ? 1e-3 : 1e-5
  }

  /// The style's usual preprocessing: a short side of 8/7 of the resolution and a center crop,
  /// unless images are small.
  package var preprocessing: Preprocessing {
    let mean: [Float] = style == .keras ? [0.5, 0.5, 0.5] : [0.485, 0.456, 0.406]
    let std: [Float] = style == .keras ? [0.5, 0.5, 0.5] : [0.229, 0.224, 0.225]
    let side = isForSmallImages ? resolution : (resolution * 8 + 3) / 7
    return Preprocessing(
      mean: mean, std: std, resize: Extent(side, side), crop: Extent(resolution, resolution))
  }

  /// The padding of a convolution over an image of `input`.
  func padding(_ input: Extent, kernel: Int, stride: Int) -> Padding {
    switch style {
    case .torchvision, .timm:
      Padding(top: kernel / 2, left: kernel / 2, bottom: kernel / 2, right: kernel / 2)
    case .keras:
      .same(input: input, kernel: Extent(kernel, kernel), stride: Extent(stride, stride))
    }
  }

  /// The padding of a depthwise convolution. That of Keras' V1 is below and to the right at a
  /// stride of 2, on odd sizes too.
  func depthwisePadding(_ input: Extent, kernel: Int, stride: Int) -> Padding {
    guard style == .keras, family.isV1, stride == 2 else {
      return padding(input, kernel: kernel, stride: stride)
    }
    return Padding(top: 0, left: 0, bottom: 1, right: 1)
  }

  /// How the style stores a fully connected layer; Keras' V1 and V3 have 1 x 1 convolutions there.
  func matrixLayout(outputs: Int, inputs: Int) -> KernelLayout {
    style == .keras && family != .v2
      ? .convolution(style, outputs: outputs, inputs: inputs, kernel: 1)
      : .matrix(style, outputs: outputs, inputs: inputs)
  }
}

extension Architecture {
  /// Reads a spelling such as `mobilenet-v3-small,width=0.75,resolution=96,minimalistic`.
  ///
  /// - Throws: `ArchitectureError` where a family, option or value is none of ours.
  package init(_ spelling: String) throws(ArchitectureError) {
    let parts = spelling.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard let family = Family(rawValue: parts[0]) else { throw .family(parts[0]) }
    self.init(family)
    // Flags first: that of small images decides the default resolution and classes.
    for part in parts.dropFirst() where !part.contains("=") { try applyFlag(part) }
    for part in parts.dropFirst() where part.contains("=") { try applyValue(part) }
  }

  private mutating func applyFlag(_ option: String) throws(ArchitectureError) {
    guard let flag = ArchitectureFlag(rawValue: option) else { throw .option(option) }
    guard flag.applies(to: family) else { throw .otherFamily(option: option, family: family) }
    switch flag {
    case .torchvision: style = .torchvision
    case .keras: style = .keras
    case .timm: style = .timm
    case .smallImages: (isForSmallImages, resolution, classes) = (true, 32, 10)
    case .relu: isUncapped = true
    case .biased: isBiased = true
    case .matchingShortcut: shortcut = .matching
    case .projectedShortcut: shortcut = .projected
    case .normalizedExcitation: isExcitationNormalized = true
    case .minimalistic: isMinimalistic = true
    case .probabilities: endsInProbabilities = true
    }
  }

  private mutating func applyValue(_ option: String) throws(ArchitectureError) {
    let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    switch pair[0] {
    case "width":
      guard let value = Double(pair[1]), value > 0, value <= 4 else {
        throw .value(option: option, expected: "a number above 0 and up to 4")
      }
      width = value
    case "resolution": resolution = try Self.count(pair[1], 8...2048, option)
    case "classes": classes = try Self.count(pair[1], 1...100_000, option)
    default: throw .option(option)
    }
  }

  private static func count(
    _ text: Substring, _ range: ClosedRange<Int>, _ option: String
  ) throws(ArchitectureError) -> Int {
    guard let value = Int(text), range.contains(value) else {
      throw .value(option: option, expected: "a whole number in \(range)")
    }
    return value
  }
}

/// An option of a spelling that is there or not. The raw value is the spelling.
enum ArchitectureFlag: String, CaseIterable {
  case torchvision
  case keras
  case timm
  case smallImages = "small-images"
  case relu
  case biased
  case matchingShortcut = "matching-shortcut"
  case projectedShortcut = "projected-shortcut"
  case normalizedExcitation = "normalized-se"
  case minimalistic
  case probabilities

  /// Whether the option changes anything in a family.
  func applies(to family: Family) -> Bool {
    switch self {
    case .relu: !family.isV3 && !family.isV4
    case .matchingShortcut, .projectedShortcut: family == .v2
    case .normalizedExcitation, .minimalistic: family.isV3
    case .torchvision, .keras, .biased: !family.isV4
    case .timm: family != .v1Small
    case .smallImages, .probabilities: true
    }
  }
}

/// Why a spelling names no architecture.
package enum ArchitectureError: Error, Hashable {
  case family(String)
  case option(String)
  case value(option: String, expected: String)
  /// An option that only other families have.
  case otherFamily(option: String, family: Family)
}

extension ArchitectureError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .family(let found):
      "'\(found)' is no architecture; expected one of "
        + Family.allCases.map(\.rawValue).joined(separator: ", ")
    case .option(let found):
      "'\(found)' is no option of an architecture; expected width=, resolution=, classes=, "
        + ArchitectureFlag.allCases.map(\.rawValue).joined(separator: ", ")
    case .value(let option, let expected): "'\(option)' is out of range; expected \(expected)"
    case .otherFamily(let option, let family):
      "'\(option)' means nothing for \(family.rawValue): leave it out, or name the family that "
        + "has it"
    }
  }
}
