/// A float model that comes with the tool: an entry of `models.json`.
struct BundledModel: Codable, Hashable, Sendable {
  let name: String
  /// The file's name in the folder of `models.json`.
  let file: String
  /// Whether commands without `--model` use it.
  let `default`: Bool
  /// Of the file, in hexadecimal.
  let sha256: String
  /// What it was trained on.
  let dataset: String
  /// NHWC.
  let inputShape: [Int]
  let parameters: Int
  let macs: Int
  /// Share of the data set's test images, measured with ONNX Runtime.
  let floatTop1: Double
  /// How many test images the shares are of.
  let testImages: Int
  /// Share after quantization with default options, as `Baselines.json` has it; `nil` where it has
  /// none.
  var int8Top1: Double?
  /// Length of the file.
  var fileBytes: Int?
}
