internal import QuantizedIR
internal import Tensors

/// The C function that runs a layer, with the layer's constants as that function reads them.
enum Kernel: Hashable, Sendable {
  /// The definition: every operation, every rounding.
  case portable(Operation)
  /// A convolution made ready for one instruction set, `portable` included.
  case packed(PackedConvolution)

  /// The fastest kernel of `instructionSet` that gives the bytes of `operation`.
  init(_ operation: Operation, for instructionSet: InstructionSet) {
    let packed: PackedConvolution? =
      switch operation {
      case .conv2D(let layer): PackedConvolution(layer, for: instructionSet)
      case .fullyConnected(let layer): PackedConvolution(layer.asConvolution, for: instructionSet)
      case .depthwiseConv2D(let layer): PackedConvolution(layer, for: instructionSet)
      case .add, .multiply, .averagePool, .maxPool, .mean, .lookup, .softmax, .extremum, .copy: nil
      }
    self = packed.map(Kernel.packed) ?? .portable(operation)
  }

  /// What its C names have in common: `mnq_STEM.c`, the case of `mnq_operation`.
  var stem: String {
    switch self {
    case .portable(let operation): operation.stem
    case .packed(let layer): layer.stem
    }
  }

  /// The function's name.
  var function: String {
    switch self {
    case .portable: "mnq_\(stem)_s8"
    case .packed: "mnq_\(stem)"
    }
  }

  /// What stands between the first operand and the end of the call.
  func laterArguments(secondOperand: String) -> String {
    switch self {
    case .portable(let operation):
      operation.valueCounts.inputs.count == 2 ? "\(secondOperand), output" : "output"
    case .packed: "output, arena + row->scratch"
    }
  }

  /// The headers that it includes beside those of every kernel.
  var headers: [String] {
    switch self {
    case .portable: []
    case .packed(let layer):
      layer.instructionSet == .dsp ? ["mnq_packed.h", "mnq_dsp.h"] : ["mnq_packed.h"]
    }
  }

  /// What it asks of the arena beside the layer's tensors.
  var memory: KernelMemory {
    switch self {
    case .portable(let operation): operation.portableMemory
    case .packed(let layer): layer.memory
    }
  }

  /// Bytes of const tables.
  var constantBytes: Int {
    switch self {
    case .portable(let operation): operation.constantBytes
    case .packed(let layer): layer.constantBytes
    }
  }

  /// Writes the layer's const tables, named after the layer.
  func emitTables(_ name: String, into c: inout CWriter) {
    switch self {
    case .portable(let operation): operation.emitTables(name, into: &c)
    case .packed(let layer): layer.emitTables(name, into: &c)
    }
  }

  /// Writes the layer's struct, field for field.
  func emitStruct(_ name: String, into c: inout CWriter) {
    switch self {
    case .portable(let operation): operation.emitStruct(name, into: &c)
    case .packed(let layer): layer.emitStruct(name, into: &c)
    }
  }
}

extension FullyConnected {
  /// The same sums as a convolution of one pixel.
  fileprivate var asConvolution: Conv2D {
    Conv2D(
      input: .unit, output: .unit, kernel: .unit, stride: .unit, padding: Extent(0, 0),
      inputChannels: inputCount, outputChannels: outputCount, inputZeroPoint: inputZeroPoint,
      outputZeroPoint: outputZeroPoint, clamp: clamp, rounding: rounding, weights: weights,
      bias: bias, multipliers: multipliers, shifts: shifts)
  }
}
