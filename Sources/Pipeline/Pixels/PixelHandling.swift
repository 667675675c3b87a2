internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// What happens to pixels, and who says so.
struct PixelHandling {
  var preprocessing: Preprocessing
  var origins: PreprocessingOrigins

  init(_ preprocessing: Preprocessing, _ origins: PreprocessingOrigins) {
    self.preprocessing = preprocessing
    self.origins = origins
  }

  /// As a float network's file, or who called for another preprocessing, says.
  init(_ graph: Graph) { self.init(graph.preprocessing, graph.preprocessingOrigins) }

  /// As an int8 model's file says; 0...1 where it takes codes alone.
  init(_ model: QuantizedModel) {
    if let encoding = model.pixelEncoding {
      self.init(encoding.preprocessing, PreprocessingOrigins(.quantized))
    } else {
      self.init(.unit(channels: model.inputTensor.shape.channels), PreprocessingOrigins())
    }
  }

  /// With the parts that `other` has, too, said by whom `other` names.
  func attributed(to other: PixelHandling) -> PixelHandling {
    var result = self
    let (mine, theirs) = (preprocessing, other.preprocessing)
    if mine.mean == theirs.mean { result.origins.mean = other.origins.mean }
    if mine.std == theirs.std { result.origins.std = other.origins.std }
    if mine.resize == theirs.resize, mine.squash == theirs.squash {
      result.origins.resize = other.origins.resize
    }
    if mine.crop == theirs.crop { result.origins.crop = other.origins.crop }
    return result
  }
}
