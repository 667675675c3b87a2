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
