import QuantizedIR
import Tensors
import Testing

/// Curves against the functions that they stand for.
@Suite struct CurveTests {
  /// At every one of the 65,536 codes: the nearest output code, but for what the lines miss, which
  /// between -3 and 3 is up to `step^2 / 24` in real units; the step in which the function leaves
  /// int8 is left out, since the line there ends where the codes do.
  @Test(arguments: [(4.0, 4.5), (8.0, 6.0), (32.0, 20.0)])
  func hardSwishIsNearest(_ inputs: Double, _ outputs: Double) {
    let scale = inputs / 32768
    let outputScale = (outputs + 0.375) / 255
    func exact(_ code: Int32) -> Double {
      let x = scale * Double(code)
      return x * min(max(x + 3, 0), 6) / 6 / outputScale - 110
    }
    let curve = Curve(function: .hardSwish, value: exact)
    let step = 256 * scale
    let slack = step * step / 24 / outputScale + 1.0 / 256
    let worst = Curve.inputs.filter { code in
      exact(code) > 127 || exact((code >> 8 + 1) << 8) < 127.5
    }.map { code in
      abs(Double(curve.code(code)) - min(max(exact(code), -128), 127))
    }.max()
    #expect(worst ?? 1 <= 0.5 + slack)
    #expect(slack < 0.2)
  }

  /// Both ends of int8, by points that would leave it.
  @Test func saturates() {
    let curve = Curve(function: nil) { Double($0) / 64 }
    #expect(curve.code(32767) == 127 && curve.code(-32768) == -128)
    #expect(curve.code(64 * 100) == 100 && curve.code(64 * 100 + 31) == 100)
    #expect(curve.code(64 * 100 + 32) == 101 && curve.code(64 * 100 - 32) == 100)
  }
}
