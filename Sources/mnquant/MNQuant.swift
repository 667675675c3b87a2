internal import ArgumentParser
internal import Pipeline

/// The root command: what it is, and its subcommands.
struct MNQuant: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mnquant",
    abstract: "Turns a float MobileNet into bit-exact int8 firmware.",
    discussion: """
      The shortest way:

        mnquant calibrate --data cifar10/
        mnquant emit-c --out firmware/

      Exit status: 0 done, 1 a file is wrong or missing or the result could not be written, 2 a gate \
      was not met, 64 wrong usage.
      """,
    version: Tool.version,
    subcommands: [
      Calibrate.self, Quantize.self, Compare.self, Run.self, EmitC.self, Summary.self, Models.self,
      Targets.self, Bench.self, Demo.self, DrawReport.self,
      Export.self, Operators.self,
    ])
}
