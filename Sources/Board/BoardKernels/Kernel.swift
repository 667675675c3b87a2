package import Boards
package import QuantizedIR

/// The C function that runs a layer, with the layer's constants as that function reads them.
package enum Kernel: Hashable, Sendable {
  /// The definition: every operation, every rounding.
  case portable(Operation)
  /// A convolution made ready for one instruction set, `portable` included.
  case packed(PackedConvolution)
  /// An addition made ready for one instruction set, `portable` included.
  case add(PackedAdd, InstructionSet)
  /// An addition of codes of 16 bits for DSP instructions.
  case wideAdd(PackedWideAdd)
  /// A multiplication made ready for any.
  case multiply(PackedMultiply)
  /// None: the caller writes a row of the image.
  case arrival

  /// The fastest kernel of `instructionSet` that gives the bytes of `operation`.
  package init(_ operation: Operation, for instructionSet: InstructionSet) {
    self = operation.board.fastKernel(for: instructionSet) ?? .portable(operation)
  }

  /// The same with a lookup behind it; `nil` where the kernel cannot apply one.
  func applying(_ lookup: Lookup) -> Kernel? {
    guard case .packed(let layer) = self else { return nil }
    return layer.applying(lookup).map(Kernel.packed)
  }

  /// The same kernel on the rows that `operation`, a part of its layer, goes over.
  func part(_ operation: Operation) -> Kernel {
    switch (self, operation) {
    case (.packed(let layer), _): .packed(layer.part(operation))
    case (.add(let layer, let instructionSet), .add(let part)):
      .add(layer.part(part), instructionSet)
    case (.wideAdd, .wide(let part)):
      PackedWideAdd(part).map(Kernel.wideAdd) ?? .portable(operation)
    case (.multiply, .multiply(let part)):
      PackedMultiply(part).map(Kernel.multiply) ?? .portable(operation)
    default: .portable(operation)
    }
  }

  /// What its C names have in common: `mnq_STEM.c`, the case of `mnq_operation`.
  package var stem: String {
    switch self {
    case .portable(let operation): operation.board.kernelStem
    case .packed(let layer): layer.stem
    case .add(_, let instructionSet): instructionSet == .mve ? "add_mve" : "add_fast"
    case .wideAdd: "add_wide_dsp"
    case .multiply: "multiply_fast"
    case .arrival: "arrival"
    }
  }

  /// The function's name.
  package var function: String {
    switch self {
    case .portable(let operation): "mnq_\(stem)_s\(operation.board.bits)"
    case .packed, .add, .wideAdd, .multiply, .arrival: "mnq_\(stem)"
    }
  }

  /// How many tensors its function reads.
  package var operandCount: Int {
    switch self {
    case .portable(let operation): operation.valueCounts.inputs.count
    case .packed: 1
    case .add, .wideAdd, .multiply: 2
    case .arrival: 0
    }
  }

  /// Whether its function has an argument for working memory.
  package var takesScratch: Bool {
    if case .packed = self { true } else { false }
  }

  /// The files of `CRuntime` that hold it.
  package var sources: [String] {
    switch self {
    case .portable(let operation): sources(operation.stem) + operation.board.sharedSources
    case .packed(let layer): sources(layer.base)
    case .add, .wideAdd, .multiply: sources(stem)
    case .arrival: []
    }
  }

  /// A kernel with a curve includes the one without.
  private func sources(_ base: String) -> [String] {
    Set([base, stem]).sorted().map { "mnq_\($0).c" }
  }

  /// The headers that it includes beside those of every kernel.
  package var headers: [String] {
    switch self {
    case .portable(let operation): operation.board.headers
    case .packed(let layer):
      layer.instructionSet.headers
        + (layer.widths == .int8 ? [] : ["mnq_wide.h"])
    case .add(_, let instructionSet):
      instructionSet == .mve ? instructionSet.headers : InstructionSet.portable.headers
    case .wideAdd: InstructionSet.dsp.headers + ["mnq_wide.h"]
    case .multiply: InstructionSet.portable.headers
    case .arrival: []
    }
  }

  /// What it asks of the arena beside the layer's tensors.
  package var memory: KernelMemory {
    switch self {
    case .portable(let operation): operation.portableMemory
    case .packed(let layer): layer.memory
    case .add(let layer, _): layer.memory
    case .wideAdd(let layer): layer.memory
    case .multiply(let layer): layer.memory
    case .arrival: KernelMemory(overlaps: [.none])
    }
  }

  /// Bytes of const tables.
  package var constantBytes: Int {
    switch self {
    case .portable(let operation): operation.constantBytes
    case .packed(let layer): layer.constantBytes
    case .add, .wideAdd, .multiply, .arrival: 0
    }
  }

  /// The layer's const tables.
  package var tables: [LayerTable] {
    switch self {
    case .portable(let operation): operation.board.tables
    case .packed(let layer): layer.tables
    case .add, .wideAdd, .multiply, .arrival: []
    }
  }

  /// The type of the layer's struct; `nil` where it has none.
  package var structType: String? {
    switch self {
    case .portable(let operation): "mnq_\(operation.stem)"
    case .packed(let layer) where layer.widths != .int8: "mnq_packed_wide"
    case .packed(let layer): layer.curve == nil ? "mnq_packed" : "mnq_packed_curve"
    case .add: "mnq_packed_add"
    case .wideAdd: "mnq_packed_add_wide"
    case .multiply: "mnq_packed_multiply"
    case .arrival: nil
    }
  }

  /// What the layer's struct holds.
  package var record: LayerRecord {
    switch self {
    case .portable(let operation): operation.record
    case .packed(let layer): layer.record
    case .add(let layer, _): layer.record
    case .wideAdd(let layer): layer.record
    case .multiply(let layer): layer.record
    case .arrival: LayerRecord()
    }
  }

  /// What becomes of each code behind the layer's arithmetic, in order; `nil` where it stays.
  package var table: [Int8]? {
    if case .packed(let layer) = self { layer.table } else { nil }
  }
}

