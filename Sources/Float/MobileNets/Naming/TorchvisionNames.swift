/// The names in a PyTorch state dict: torchvision's for V2 and V3, the same habit for V1.
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
    case .v3Large, .v3Small:
      return pair("\(body(block)).\(blocks[block].squeezed == nil ? position : position + 1)")
    }
  }

  private var classifier: String {
    switch family {
    case .v1, .v1Small: "classifier"
    case .v2: "classifier.1"
    case .v3Large, .v3Small: "classifier.3"
    }
  }
}
