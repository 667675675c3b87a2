/// A float model that comes with the tool: an entry of `models.json`.
package struct BundledModel: Codable, Hashable, Sendable {
  package let name: String
  /// The file's name in the folder of `models.json`.
  package let file: String
  /// Whether commands without `--model` use it.
  package let `default`: Bool
  /// Of the file, in hexadecimal.
  package let sha256: String
  /// What it was trained on.
  package let dataset: String
  /// NHWC.
  package let inputShape: [Int]
  package let parameters: Int
  package let macs: Int
  /// Share of the data set's test images, measured with ONNX Runtime.
  package let floatTop1: Double
  /// How many test images the shares are of.
  package let testImages: Int
  /// Share after quantization with default options, as `Baselines.json` has it; `nil` where it has
  /// none.
  package var int8Top1: Double?
  /// Length of the file.
  package var fileBytes: Int?
}
