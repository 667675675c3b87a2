/// The paths of the variables in `keras.applications`, without the variable's own name.
struct KerasNames {
  let family: Family

  func names(_ role: LayerRole) -> LayerNames {
    switch role {
    case .stem: stem
    case .expand(let block): part(block, "expand")
    case .depthwise(let block):
      family.isV1 ? normalized("conv_dw_\(block + 1)") : part(block, "depthwise")
    case .squeeze(let block): part(block, "squeeze_excite_conv")
    case .excite(let block): part(block, "squeeze_excite_conv_1")
    case .project(let block):
      family.isV1 ? normalized("conv_pw_\(block + 1)") : part(block, "project")
    case .shortcut(let block): part(block, "shortcut")
    case .last: normalized(family.isV3 ? "conv_1" : "Conv_1")
    case .hidden: LayerNames("conv_2")
    case .classifier: LayerNames(classifier)
    }
  }

  private var stem: LayerNames {
    switch family {
    case .v1, .v1Small: normalized("conv1")
    case .v2: LayerNames("Conv1", "bn_Conv1")
    case .v3Large, .v3Small: normalized("conv")
    }
  }

  private var classifier: String {
    switch family {
    case .v1, .v1Small: "conv_preds"
    case .v2: "predictions"
    case .v3Large, .v3Small: "logits"
    }
  }

  /// A layer of a block of V2 or V3.
  private func part(_ block: Int, _ name: String) -> LayerNames {
    let numbered = family.isV3 ? "expanded_conv_\(block)" : "block_\(block)"
    let layer = "\(block == 0 ? "expanded_conv" : numbered)_\(name)"
    return family.isV3 ? normalized(layer) : LayerNames(layer, layer + "_BN")
  }

  /// A layer whose normalization adds `_bn` to its name.
  private func normalized(_ layer: String) -> LayerNames { LayerNames(layer, layer + "_bn") }
}
