package import Calibration
internal import NetworkGraph
internal import Tensors

/// A named way from a calibrated float network to an int8 one. The raw value is the command-line
/// spelling.
package enum Recipe: String, CaseIterable, Sendable {
  case `default`, best, fast, minmax

  /// What it does, for people.
  package var about: String {
    switch self {
    case .default:
      "equalizes channels, chooses ranges by what they cost the output, refits weights and rounds them "
        + "against the quantized prefix, corrects biases by the better of two methods"
    case .best:
      "as default, with 16 bits where they pay: until a third of the output's noise is left, or cycles or "
        + "arena would grow by more than 15% or 10%"
    case .fast:
      "as default, but ranges by each tensor's own error, and every weight to its nearest code"
    case .minmax:
      "the widest ranges seen and nearest codes, as a plain converter does; for comparison"
    }
  }

  /// What the recipe does.
  package var passes: Passes {
    switch self {
    case .minmax: Passes()
    case .fast, .default, .best:
      Passes(
        takesExactInput: true, equalizesDepthwise: true, equalizesChains: true,
        ranges: .automatic, cutsTableInputs: true, averagesTables: true,
        refinesRanges: self != .fast, refitsWeights: self != .fast,
        rounding: self == .fast ? .nearest : .compensated, biasCorrection: .judged,
        int16: self == .best ? .automatic(.best) : .none)
    }
  }
}

/// The passes of the default recipe, one more at every step, so that each shows what it brings.
package enum Ladder {
  /// A name for people, and every pass up to this one.
  package static var steps: [(name: String, passes: Passes)] {
    var passes = Recipe.minmax.passes
    var steps = [(name: "min/max", passes: passes)]
    func add(_ name: String, _ change: (inout Passes) -> Void) {
      change(&passes)
      steps.append((name, passes))
    }
    let goal = Recipe.default.passes
    add("+ exact input") { $0.takesExactInput = goal.takesExactInput }
    add("+ table inputs cut") { $0.cutsTableInputs = goal.cutsTableInputs }
    add("+ ranges") { $0.ranges = goal.ranges }
    add("+ table means") { $0.averagesTables = goal.averagesTables }
    add("+ depthwise equalization") { $0.equalizesDepthwise = goal.equalizesDepthwise }
    add("+ chain equalization") { $0.equalizesChains = goal.equalizesChains }
    add("+ bias correction") { $0.biasCorrection = goal.biasCorrection }
    add("+ compensated rounding") { $0.rounding = goal.rounding }
    add("+ refined ranges") { $0.refinesRanges = goal.refinesRanges }
    add("+ refitted weights") { $0.refitsWeights = goal.refitsWeights }
    return steps
  }
}

/// What is done for accuracy, pass by pass. Every combination is valid.
package struct Passes: Hashable, Sendable {
  /// How activation ranges follow from what calibration saw.
  package enum Ranges: Hashable, Sendable {
    /// By the method that calibration was told, or, where that is min-max, by squared error.
    case automatic
    case method(CalibrationMethod)
  }

  /// What biases take over from the rounding of weights. The raw value is the command line's word.
  package enum BiasCorrection: String, CaseIterable, Sendable {
    case none, analytic, empirical
    /// Empirical or analytic, whichever leaves less noise in the output for images held back.
    case judged
  }

  /// Which values keep 16 bits.
  package enum Int16Use: Hashable, Sendable {
    case none
    /// Those between a convolution and its h-swish.
    case preActivation
    /// All that can.
    case all
    /// Those that take most noise from the output for what they cost, within limits.
    case automatic(WideLimits)

    /// As `automatic`, until the output has 30 dB, while the arena grows by so many bytes at most; `nil`
    /// for any number.
    package static func automatic(growth: Int?) -> Int16Use { .automatic(.plain(growth: growth)) }
  }

  /// `ExactInput`.
  package var takesExactInput: Bool
  /// `DepthwiseEqualization`.
  package var equalizesDepthwise: Bool
  /// `ChainEqualization`.
  package var equalizesChains: Bool
  package var ranges: Ranges
  /// Whether the range of a table's input is cut to the inputs that matter to the table.
  package var cutsTableInputs: Bool
  /// `TableMeans`.
  package var averagesTables: Bool
  /// `RangeRefinement`.
  package var refinesRanges: Bool
  /// `WeightRefit`.
  package var refitsWeights: Bool
  package var rounding: WeightChoices.Rounding
  package var biasCorrection: BiasCorrection
  package var int16: Int16Use
  /// What 16 bits cost where the network is to run.
  package var wideCosts = WideCosts.dsp

  /// Passes that do nothing but those named.
  package init(
    takesExactInput: Bool = false, equalizesDepthwise: Bool = false, equalizesChains: Bool = false,
    ranges: Ranges = .method(.minMax), cutsTableInputs: Bool = false,
    averagesTables: Bool = false, refinesRanges: Bool = false,
    refitsWeights: Bool = false, rounding: WeightChoices.Rounding = .nearest,
    biasCorrection: BiasCorrection = .none, int16: Int16Use = .none
  ) {
    self.takesExactInput = takesExactInput
    self.equalizesDepthwise = equalizesDepthwise
    self.equalizesChains = equalizesChains
    self.ranges = ranges
    self.cutsTableInputs = cutsTableInputs
    self.averagesTables = averagesTables
    self.refinesRanges = refinesRanges
    self.refitsWeights = refitsWeights
    self.rounding = rounding
    self.biasCorrection = biasCorrection
    self.int16 = int16
  }

  /// Whether these passes run the network on the calibration images.
  package var needsImages: Bool {
    takesExactInput || equalizesDepthwise || equalizesChains || refinesRanges || int16.isSearched
      || candidates.contains(where: \.needsImages)
  }

  /// The ways to quantize weights; with more than one, the output's error decides.
  var candidates: [WeightChoices] {
    let corrections: [WeightChoices.Correction] =
      switch biasCorrection {
      case .none: [.none]
      case .analytic: [.analytic]
      case .empirical: [.empirical]
      case .judged: [.empirical, .analytic]
      }
    return corrections.map {
      WeightChoices(rounding: rounding, correction: $0, refits: refitsWeights)
    }
  }
}