extension InstructionSet {
  /// What kernels made ready for it include.
  fileprivate var headers: [String] {
    switch self {
    case .portable: ["mnq_packed.h"]
    case .dsp: ["mnq_packed.h", "mnq_dsp.h", "mnq_dsp_block.h"]
    case .mve: ["mnq_packed.h", "mnq_mve.h"]
    }
  }
}

extension Kernel {
  /// Bytes of code that it takes on any core, compiled with -O2: what GCC 12 makes of its file, at most, and
  /// an eighth more for other compilers. `ObjectCodeTests` measures them. 0 where nothing runs.
  package var codeBytes: Int { Self.codeBytes[stem] ?? 0 }

  package static let codeBytes: [String: Int] = [
    "add": 1472, "add_fast": 832, "add_mve": 256, "add_wide": 1600, "add_wide_dsp": 1152,
    "average_pool": 512, "conv2d": 1088, "conv2d_curve": 1152, "conv2d_dsp": 4992,
    "conv2d_dsp_curve": 4032, "conv2d_fast": 4096, "conv2d_fast_curve": 3776, "conv2d_mve": 6400,
    "conv2d_wide": 2304, "conv2d_wide_dsp": 4032, "conv2d_widening_dsp": 4288, "copy": 384,
    "depthwise_conv2d": 960, "depthwise_conv2d_curve": 960, "depthwise_conv2d_dsp": 4480,
    "depthwise_conv2d_dsp_curve": 4096, "depthwise_conv2d_fast": 2368,
    "depthwise_conv2d_fast_curve": 1920, "depthwise_conv2d_mve": 4032,
    "depthwise_conv2d_wide": 1408, "depthwise_conv2d_wide_dsp": 4672,
    "depthwise_conv2d_widening_dsp": 5056, "extremum": 576, "fully_connected": 512,
    "fully_connected_curve": 576, "fully_connected_wide": 384, "l2_normalization": 768,
    "lookup": 192, "max_pool": 448, "mean": 704, "mean_wide": 1088, "multiply": 640,
    "multiply_fast": 1664, "multiply_wide": 832, "prelu": 448, "resize": 512, "softmax": 1344,
    "squared_difference": 704, "transposed_conv2d": 1280, "transposed_conv2d_curve": 1344,
  ]
}
