/// `channels` rounded to a multiple of 8, at least 8, and never down by more than a tenth.
///
/// Source: TensorFlow `research/slim/nets/mobilenet/mobilenet.py`, `make_divisible`.
func channelCount(_ channels: Double) -> Int {
  let rounded = max(8, Int(channels + 4) / 8 * 8)
  return Double(rounded) < 0.9 * channels ? rounded + 8 : rounded
}
