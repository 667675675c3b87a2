/// The names under which a file keeps the tensors of one layer.
struct LayerNames {
  /// The prefix of kernel and bias.
  let convolution: String
  /// The prefix of the batch normalization's four tensors.
  let normalization: String

  init(_ convolution: String, _ normalization: String = "") {
    self.convolution = convolution
    self.normalization = normalization
  }
}
