extension PackedConvolution {
  /// The weights of `mnq_conv2d_dsp`: for each two output channels, kernel row by kernel row, words
  /// of two taps, of which each halfword is `low + 256 * high` of the two channels.
  ///
  /// - Parameter rows: The weights of each output channel.
  static func dspWords(_ rows: [ArraySlice<Int8>], kernelRows: Int) -> [Int32] {
    let order = pairs(rows: kernelRows, length: (rows.first?.count ?? 0) / kernelRows)
    return stride(from: 0, to: rows.count, by: 2).flatMap { index in
      order.map { word($0, low: rows[index], high: rows.dropFirst(index + 1).first) }
    }
  }

  /// The taps that meet in one word: each kernel row by itself, as 0 2, 1 3, 4 6, 5 7, …, and the
  /// last one to three in order; `nil` beside the last of an odd number.
  private static func pairs(rows: Int, length: Int) -> [(Int, Int?)] {
    (0..<rows).flatMap { row -> [(Int, Int?)] in
      let start = row * length
      let whole = length / 4 * 4
      let fours = stride(from: start, to: start + whole, by: 4).flatMap { tap -> [(Int, Int?)] in
        [(tap, tap + 2), (tap + 1, tap + 3)]
      }
      let end = start + length
      return fours
        + stride(from: start + whole, to: end, by: 2).map { ($0, $0 + 1 < end ? $0 + 1 : nil) }
    }
  }

  private static func word(
    _ taps: (Int, Int?), low: ArraySlice<Int8>, high: ArraySlice<Int8>?
  ) -> Int32 {
    func halfword(_ tap: Int?) -> Int32 {
      guard let tap else { return 0 }
      let upper = high.map { Int32($0[$0.startIndex + tap]) } ?? 0
      return 256 * upper + Int32(low[low.startIndex + tap])
    }
    return halfword(taps.1) << 16 | halfword(taps.0) & 0xFFFF
  }
}
