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
    var distance: Int?
    var pixel = 0
    while pixel < output.count {
      let end = blockEnd(pixel)
      let next = readsBlockFirst ? end : pixel
      if next < output.count {
        distance = max(distance ?? .min, end * outputChannels - firstByteNeeded(next))
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

  /// The first byte of the input that output pixel `pixel` or a later one reads, at least. Of the
  /// later ones it is the next in the same row, or the first of the next row.
  private func firstByteNeeded(_ pixel: Int) -> Int {
    let row = pixel / output.width
    let here = firstPixelRead(row, pixel % output.width)
    let below = row + 1 < output.height ? firstPixelRead(row + 1, 0) : input.count
    return min(here, below) * inputChannels
  }

  /// The first pixel of the input that the output pixel there reads, at least: one past the end
  /// where it reads padding below the image.
  private func firstPixelRead(_ row: Int, _ column: Int) -> Int {
    let y = row * stride.height - padding.height
    let x = column * stride.width - padding.width
    guard y < input.height else { return input.count }
    return max(y, 0) * input.width + min(max(x, 0), input.width)
  }
}
