internal import Tensors

/// A network as numbers: what a family's table says once width and options are applied.
struct Blueprint {
  /// Channels, stride and activation of the 3 x 3 convolution at the front.
  var stem: (channels: Int, stride: Int, activation: Activation)
  var blocks: [Block]
  /// Channels of the 1 x 1 convolution after the blocks; `nil` for none. Its activation is
  /// `headActivation`.
  var last: Int?
  /// Features of the fully connected layer before the classifier; `nil` for none.
  var hidden: Int?
  var headActivation: Activation

  /// One depthwise-separable block. V1's is V2's without expansion and with an activation at the
  /// end; V3's is V2's with a free kernel, activation and squeeze-and-excitation.
  struct Block {
    /// The run of blocks with as many output channels at width 1 that it belongs to, from 0.
    var stage: Int
    var inputs: Int
    /// Channels of the depthwise convolution.
    var expanded: Int
    var outputs: Int
    var kernel = 3
    var stride: Int
    /// Whether a 1 x 1 convolution leads from `inputs` to `expanded`.
    var expands: Bool
    /// Channels between the two convolutions of squeeze-and-excitation; `nil` for none.
    var squeezed: Int?
    /// After the expansion and after the depthwise convolution.
    var activation: Activation
    /// After the projection; `nil` for none.
    var outputActivation: Activation?
    var shortcut: Path

    /// How a block's input reaches its output past the convolutions.
    enum Path { case none, identity, projected }
  }
}

extension Blueprint.Block {
  /// The identity where shapes allow one, as V2 and V3 have it.
  static func path(inputs: Int, outputs: Int, stride: Int) -> Path {
    stride == 1 && inputs == outputs ? .identity : .none
  }
}

extension Blueprint {
  /// The stage of each block: runs of blocks with as many output channels.
  static func stages(_ outputs: [Int]) -> [Int] {
    var stage = 0
    return outputs.indices.map { position in
      if position > 0, outputs[position] != outputs[position - 1] { stage += 1 }
      return stage
    }
  }
}

/// `channels` rounded to a multiple of 8, at least 8, and never down by more than a tenth.
///
/// Source: TensorFlow `research/slim/nets/mobilenet/mobilenet.py`, `make_divisible`.
func channelCount(_ channels: Double) -> Int {
  let rounded = max(8, Int(channels + 4) / 8 * 8)
  return Double(rounded) < 0.9 * channels ? rounded + 8 : rounded
}
