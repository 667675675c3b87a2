internal import NetworkGraph
internal import Tensors

/// About how many cycles layers take on a core, and what codes of 16 bits add.
///
/// Made by `Tests/Benchmarks/wide_costs.py`, which fits what `mnquant bench --target` estimates for the
/// layers of MobileNet V3-small in int8, with curves, with some and with all tensors of 16 bits; the
/// command stands there.
package struct WideCosts: Hashable, Sendable {
  /// The kinds of layers that have a 16-bit form.
  enum Family: Int {
    case convolution, depthwise, sum, product, mean
  }

  /// Cycles of the layers of a family.
  struct Rates: Hashable {
    /// For each multiplication, of a mean for each value read, and for each value written, in int8.
    let mac: Double
    let output: Double
    /// More for each of them in any other kernel than int8's.
    let otherMac: Double
    let otherOutput: Double
    /// More for each multiplication of 16 bits, for each value of 16 bits written, and for each that
    /// goes through a curve, where int8 has a table.
    let read: Double
    let write: Double
    let curve: Double

    init(
      _ mac: Double, _ output: Double, other: (mac: Double, output: Double), read: Double = 0,
      write: Double = 0, curve: Double = 0
    ) {
      (self.mac, self.output) = (mac, output)
      (otherMac, otherOutput) = other
      (self.read, self.write, self.curve) = (read, write, curve)
    }
  }

  let convolution: Rates
  let depthwise: Rates
  let sum: Rates
  let product: Rates
  let mean: Rates
  /// For each value of a table that no 16-bit kernel takes in, where int8's do.
  let lookup: Double
  /// Bytes of code of a kernel that int8 does not need.
  let kernelBytes: Int

  /// Portable C, on a Cortex-M0+.
  package static let portable = WideCosts(
    convolution: Rates(8.18, 57.5, other: (0.88, 0), write: 261.5, curve: 7.0),
    depthwise: Rates(11.34, 69.2, other: (0, 82.7), read: 7.57, write: 172.4),
    sum: Rates(0, 24.1, other: (0, 398.4)),
    product: Rates(0, 55.0, other: (0, 123.6)),
    mean: Rates(5.27, 167.9, other: (0, 22.3), read: 0.01), lookup: 9.3, kernelBytes: 1600)

  /// DSP instructions, on a Cortex-M4; with the layers of MobileNet V2, which has no curves.
  package static let dsp = WideCosts(
    convolution: Rates(0.96, 17.2, other: (0.14, 23.3), read: 0.14, write: 7.0, curve: 6.8),
    depthwise: Rates(1.68, 19.6, other: (0.33, 5.9), write: 4.9),
    sum: Rates(0, 10.6, other: (0, 49.0)),
    product: Rates(0, 13.4, other: (0, 63.1)),
    mean: Rates(4.02, 55.5, other: (0.12, 26.1), write: 3.1), lookup: 7.3, kernelBytes: 3600)

  /// MVE for int8, DSP instructions for what has 16 bits, on a Cortex-M55.
  package static let mve = WideCosts(
    convolution: Rates(0.52, 7.8, other: (0.89, 18.8), write: 19.6, curve: 11.0),
    depthwise: Rates(2.14, 8.7, other: (0.02, 8.2), read: 0.16, write: 2.7),
    sum: Rates(0, 4.0, other: (0, 56.4)),
    product: Rates(0, 15.7, other: (0, 58.5)),
    mean: Rates(3.01, 50.4, other: (0, 25.6), read: 0.01), lookup: 5.7, kernelBytes: 3600)

  func rates(_ family: Family) -> Rates {
    switch family {
    case .convolution: convolution
    case .depthwise: depthwise
    case .sum: sum
    case .product: product
    case .mean: mean
    }
  }
}

/// Which values of a network have 16 bits.
struct WideChoice: Hashable {
  /// The tensors that are never stored, between a layer and its curve.
  var curves: Set<Int> = []
  /// The tensors with 16-bit codes; one that is only reshaped stands for all its shapes.
  var tensors: Set<Int> = []

  var isEmpty: Bool { curves.isEmpty && tensors.isEmpty }

  func union(_ other: WideChoice) -> WideChoice {
    WideChoice(
      curves: curves.union(other.curves), tensors: tensors.union(other.tensors))
  }

  func subtracting(_ other: WideChoice) -> WideChoice {
    WideChoice(
      curves: curves.subtracting(other.curves), tensors: tensors.subtracting(other.tensors))
  }
}

/// A layer as its cost is told.
struct WideLayer {
  let family: WideCosts.Family
  /// Multiplications; of a mean, values read.
  let macs: Double
  let outputs: Double
  /// The tensors read, before any reshaping.
  let inputs: [Int]
  /// What it writes, activation included.
  let output: Int
  /// What a curve of it would read; `nil` where none can be.
  let curve: Int?

  /// The layer at `position`; `nil` where it has no 16-bit form.
  ///
  /// - Parameter fusion: The activation that is no layer of its own, where a curve is one, too.
  init?(_ graph: Graph, _ position: Int, _ fusion: Fusion?) {
    let node = graph.nodes[position]
    guard let family = node.operation.quantizable.wideFamily else { return nil }
    self.family = family
    let output = graph.tensors[node.output].shape
    macs = Double(
      family == .mean
        ? graph.tensors[node.inputs[0]].shape.count : node.operation.macs(output: output))
    outputs = Double(output.count)
    inputs = node.inputs.map(graph.origin)
    self.output = fusion?.output ?? node.output
    curve = fusion.flatMap { $0.activation.clamp == nil ? node.output : nil }
  }

