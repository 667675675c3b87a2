internal import ArgumentParser
internal import Calibration
internal import Pipeline
internal import Quantizer

/// `--recipe`, and a switch for every pass that a recipe consists of.
struct RecipeOptions: ParsableArguments {
  @Option(help: "What is done for accuracy.")
  var recipe = Recipe.default

  @Flag(
    inversion: .prefixedNo,
    help: "Give every pixel value a code without rounding, where one scale serves all channels.")
  var exactInput: Bool?

  @Option(
    help: ArgumentHelp(
      "How activation ranges are chosen: \(Passes.Ranges.spellings).", valueName: "method"))
  var ranges: Passes.Ranges?

  @Flag(
    inversion: .prefixedNo, help: "Cut the ranges of tables' inputs to what matters to the table.")
  var cutTableInputs: Bool?

  @Flag(
    inversion: .prefixedNo, help: "Fill tables with the mean of all values that share a code.")
  var averageTables: Bool?

  @Flag(
    inversion: .prefixedNo, help: "Give the channels that a depthwise layer reads equal ranges.")
  var equalizeDepthwise: Bool?

  @Flag(
    inversion: .prefixedNo, help: "Bring the channels of residual sums closer together.")
  var equalizeChains: Bool?

  @Flag(inversion: .prefixedNo, help: "Search ranges by the error of the network's output.")
  var refineRanges: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Change dense weights to make up for what their input lost, as far as folds confirm.")
  var refitWeights: Bool?

  @Option(help: "Where weights go.")
  var rounding: WeightChoices.Rounding?

  @Option(help: "What biases take over from the rounding of weights.")
  var biasCorrection: Passes.BiasCorrection?

  @Option(
    help: ArgumentHelp(
      "Which values keep 16 bits.",
      discussion: "pre-activation: those between a convolution and its h-swish, for more accuracy, "
        + "no RAM and 514 bytes of flash a layer. auto: until the output has 30 dB, those that take "
        + "most noise from it for their cycles, arena and flash; auto:BYTES: while the "
        + "arena, with portable kernels, grows by BYTES at most, 0 included. all: all that can.",
      valueName: "none|pre-activation|auto[:BYTES]|all"))
  var int16: Passes.Int16Use?

  @Option(
    help: ArgumentHelp(
      "The board whose cycles 16 bits are to save, with --int16 auto and --recipe best.",
      discussion: "Default: cortex-m4.", valueName: "board"))
  var target: String?

  func validate() throws {
    guard let target else { return }
    guard try passes.int16.isSearched else {
      throw ValidationError(
        "--target says where 16 bits are to be cheap: give it with --int16 auto or --recipe best, or leave it "
          + "out.")
    }
    _ = try BoardOption.board(named: target)
  }

  /// The recipe's passes, with those that the user switched, under the words that were typed.
  var named: NamedPasses { get throws { NamedPasses(name: name, passes: try passes) } }

  /// Whether some values have 16 bits.
  var usesInt16: Bool { (int16 ?? recipe.passes.int16) != Passes.Int16Use.none }

  private var passes: Passes {
    get throws {
      var passes = recipe.passes
      if let exactInput { passes.takesExactInput = exactInput }
      if let ranges { passes.ranges = ranges }
      if let cutTableInputs { passes.cutsTableInputs = cutTableInputs }
      if let averageTables { passes.averagesTables = averageTables }
      if let equalizeDepthwise { passes.equalizesDepthwise = equalizeDepthwise }
      if let equalizeChains { passes.equalizesChains = equalizeChains }
      if let refineRanges { passes.refinesRanges = refineRanges }
      if let refitWeights { passes.refitsWeights = refitWeights }
      if let rounding { passes.rounding = rounding }
      if let biasCorrection { passes.biasCorrection = biasCorrection }
      if let int16 { passes.int16 = int16 }
      if let target { passes.wideCosts = .of(try BoardOption.board(named: target)) }
      return passes
    }
  }

  private var name: String {
    var words = [recipe.rawValue]
    func flag(_ name: String, _ value: Bool?) {
      if let value { words.append(value ? "--\(name)" : "--no-\(name)") }
    }
    flag("exact-input", exactInput)
    if let ranges { words.append("--ranges \(ranges)") }
    flag("cut-table-inputs", cutTableInputs)
    flag("average-tables", averageTables)
    flag("equalize-depthwise", equalizeDepthwise)
    flag("equalize-chains", equalizeChains)
    flag("refine-ranges", refineRanges)
    flag("refit-weights", refitWeights)
    if let rounding { words.append("--rounding \(rounding)") }
    if let biasCorrection { words.append("--bias-correction \(biasCorrection)") }
    if let int16 { words.append("--int16 \(int16)") }
    if let target { words.append("--target \(target)") }
    return words.joined(separator: " ")
  }
}
