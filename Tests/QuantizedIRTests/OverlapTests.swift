import LayerCases
import QuantizedIR
import Tensors
import Testing

/// What kernels say of the bytes that they may write over, against a machine that runs them byte
/// by byte.
@Suite struct OverlapTests {
  /// Pixels, channels, kernel, stride, padding and pixels at a time.
  struct Geometry: CustomTestStringConvertible {
    var order: WindowOrder
    var kernel: Int

    var testDescription: String {
      "\(order.input)x\(order.inputChannels) to \(order.output)x\(order.outputChannels), "
        + "kernel \(kernel), block \(order.block)\(order.endsTogether ? " to the end" : "")"
    }

    init(
      _ input: Extent, _ channels: (Int, Int), kernel: Int, stride: Int, padding: Int, block: Int,
      endsTogether: Bool, readsBlockFirst: Bool
    ) {
      let output = [input.height, input.width].map { ($0 + 2 * padding - kernel) / stride + 1 }
      order = WindowOrder(
        input: input, output: Extent(output[0], output[1]), stride: Extent(stride, stride),
        padding: Extent(padding, padding), inputChannels: channels.0, outputChannels: channels.1,
        block: block, endsTogether: endsTogether, readsBlockFirst: readsBlockFirst)
      self.kernel = kernel
    }

    static let all: [Geometry] = [false, true].flatMap { first in
      [(1, 1), (3, 8), (8, 3), (4, 5)].flatMap { channels in
        [(1, 1, 0), (1, 2, 0), (3, 1, 1), (3, 2, 1), (3, 2, 0), (5, 1, 2)].flatMap { window in
          [(1, false), (2, false), (4, false), (4, true), (5, true)].map { block in
            Geometry(
              Extent(7, 6), channels, kernel: window.0, stride: window.1, padding: window.2,
              block: block.0, endsTogether: block.1, readsBlockFirst: first)
          }
        }
      }
    }

    /// Whether every byte read is still the input's with the input `distance` bytes behind the
    /// start of the output.
    func isSound(distance: Int) -> Bool {
      let origin = max(0, -distance)
      let size = order.input.count * order.inputChannels + order.output.count * order.outputChannels
      var isInput = [Bool](repeating: true, count: origin + size + abs(distance))
      var pixel = 0
      while pixel < order.output.count {
        let left = order.output.count - pixel
        let end = pixel + (left >= order.block ? order.block : order.endsTogether ? left : 1)
        let reads = (pixel..<end).flatMap(bytesRead).map { origin + distance + $0 }
        let writes = (pixel * order.outputChannels..<end * order.outputChannels).map { origin + $0 }
        if order.readsBlockFirst {
          guard reads.allSatisfy({ isInput[$0] }) else { return false }
          for byte in writes { isInput[byte] = false }
        } else {
          // Between any two bytes written, all of the block's input may be read.
          for byte in writes { isInput[byte] = false }
          guard reads.allSatisfy({ isInput[$0] }) else { return false }
        }
        pixel = end
      }
      return true
    }

    private func bytesRead(_ pixel: Int) -> [Int] {
      let y = pixel / order.output.width * order.stride.height - order.padding.height
      let x = pixel % order.output.width * order.stride.width - order.padding.width
      return (y..<y + kernel).flatMap { row in
        (x..<x + kernel).flatMap { column -> [Int] in
          guard (0..<order.input.height).contains(row), (0..<order.input.width).contains(column)
          else { return [] }
          let start = (row * order.input.width + column) * order.inputChannels
          return Array(start..<start + order.inputChannels)
        }
      }
    }
  }

  @Test(arguments: Geometry.all)
  func windowsAreReadBeforeTheyAreWrittenOver(_ geometry: Geometry) {
    guard case .trailing(let distance) = geometry.order.overlap else {
      Issue.record("a kernel of several blocks has a distance")
      return
    }
    for more in 0..<8 { #expect(geometry.isSound(distance: distance + more)) }
    // Tight: one byte closer, something is lost.
    #expect(!geometry.isSound(distance: distance - 1))
  }

  @Test func oneBlockMayLieAnywhere() {
    let order = WindowOrder(
      input: .unit, output: .unit, stride: .unit, padding: Extent(0, 0), inputChannels: 5,
      outputChannels: 9, block: 4, readsBlockFirst: true)
    #expect(order.overlap == .anywhere)
  }

  @Test func imagesAddUp() {
    let one = Overlap.trailing(distance: -3)
    #expect(one.repeated(images: 1, inputBytes: 10, outputBytes: 16) == one)
    let growing = one.repeated(images: 3, inputBytes: 10, outputBytes: 16)
    #expect(growing == .trailing(distance: 12))
    let shrinking = one.repeated(images: 3, inputBytes: 16, outputBytes: 10)
    #expect(shrinking == .trailing(distance: -3))
    #expect(
      Overlap.anywhere.repeated(images: 3, inputBytes: 16, outputBytes: 10)
        == .trailing(distance: -6))
    #expect(Overlap.multiples(of: 4).repeated(images: 2, inputBytes: 8, outputBytes: 8) == .none)
  }
}
