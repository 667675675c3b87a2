internal import ArgumentParser

/// `mnquant calibrate`, which calibrates unless told to merge.
struct Calibrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Learns the range of every tensor from images.",
    discussion: "`mnquant help calibrate images` lists the options.",
    subcommands: [CalibrateImages.self, CalibrateMerge.self],
    defaultSubcommand: CalibrateImages.self)
}
