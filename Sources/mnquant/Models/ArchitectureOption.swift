internal import ArgumentParser

/// `--architecture`.
struct ArchitectureOption: ParsableArguments {
  @Option(
    name: .customLong("architecture"),
    help: ArgumentHelp(
      "The network whose weights a .safetensors file holds, such as mobilenet-v2,width=0.5.",
      discussion: "Not needed where the file's metadata names it; see Docs/Models.md.",
      valueName: "name"))
  var spelling: String?
}
