/// What a layer does in its network; blocks are counted from 0.
enum LayerRole {
  case stem
  case expand(block: Int)
  case depthwise(block: Int)
  /// The first convolution of squeeze-and-excitation.
  case squeeze(block: Int)
  /// The second convolution of squeeze-and-excitation.
  case excite(block: Int)
  case project(block: Int)
  case shortcut(block: Int)
  /// The 1 x 1 convolution after the blocks.
  case last
  /// The fully connected layer before the classifier.
  case hidden
  case classifier
}
