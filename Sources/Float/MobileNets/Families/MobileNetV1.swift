internal import Tensors

extension Architecture {
  /// Source: Howard et al., "MobileNets", 2017, table 1.
  private static let v1Blocks = [
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1),
    (512, 1), (512, 1), (1024, 2), (1024, 1),
  ]
  private static let v1SmallBlocks = [
    (32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
  ]

  /// V1: channels by stride, without expansion, shortcut or a linear end of the block.
  var v1Blueprint: Blueprint {
    // The paper's networks cut the product off where later families, and timm, round it.
    func channels(_ count: Int) -> Int {
      let product = Double(count) * width
      return style == .timm ? channelCount(product) : max(8, Int(product))
    }
    let activation: Activation = isUncapped ? .relu : .relu6
    var inputs = channels(32)
    var blueprint = Blueprint(
      stem: (inputs, isForSmallImages ? 1 : 2, activation), blocks: [], headActivation: activation)
    let rows = family == .v1Small ? Self.v1SmallBlocks : Self.v1Blocks
    for ((count, stride), stage) in zip(rows, Blueprint.stages(rows.map(\.0))) {
      blueprint.blocks.append(
        Blueprint.Block(
          stage: stage, inputs: inputs, expanded: inputs, outputs: channels(count), stride: stride,
          expands: false, activation: activation, outputActivation: activation, shortcut: .none))
      inputs = channels(count)
    }
    return blueprint
  }
}
