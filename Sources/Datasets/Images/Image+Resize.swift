extension Image {
  /// The picture with other numbers of rows and columns, antialiased and bilinear: Pillow's pixels,
  /// or within 1 of them since Pillow 13 may resize down before across.
  package func resized(height newHeight: Int, width newWidth: Int) -> Image {
    let wide = newWidth == width ? self : resizedAcross(newWidth)
    return newHeight == height ? wide : wide.resizedDown(newHeight)
  }

  private func resizedAcross(_ newWidth: Int) -> Image {
    let taps = ResamplingTaps(from: width, to: newWidth)
    var result = [UInt8](repeating: 0, count: height * newWidth * channels)
    pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<height {
        for x in 0..<newWidth {
          let start = (y * width + taps.firsts[x]) * channels
          for c in 0..<channels {
            result[(y * newWidth + x) * channels + c] = Self.mix(
              pixels, from: start + c, step: channels, taps.parts[x])
          }
        }
      }
    }
    return Image(height: height, width: newWidth, channels: channels, pixels: result)
  }

  private func resizedDown(_ newHeight: Int) -> Image {
    let taps = ResamplingTaps(from: height, to: newHeight)
    let rowLength = width * channels
    var result = [UInt8](repeating: 0, count: newHeight * rowLength)
    pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<newHeight {
        for column in 0..<rowLength {
          result[y * rowLength + column] = Self.mix(
            pixels, from: taps.firsts[y] * rowLength + column, step: rowLength, taps.parts[y])
        }
      }
    }
    return Image(height: newHeight, width: width, channels: channels, pixels: result)
  }

  /// The weighted sum of every `step`-th value, rounded, ties up, and saturated.
  private static func mix(
    _ values: UnsafeBufferPointer<UInt8>, from start: Int, step: Int, _ parts: [Int32]
  ) -> UInt8 {
    // Parts sum to about 2^22 and values stay below 2^8, so the sum fits.
    var sum: Int32 = 1 << (ResamplingTaps.precision - 1)
    var position = start
    for part in parts {
      sum &+= Int32(values[position]) &* part
      position += step
    }
    return UInt8(clamping: sum >> ResamplingTaps.precision)
  }
}
