package import Tensors

/// The order of a kernel that goes over its output pixel by pixel, row after row, and writes all
/// channels of some pixels at a time.
package struct WindowOrder: Hashable, Sendable {
  package var input: Extent
  package var output: Extent
  package var stride: Extent
  package var padding: Extent
  package var inputChannels: Int
  package var outputChannels: Int
  /// How many pixels are written at a time.
  package var block: Int
  /// Whether what is left at the end is a smaller block; else it follows one by one.
  package var endsTogether: Bool
  /// Whether all input of a block has been read when the first byte of it is written.
  package var readsBlockFirst: Bool

  package init(
    input: Extent, output: Extent, stride: Extent, padding: Extent, inputChannels: Int,
    outputChannels: Int, block: Int = 1, endsTogether: Bool = false, readsBlockFirst: Bool = false
  ) {
    self.input = input
    self.output = output
    self.stride = stride
    self.padding = padding
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.block = block
    self.endsTogether = endsTogether
    self.readsBlockFirst = readsBlockFirst
  }

  /// The least distance at which no block is written over input that it or a later one needs:
  /// the most, over all blocks, of the bytes written up to its end less the first byte needed.
  package var overlap: Overlap {
    let needed = firstBytesNeeded
    var distance: Int?
    var pixel = 0
    while pixel < output.count {
      let end = blockEnd(pixel)
      let next = readsBlockFirst ? end : pixel
      if next < output.count {
        distance = max(distance ?? .min, end * outputChannels - needed[next])
      }
      pixel = end
    }
    return distance.map(Overlap.trailing) ?? .anywhere
  }

  /// Where the block that begins with `pixel` ends.
  private func blockEnd(_ pixel: Int) -> Int {
    if pixel + block <= output.count { return pixel + block }
    return endsTogether ? output.count : pixel + 1
  }

  /// For each output pixel, the first byte of the input that it or a later one reads, at least.
  private var firstBytesNeeded: [Int] {
    var least = input.count * inputChannels
    var bytes = [Int](repeating: 0, count: output.count)
    for pixel in bytes.indices.reversed() {
      let y = pixel / output.width * stride.height - padding.height
      let x = pixel % output.width * stride.width - padding.width
      if y < input.height {
        let first = max(y, 0) * input.width + min(max(x, 0), input.width)
        least = min(least, first * inputChannels)
      }
      bytes[pixel] = least
    }
    return bytes
  }
}
