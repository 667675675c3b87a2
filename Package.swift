// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

/// A Swift target under the settings that every target shares.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// The tests of `name`, which may need more than the target itself.
func tests(_ name: String, _ others: [Target.Dependency] = [], resources: [Resource] = []) -> Target
{
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name)] + others, resources: resources,
    swiftSettings: swiftSettings)
}

let package = Package(
  name: "mnquant",
  dependencies: [],
  targets: [
    // Level 0: arithmetic, values, files.
    module("FixedPoint"),
    module("Tensors"),
    module("Files"),
    .target(
      name: "HostKernels",
      cSettings: [.enableWarning("conversion"), .treatAllWarnings(as: .error)]),
    // Level 1: what a network is, on either side of the wall.
    module("NetworkGraph", ["Tensors"]),
    module("QuantizedIR", ["FixedPoint", "Tensors", "Files"]),
    // Level 2: what can be done with one.
    module("Datasets", ["Tensors", "Files"]),
    module("IntegerEngine", ["FixedPoint", "QuantizedIR", "Tensors"]),
    // Level 3: what a float network's activations are like.
    module("Calibration", ["Files", "NetworkGraph", "Tensors"]),
    // Level 4: the only place where real numbers become integers.
    module("Quantizer", ["FixedPoint", "NetworkGraph", "QuantizedIR", "Tensors"]),
    // Tests.
    tests("FixedPoint"),
    tests("Files"),
    tests("Datasets", ["Files", "Tensors"]),
    tests("Calibration", ["NetworkGraph", "Tensors"]),
    tests("HostKernels", ["Tensors"]),
    .target(
      name: "LayerCases", dependencies: ["FixedPoint", "QuantizedIR", "Tensors"],
      path: "Tests/LayerCases", swiftSettings: swiftSettings),
    tests("QuantizedIR", ["FixedPoint", "Files", "LayerCases", "Tensors"]),
    tests("IntegerEngine", ["FixedPoint", "LayerCases", "QuantizedIR", "Tensors"]),
    tests(
      "Quantizer",
      ["FixedPoint", "IntegerEngine", "NetworkGraph", "QuantizedIR", "Tensors"]),
  ]
)
