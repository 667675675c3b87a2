// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

/// The folders of `Sources`, and the targets in each: Docs/Architecture.md draws them.
let rooms = [
  "Float": ["NetworkGraph", "MobileNets", "FloatReference", "Calibration", "Training"],
  "Bridge": ["Quantizer", "Evaluation", "Tuning", "Report"],
  "Integer": ["FixedPoint", "QuantizedIR", "Engines", "Decoders"],
  "Board": ["BoardKernels", "CEmitter", "Boards", "CRuntime"],
  "Formats": [
    "ModelImport", "ModelExport", "ONNXSchema", "TFLiteSchema", "FlatBuffers", "Datasets",
    "ImageCodecs", "Files", "Tensors",
  ],
  "Kernels": ["HostKernels"],
]

/// Where a target's files are; `nil` for those that stand outside the rooms.
func place(_ name: String) -> String? {
  rooms.first { $0.value.contains(name) }.map { "Sources/\($0.key)/\(name)" }
}

/// A Swift target under the settings that every target shares.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [],
  resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: place(name), exclude: exclude,
    resources: resources, swiftSettings: swiftSettings)
}

/// A target in C.
func c(
  _ name: String, _ dependencies: [Target.Dependency] = [], settings: [CSetting] = [],
  libraries: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: place(name),
    cSettings: settings + [.treatAllWarnings(as: .error)],
    linkerSettings: libraries.map { .linkedLibrary($0) })
}

/// The tests of `name`, which may need more than the target itself.
func tests(
  _ name: String, _ others: [Target.Dependency] = [], exclude: [String] = [],
  resources: [Resource] = []
) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name), "TestSupport"] + others,
    exclude: exclude, resources: resources, swiftSettings: swiftSettings)
}

