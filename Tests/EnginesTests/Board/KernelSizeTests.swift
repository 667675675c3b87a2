import BoardKernels
import Boards
import CRuntime
import LayerCases
import QuantizedIR
import Testing

/// What the tool counts for a packed kernel is what the kernel's file says that it needs.
@Suite struct KernelSizeTests {
  @Test(arguments: InstructionSet.allCases)
  func scratchAndWeightsAreThoseOfTheKernels(_ instructionSet: InstructionSet) throws {
    var count = 0
    for row in LayerCase.all {
      for layer in row.model.layers {
        let kernel = Kernel(layer.operation, for: instructionSet)
        guard let sizes = Self.sizes(kernel) else { continue }
        var packed = Self.packed(kernel)
        let weights = kernel.tables.first { $0.name == "weights" }?.bytes.count
        #expect(Int(sizes.scratch(&packed)) == kernel.memory.scratchBytes, "\(row.name)")
        #expect(Int(sizes.weights(&packed)) == weights, "\(row.name)")
        count += 1
      }
    }
    #expect(count > 50)
  }

  private typealias Size = (UnsafePointer<mnq_packed>?) -> Int32

  private static func sizes(_ kernel: Kernel) -> (scratch: Size, weights: Size)? {
    switch kernel.stem.hasSuffix("_curve") ? String(kernel.stem.dropLast(6)) : kernel.stem {
    case "conv2d_fast": (mnq_conv2d_fast_scratch, mnq_conv2d_fast_weights)
    case "depthwise_conv2d_fast":
      (mnq_depthwise_conv2d_fast_scratch, mnq_depthwise_conv2d_fast_weights)
    case "conv2d_dsp": (mnq_conv2d_dsp_scratch, mnq_conv2d_dsp_weights)
    case "depthwise_conv2d_dsp":
      (mnq_depthwise_conv2d_dsp_scratch, mnq_depthwise_conv2d_dsp_weights)
    case "conv2d_wide_dsp":
      (mnq_conv2d_wide_dsp_scratch, mnq_conv2d_wide_dsp_weights)
    case "conv2d_widening_dsp":
      (mnq_conv2d_widening_dsp_scratch, mnq_conv2d_widening_dsp_weights)
    case "depthwise_conv2d_wide_dsp":
      (mnq_depthwise_conv2d_wide_dsp_scratch, mnq_depthwise_conv2d_wide_dsp_weights)
    case "depthwise_conv2d_widening_dsp":
      (mnq_depthwise_conv2d_widening_dsp_scratch, mnq_depthwise_conv2d_widening_dsp_weights)
    case "conv2d_mve": (mnq_conv2d_mve_scratch, mnq_conv2d_mve_weights)
    case "depthwise_conv2d_mve":
      (mnq_depthwise_conv2d_mve_scratch, mnq_depthwise_conv2d_mve_weights)
    default: nil
    }
  }

  /// The kernel's struct without its tables.
  private static func packed(_ kernel: Kernel) -> mnq_packed {
    let words = kernel.record.leaves.compactMap { leaf -> Int32? in
      if case .word(let word) = leaf { Int32(bitPattern: word) } else { nil }
    }
    func extent(_ first: Int) -> mnq_extent {
      mnq_extent(height: words[first], width: words[first + 1])
    }
    var packed = mnq_packed()
    (packed.input, packed.output, packed.kernel) = (extent(0), extent(2), extent(4))
    (packed.stride, packed.padding) = (extent(6), extent(8))
    (packed.input_channels, packed.output_channels) = (words[10], words[11])
    return packed
  }
}
