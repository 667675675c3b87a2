internal import NetworkGraph
internal import Tensors

/// How far a step of a quantization has come.
package struct StepProgress: Hashable, Sendable {
  /// What `done` and `total` count.
  package enum Unit: Sendable {
    case images
    /// Of `QuantizationWork`: parts that take about as long as one another.
    case work
  }

  /// For people: `refine ranges`.
  package var step: String
  package var done: Int
  package var total: Int
  package var unit: Unit
  /// How many steps that take about as long come behind it.
  package var following: Int

  package init(step: String, done: Int, total: Int, unit: Unit, following: Int = 0) {
    self.step = step
    self.done = done
    self.total = total
    self.unit = unit
    self.following = following
  }
}

/// What quantizing a network costs, so that a share of it is about that share of the time: layers
/// differ ten thousandfold, as covariances grow with the square of a window's values and their
/// factors with the cube.
///
/// In nanoseconds of a Xeon with AVX2, by least squares over all 780 layers of five passes over
/// MobileNet V2 0.35 at 32x32 and V1 0.25 at 224x224 (R² 0.996); other processors have another
/// unit and about the same shares.
struct QuantizationWork {
  /// By position of the node.
  let nodes: [Int]
  /// Of one run of the network on all images.
  let run: Int

  var total: Int { nodes.reduce(0, +) }

  /// - Parameter images: How many the choices look at.
  init(_ graph: Graph, _ choices: WeightChoices, images: Int) {
    let runs = graph.nodes.map { graph.runWork($0) * Double(images) }
    run = Int(runs.reduce(0, +))
    nodes = zip(graph.nodes, runs).map { node, run in
      let weights = choices.needsImages ? graph.weightWork(node, choices, images: images) + run : 0
      return Int(Self.node + weights)
    }
  }

  private static let node = 100_000.0
  fileprivate static let (mac, value) = (0.3, 0.6)
  fileprivate static let (product, factor, channelProduct) = (1.25, 2.3, 1.3)
  /// A refit factors the moments of each fold beside those of all.
  fileprivate static let refit = 7.5
  fileprivate static let (depthwiseTap, depthwiseProduct) = (16.0, 475.0)
}

extension Graph {
  /// Of running `node` on one image.
  fileprivate func runWork(_ node: Node) -> Double {
    let output = tensors[node.output].shape
    let values = output.count + node.inputs.reduce(0) { $0 + tensors[$1].shape.count }
    return Double(node.operation.macs(output: output)) * QuantizationWork.mac
      + Double(values) * QuantizationWork.value
  }

  /// Of what choosing the weights of `node` by `images` takes.
  fileprivate func weightWork(_ node: Node, _ choices: WeightChoices, images: Int) -> Double {
    let output = tensors[node.output].shape
    let operation = node.operation.quantizable
    guard choices.rounding == .compensated || choices.refits,
      let patches = operation.patches(input: tensors[node.inputs[0]].shape, output: output)
    else { return 0 }
    let windows = Double(images * PatchCovariance.windows(patches))
    let isDepthwise = operation.tapLayout?.isDepthwise ?? false
    if LargeWindows.contain(patches, isDepthwise: isDepthwise) { return 0 }
    if isDepthwise {
      let taps = Double(patches.kernel.count * output.channels)
      return windows * taps * QuantizationWork.depthwiseTap
        + taps * Double(patches.kernel.count) * QuantizationWork.depthwiseProduct
    }
    let size = Double(patches.count)
    let cube = size * size * size
    return size * size
      * (windows * QuantizationWork.product
        + Double(output.channels) * QuantizationWork.channelProduct)
      + cube * QuantizationWork.factor
      + (choices.refits && windows * 3 / 4 >= size ? cube * QuantizationWork.refit : 0)
  }
}