  /// Cycles, about, with the widths of `choice`.
  func cycles(_ choice: WideChoice, _ costs: WideCosts) -> Double {
    let rates = costs.rates(family)
    let (reads, writes) = (readsWide(choice), choice.tensors.contains(output))
    let isCurved = curve.map(choice.curves.contains) ?? false
    let isOther = reads || writes || isCurved
    let isTableAlone = curve != nil && !isCurved && reads
    return macs * (rates.mac + (isOther ? rates.otherMac : 0) + (reads ? rates.read : 0))
      + outputs
      * (rates.output + (isOther ? rates.otherOutput : 0) + (writes ? rates.write : 0)
        + (isCurved ? rates.curve : 0) + (isTableAlone ? costs.lookup : 0))
  }

  /// Which of its family's kernels the layer runs; 0 for that of int8.
  func kernel(_ choice: WideChoice) -> Int {
    if readsWide(choice) { return 1 }
    if choice.tensors.contains(output) { return isElementwise ? 1 : 2 }
    return curve.map(choice.curves.contains) ?? false ? 3 : 0
  }

  private func readsWide(_ choice: WideChoice) -> Bool {
    inputs.contains(where: choice.tensors.contains)
  }

  /// Whether one kernel serves all widths but int8.
  private var isElementwise: Bool { family != .convolution && family != .depthwise }
}

/// The values of a network that may have 16 bits.
struct WideValues {
  let layers: [WideLayer]
  /// In front of curves.
  let curves: Set<Int>
  let tensors: Set<Int>
  /// What the tensor in front of its curve is, by the curve's output.
  private let fronts: [Int: Int]

  /// - Parameter curves: Whether a tensor may keep 16 bits in front of a curve, by tensor index.
  init(_ graph: Graph, hasCurve: [Bool]) {
    let fusions = graph.fusions(hasCurve: hasCurve)
    let fused = Set(fusions.values.map(\.node))
    layers = graph.nodes.indices.filter { !fused.contains($0) }.compactMap {
      WideLayer(graph, $0, fusions[$0])
    }
    fronts = Dictionary(
      layers.compactMap { layer in layer.curve.map { (layer.output, $0) } },
      uniquingKeysWith: { first, _ in first })
    curves = Set(fronts.values)
    tensors = Set(graph.wideCandidates(fusions))
  }

  /// All of them.
  var all: WideChoice { WideChoice(curves: curves, tensors: tensors) }

  /// What may be given 16 bits together.
  func groups(_ graph: Graph) -> [WideChoice] {
    let single = curves.map { WideChoice(curves: [$0]) } + tensors.map { choice([$0]) }
    let around = layers.map { choice($0.inputs + [$0.output]) }
    let shapes = Dictionary(grouping: curves) { graph.tensors[$0].shape }.values.map {
      WideChoice(curves: Set($0))
    }
    let means = choice(layers.filter { $0.family == .mean }.map(\.output))
    return Array(Set(single + around + shapes + [means] + streams)).filter { !$0.isEmpty }
  }

  /// The operands and results of sums that follow one another.
  private var streams: [WideChoice] {
    var streams: [Set<Int>] = []
    for layer in layers where layer.family == .sum {
      let met = Set(layer.inputs + [layer.output])
      let joined = streams.filter { !$0.isDisjoint(with: met) }
      streams.removeAll { !$0.isDisjoint(with: met) }
      streams.append(joined.reduce(met) { $0.union($1) })
    }
    return streams.map { choice(Array($0)) }
  }

  /// Those of `tensors` that may have 16 bits, with the curves that they need.
  private func choice(_ wanted: [Int]) -> WideChoice {
    let found = tensors.intersection(wanted)
    return WideChoice(curves: Set(found.compactMap { fronts[$0] }), tensors: found)
  }
}

extension Graph {
  /// The tensors that may have 16-bit codes: neither input nor output of the network, written and
  /// read by layers with a 16-bit form alone. One that is only reshaped stands for all its shapes.
  ///
  /// - Parameter fusions: The activations that are no layers of their own.
  func wideCandidates(_ fusions: [Int: Fusion]) -> [Int] {
    let fused = Set(fusions.values.map(\.node))
    return nodes.indices.compactMap { position in
      let node = nodes[position]
      let tensor = fusions[position]?.output ?? node.output
      guard !fused.contains(position), node.operation.quantizable.wideFamily != nil,
        !isReshape(position),
        hasWideReaders(tensor)
      else { return nil }
      return tensor
    }
  }

  /// `tensor` and every tensor that is the same values in another shape.
  func shapes(of tensor: Int) -> [Int] {
    [tensor] + consumers(of: tensor).filter(isReshape).flatMap { shapes(of: nodes[$0].output) }
  }

  private func isReshape(_ position: Int) -> Bool {
    nodes[position].operation.traits.keepsValues
  }

  private func hasWideReaders(_ tensor: Int) -> Bool {
    !outputs.contains(tensor)
      && consumers(of: tensor).allSatisfy { reader in
        if isReshape(reader) { return hasWideReaders(nodes[reader].output) }
        return nodes[reader].operation.quantizable.readsWide(tensors[tensor].shape)
      }
  }

  /// The tensor that `tensor` is a shape of: itself, where no reshaping made it.
  func origin(of tensor: Int) -> Int {
    guard let producer = producer(of: tensor),
      nodes[producer].operation.traits.keepsValues
    else { return tensor }
    return origin(of: nodes[producer].inputs[0])
  }
}
