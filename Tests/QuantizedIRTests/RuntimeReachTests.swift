import QuantizedIR
import Tensors
import Testing

/// Scales so far apart that TensorFlow Lite stops its process or overflows: nothing may be derived
/// from them, so that import and export refuse them.
@Suite struct RuntimeReachTests {
  /// Below 2^-16, LiteRT 2.3.0 shifts 16-bit numbers right by 16 and more and gives other codes.
  @Test(arguments: ExactRuntime.allCases)
  func hardSwishShiftsBy15AtMost(_ runtime: ExactRuntime) {
    func table(_ input: Double, _ output: Double) -> Bool {
      runtime.table(.hardSwish, input: Self.tensor(input), output: Self.tensor(output)) != nil
    }
    // From 1/128 of an input step to an output step.
    #expect(table(0x1p-9, 1))
    #expect(!table(0x1p-9 * 0.999, 1))
    #expect(table(0x1p-9 * 0.999, 0x1p-16))
    #expect(!table(0x1p-9, 0x1p-16))
    // From 1/128 of an input step to 3/32768.
    let least = 0x1p-16 * 128 * 3 / 32768
    #expect(table(least * 1.001, least))
    #expect(!table(least * 0.999, least))
  }

  /// LiteRT aborts where the sum's factor is not below 1: the input's scale is 2^19 times 6 / 255.
  @Test(arguments: ExactRuntime.allCases)
  func hardSigmoidSumsBelow1(_ runtime: ExactRuntime) {
    func table(_ input: Double) -> Bool {
      let output = QuantizedTensor(
        name: "y", shape: [1, 4], scale: 0x1p-8, zeroPoint: -128)
      return runtime.table(.hardSigmoid, input: Self.tensor(input), output: output) != nil
    }
    #expect(table(0x1p19 * 6 / 255 * 0.999))
    #expect(!table(0x1p19 * 6 / 255 * 1.001))
  }

  private static func tensor(_ scale: Double) -> QuantizedTensor {
    QuantizedTensor(name: "x", shape: [1, 4], scale: scale, zeroPoint: 3)
  }
}