extension Passes.Int16Use {
  /// Whether a search says where.
  package var isSearched: Bool {
    if case .automatic = self { true } else { false }
  }
}

/// How far 16 bits may go.
package struct WideLimits: Hashable, Sendable {
  /// When the output is good enough.
  package enum Goal: Hashable, Sendable {
    /// Its power over that of its error, in dB.
    case ratio(Double)
    /// Its error's power is this share of that with int8.
    case share(Double)
  }

  package var goal: Goal
  /// Cycles over those of int8; `nil` for any number.
  package var cycles: Double?
  /// Bytes by which the arena with portable kernels may grow, or a share of it; both `nil` for any
  /// number.
  package var arenaBytes: Int?
  package var arenaShare: Double?

  /// An output of 30 dB, whatever the cycles.
  package static func plain(growth: Int?) -> WideLimits {
    WideLimits(goal: .ratio(30), arenaBytes: growth)
  }

  /// What the recipe `best` spends: until a third of int8's noise is left, 4.8 dB more.
  package static let best = WideLimits(goal: .share(1.0 / 3), cycles: 1.15, arenaShare: 0.1)

  /// Bytes by which an arena of `bytes` may grow; `nil` for any number.
  func growth(of bytes: Int) -> Int? {
    arenaBytes ?? arenaShare.map { Int($0 * Double(bytes)) }
  }
}

/// What ended the search.
package enum WideStop: String, Hashable, Sendable, Encodable {
  /// The output is good enough; int8 may be already.
  case goal
  case cycles
  case arena
  /// Nothing was left that gains.
  case exhausted
}

/// How the weights and biases of all layers become integers.
package struct WeightChoices: Hashable, Sendable {
  /// Where weights go.
  package enum Rounding: String, CaseIterable, Sendable {
    /// Each to its own nearest code.
    case nearest
    /// So that the errors of a channel cancel on calibration images.
    case compensated
  }

  /// What biases take over from the rounding of weights.
  package enum Correction: String, CaseIterable, Sendable {
    case none, analytic, empirical
  }

  package var rounding: Rounding
  package var correction: Correction
  /// `WeightRefit`.
  package var refits: Bool
  /// Whether weights that are codes in the file stay these codes.
  package var keepsSteps = false
  /// Whether results are rounded once; see `Requantization.init(roundedOnce:)`.
  package var roundsOnce = false

  package init(
    rounding: Rounding = .nearest, correction: Correction = .none, refits: Bool = false
  ) {
    self.rounding = rounding
    self.correction = correction
    self.refits = refits
  }

  /// The file's own codes where it has any, nearest ones elsewhere.
  static func asInFile(roundsOnce: Bool) -> WeightChoices {
    var choices = WeightChoices()
    (choices.keepsSteps, choices.roundsOnce) = (true, roundsOnce)
    return choices
  }

  /// Whether quantizing must run the layers quantized so far on images.
  package var needsImages: Bool {
    rounding == .compensated || correction == .empirical || refits
  }
}

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