let package = Package(
  name: "mnquant",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
    // Without its streams, which would bring in all of Foundation.
    .package(
      url: "https://github.com/apple/swift-protobuf.git", exact: "1.39.0", traits: []),
  ],
  targets: [
    // Level 0: arithmetic, values, files.
    module("FixedPoint"),
    module("Tensors"),
    module("Files"),
    // Parses hostile bytes, so unsafe code is an error in it.
    .target(
      name: "FlatBuffers", path: place("FlatBuffers"),
      swiftSettings: swiftSettings + [.strictMemorySafety()]),
    module("TFLiteSchema"),
    module(
      "ONNXSchema", [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["onnx.proto"]),
    c("CRuntime", settings: [.enableWarning("conversion"), .define("MNQ_SIZES")]),
    // Of the board's runtime: the inline functions that its headers hold.
    c("HostKernels", ["CRuntime"], settings: [.enableWarning("conversion")]),
    // JPEG and PNG; the libraries are the system's.
    c("ImageCodecs", libraries: ["jpeg", "png"]),
    // Level 1: what a network is, on either side of the wall.
    // Symbolic links bring in files that live elsewhere: `targets/`, and below `CRuntime`.
    module("Boards", ["Files"], resources: [.process("targets")]),
    module("NetworkGraph", ["Tensors"]),
    module("QuantizedIR", ["FixedPoint", "Tensors", "Files"]),
    // Level 2: what can be done with one.
    module("Datasets", ["Files", "ImageCodecs", "Tensors"]),
    module("MobileNets", ["Files", "NetworkGraph", "Tensors"]),
    module("BoardKernels", ["Boards", "FixedPoint", "QuantizedIR", "Tensors"]),
    module("Decoders", ["FixedPoint", "QuantizedIR", "Tensors"]),
    // Level 3: runs one, and writes one as C.
    module(
      "Engines",
      ["BoardKernels", "Boards", "CRuntime", "FixedPoint", "HostKernels", "QuantizedIR", "Tensors"]),
    module(
      "CEmitter",
      ["BoardKernels", "Boards", "Decoders", "Files", "FixedPoint", "QuantizedIR", "Tensors"],
      resources: [.process("Runtime")]),
    module(
      "ModelImport",
      [
        "Files", "FixedPoint", "FlatBuffers", "NetworkGraph", "ONNXSchema", "QuantizedIR",
        "TFLiteSchema", "Tensors", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    module("FloatReference", ["HostKernels", "NetworkGraph", "Tensors"]),
    module(
      "ModelExport",
      [
        "FixedPoint", "FlatBuffers", "NetworkGraph", "ONNXSchema", "QuantizedIR", "TFLiteSchema",
        "Tensors", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    // Level 3: what a float network learns, and what its activations are like.
    module(
      "Training", ["Datasets", "Files", "HostKernels", "MobileNets", "NetworkGraph", "Tensors"]),
    module(
      "Calibration", ["Datasets", "Files", "FloatReference", "NetworkGraph", "Tensors"]),
    // Level 4: a float network to an int8 network.
    module(
      "Quantizer",
      [
        "Calibration", "Engines", "FixedPoint", "FloatReference", "HostKernels", "NetworkGraph",
        "QuantizedIR", "Tensors",
      ]),
    // Level 5: float against int8 on images.
    module(
      "Evaluation",
      [
        "Datasets", "Decoders", "Engines", "FloatReference", "HostKernels", "NetworkGraph",
        "QuantizedIR", "Tensors",
      ]),
    // Level 5: an int8 network that learns.
    module(
      "Tuning",
      [
        "Engines", "FloatReference", "NetworkGraph", "QuantizedIR", "Quantizer", "Tensors",
        "Training",
      ]),
    // Level 6: the page.
    module(
      "Report",
      [
        "Calibration", "Evaluation", "Files", "FixedPoint", "QuantizedIR", "Tensors", "Training",
      ],
      resources: [.process("Page")]),
    // Stands before the system's malloc, so it belongs to the program alone.
    .target(
      name: "OutOfMemory", path: "Sources/mnquant/OutOfMemory",
      cSettings: [.enableWarning("conversion"), .treatAllWarnings(as: .error)]),
    // Level 7: the whole way. `Bundled` is a symbolic link to `calibration/models`.
    module(
      "Pipeline",
      [
        "BoardKernels", "Boards", "CEmitter", "Calibration", "Datasets", "Decoders", "Engines",
        "Evaluation", "Files", "FixedPoint", "FloatReference", "MobileNets", "ModelExport",
        "ModelImport", "NetworkGraph", "QuantizedIR", "Quantizer", "Report", "Tensors", "Training",
        "Tuning",
      ],
      resources: [.process("Bundled")]),
    // Level 8: the command line. Besides the pipeline: the types of its options and results.
    .executableTarget(
      name: "mnquant",
      dependencies: [
        "Boards", "CEmitter", "Calibration", "Datasets", "Decoders", "Evaluation", "Files",
        "ModelImport", "OutOfMemory", "Pipeline", "QuantizedIR", "Quantizer", "Tensors", "Training",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["OutOfMemory"], swiftSettings: swiftSettings),
    // Tests.
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "mnquant", "fuzz", "Calibration", "Datasets", "Files", "ModelExport", "NetworkGraph",
        "QuantizedIR", "Quantizer", "Tensors", "TestSupport",
      ],
      exclude: ["FirmwareFigures.json", "HostileModels"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "AccuracyTests",
      dependencies: [
        "Datasets", "Evaluation", "FixedPoint", "NetworkGraph", "Pipeline", "QuantizedIR",
        "Quantizer", "Tensors", "TestSupport",
      ],
      swiftSettings: swiftSettings),
    tests(
      "Pipeline",
      [
        "Boards", "Calibration", "Datasets", "Evaluation", "Files", "NetworkGraph", "QuantizedIR",
        "Quantizer",
      ]),
    // What holds of the files themselves.
    .testTarget(
      name: "HouseTests", dependencies: ["TestSupport"],
      exclude: ["Duplicates.txt", "OperatorNames.txt"],
      swiftSettings: swiftSettings),
    tests("FixedPoint"),
    tests("FlatBuffers"),
    tests("ImageCodecs", ["Files"]),
    tests("Evaluation", ["Datasets", "Decoders", "Files", "QuantizedIR", "Tensors"]),
    tests(
      "Decoders", ["Boards", "CRuntime", "Evaluation", "FixedPoint", "QuantizedIR", "Tensors"]),
    tests("Report", ["Evaluation", "Training"]),
    tests(
      "ModelExport",
      [
        "Engines", "FixedPoint", "FloatReference", "LayerCases", "MobileNets", "ModelImport",
        "NetworkGraph", "ONNXSchema", "QuantizedIR", "Tensors",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    tests("Files", exclude: ["Torch"]),
    tests("Datasets", ["Files", "Tensors"], exclude: ["Images"]),
    tests(
      "FloatReference",
      ["Datasets", "Files", "ModelImport", "NetworkGraph", "Tensors"]),
    tests(
      "Training",
      ["Datasets", "Files", "HostKernels", "MobileNets", "NetworkGraph", "Tensors"]),
    tests(
      "Tuning",
      [
        "Calibration", "Datasets", "Engines", "FixedPoint", "MobileNets", "NetworkGraph",
        "QuantizedIR", "Quantizer", "Tensors", "Training",
      ]),
    tests("Calibration", ["Datasets", "Files", "NetworkGraph", "Tensors"]),
    tests("NetworkGraph", ["FloatReference", "Tensors"]),
    tests("MobileNets", ["Files", "FloatReference", "NetworkGraph", "Tensors"]),
    tests(
      "HostKernels", ["Engines", "FixedPoint", "QuantizedIR", "Tensors"],
      exclude: ["Twins"]),
    .target(
      name: "LayerCases", dependencies: ["FixedPoint", "QuantizedIR", "Tensors"],
      path: "Tests/LayerCases", swiftSettings: swiftSettings),
    // Files, folders, programs and numbers of the tests.
    .target(
      name: "TestSupport",
      dependencies: [
        "Datasets", "Files", "FixedPoint", "ModelImport", "NetworkGraph", "QuantizedIR", "Tensors",
      ],
      path: "Tests/TestSupport", swiftSettings: swiftSettings),
    // Takes files of every format the whole way, under libFuzzer: `make fuzz`.
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "BoardKernels", "Boards", "CEmitter", "Calibration", "Datasets", "Engines", "Files",
        "FixedPoint", "FloatReference", "LayerCases", "MobileNets", "ModelExport", "ModelImport",
        "NetworkGraph", "QuantizedIR", "Quantizer", "Tensors", "TestSupport",
      ],
      path: "Tests/Fuzzing", exclude: ["Fixtures", "fuzz.sh"], swiftSettings: swiftSettings),
    .target(
      name: "PlainNetworks",
      dependencies: [
        "FlatBuffers", "FloatReference", "NetworkGraph", "ONNXSchema", "TFLiteSchema", "Tensors",
      ],
      path: "Tests/PlainNetworks", swiftSettings: swiftSettings),
    .executableTarget(
      name: "RandomNetworks",
      dependencies: [
        "BoardKernels", "Boards", "CEmitter", "Calibration", "Engines", "FixedPoint",
        "FloatReference", "ModelExport", "ModelImport", "NetworkGraph", "PlainNetworks",
        "QuantizedIR", "Quantizer", "Tensors", "TestSupport",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      path: "Tests/RandomNetworks", swiftSettings: swiftSettings),
    tests("RandomNetworks"),
    tests("Boards"),
    tests(
      "CEmitter",
      [
        "BoardKernels", "Boards", "Calibration", "Datasets", "Decoders", "Engines", "Files",
        "FixedPoint", "FloatReference", "LayerCases", "MobileNets", "ModelExport", "ModelImport",
        "NetworkGraph", "QuantizedIR", "Quantizer", "Tensors",
      ],
      exclude: ["decoders.c"]),
    tests("QuantizedIR", ["FixedPoint", "Files", "LayerCases", "Tensors"]),
    tests(
      "Engines",
      [
        "BoardKernels", "Boards", "CRuntime", "FixedPoint", "LayerCases", "QuantizedIR", "Tensors",
      ]),
    tests(
      "Quantizer",
      [
        "Calibration", "Engines", "FixedPoint", "FloatReference", "NetworkGraph", "QuantizedIR",
        "Tensors",
      ]),
    tests(
      "ModelImport",
      [
        "Datasets", "Engines", "Files", "FixedPoint", "FlatBuffers", "FloatReference",
        "NetworkGraph", "ONNXSchema", "PlainNetworks", "QuantizedIR", "Tensors",
      ],
      exclude: ["Exporters", "Fixtures"]),
  ]
)
