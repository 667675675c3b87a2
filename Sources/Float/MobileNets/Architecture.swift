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
}
