/// The names under which a file keeps the tensors of one layer.
struct LayerNames {
  /// The prefix of kernel and bias.
  let convolution: String
  /// The prefix of the batch normalization's four tensors.
  let normalization: String

  init(_ convolution: String, _ normalization: String = "") {
    self.convolution = convolution
    self.normalization = normalization
  }
}

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

/// The paths of the variables in `keras.applications`, which end with V3, without the variable's own
/// name.
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
    case .v3Large, .v3Small, .v4ConvSmall, .v4ConvMedium, .v4ConvLarge: normalized("conv")
    }
  }

  private var classifier: String {
    switch family {
    case .v1, .v1Small: "conv_preds"
    case .v2: "predictions"
    case .v3Large, .v3Small, .v4ConvSmall, .v4ConvMedium, .v4ConvLarge: "logits"
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

/// The names in a PyTorch state dict: torchvision's for V2 and V3, the last
/// there, and the same habit for V1.
struct TorchvisionNames {
  let family: Family
  let blocks: [Blueprint.Block]

  func names(_ role: LayerRole) -> LayerNames {
    switch role {
    case .stem: pair("features.0")
    case .expand(let block): pair("\(body(block)).0")
    case .depthwise(let block):
      pair(family.isV1 ? "features.\(2 * block + 1)" : "\(body(block)).\(position(block))")
    case .squeeze(let block): excitation(block, "1")
    case .excite(let block): excitation(block, "2")
    case .project(let block): projection(block)
    case .shortcut(let block): pair("features.\(block + 1).shortcut")
    case .last: pair("features.\(blocks.count + 1)")
    case .hidden: LayerNames("classifier.0")
    case .classifier: LayerNames(classifier)
    }
  }

  /// Convolution and normalization of a `Sequential` under `prefix`.
  private func pair(_ prefix: String) -> LayerNames {
    LayerNames("\(prefix).0", "\(prefix).1")
  }

  private func body(_ block: Int) -> String {
    "features.\(block + 1).\(family.isV3 ? "block" : "conv")"
  }

  /// Of the depthwise convolution in its block.
  private func position(_ block: Int) -> Int { blocks[block].expands ? 1 : 0 }

  private func excitation(_ block: Int, _ number: String) -> LayerNames {
    let prefix = "\(body(block)).\(position(block) + 1)"
    return LayerNames("\(prefix).fc\(number)", "\(prefix).bn\(number)")
  }

  private func projection(_ block: Int) -> LayerNames {
    let position = self.position(block) + 1
    switch family {
    case .v1, .v1Small: return pair("features.\(2 * block + 2)")
    case .v2: return LayerNames("\(body(block)).\(position)", "\(body(block)).\(position + 1)")
    case .v3Large, .v3Small, .v4ConvSmall, .v4ConvMedium, .v4ConvLarge:
      return pair("\(body(block)).\(blocks[block].squeezed == nil ? position : position + 1)")
    }
  }

  private var classifier: String {
    switch family {
    case .v1, .v1Small: "classifier"
    case .v2: "classifier.1"
    case .v3Large, .v3Small, .v4ConvSmall, .v4ConvMedium, .v4ConvLarge: "classifier.3"
    }
  }
}

/// The names in a state dict of timm: stages, and blocks in each.
struct TimmNames {
  let family: Family
  let blocks: [Blueprint.Block]

  func names(_ role: LayerRole) -> LayerNames {
    switch role {
    case .stem: LayerNames("conv_stem", "bn1")
    case .expand(let block): part(block, "conv_pw", "bn1")
    case .depthwise(let block): part(block, "conv_dw", blocks[block].expands ? "bn2" : "bn1")
    case .squeeze(let block): part(block, "se.conv_reduce", "se.bn1")
    case .excite(let block): part(block, "se.conv_expand", "se.bn2")
    case .project(let block):
      blocks[block].expands ? part(block, "conv_pwl", "bn3") : part(block, "conv_pw", "bn2")
    case .shortcut(let block): part(block, "shortcut.conv", "shortcut.bn")
    case .last: last
    case .hidden: LayerNames("conv_head")
    case .classifier: LayerNames("classifier")
    }
  }

  /// V3's 1 x 1 convolution after the blocks is a stage of its own.
  private var last: LayerNames {
    guard family.isV3, let stage = blocks.last?.stage else { return LayerNames("conv_head", "bn2") }
    return LayerNames("blocks.\(stage + 1).0.conv", "blocks.\(stage + 1).0.bn1")
  }

  private func part(_ block: Int, _ layer: String, _ normalization: String) -> LayerNames {
    let stage = blocks[block].stage
    let position = block - (blocks.firstIndex { $0.stage == stage } ?? 0)
    return LayerNames(
      "blocks.\(stage).\(position).\(layer)", "blocks.\(stage).\(position).\(normalization)")
  }
}
