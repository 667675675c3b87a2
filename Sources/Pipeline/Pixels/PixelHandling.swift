package import NetworkGraph
package import QuantizedIR
package import Tensors

/// What happens to pixels, and who says so.
package struct PixelHandling: Sendable {
  package var preprocessing: Preprocessing
  package var origins: PreprocessingOrigins

  package init(_ preprocessing: Preprocessing, _ origins: PreprocessingOrigins) {
    self.preprocessing = preprocessing
    self.origins = origins
  }

  /// As a float network's file, or who called for another preprocessing, says.
  package init(_ graph: Graph) { self.init(graph.preprocessing, graph.preprocessingOrigins) }

  /// As an int8 model's file says; 0...1 where it takes codes alone.
  package init(_ model: QuantizedModel) {
    if let encoding = model.pixelEncoding {
      self.init(encoding.preprocessing, PreprocessingOrigins(.quantized))
    } else if model.inputs.count > 1 {
      self.init(.none, PreprocessingOrigins())
    } else {
      self.init(.unit(channels: model.inputTensor.shape.channels), PreprocessingOrigins())
    }
  }

  /// With the parts that `other` has, too, said by whom `other` names.
  package func attributed(to other: PixelHandling) -> PixelHandling {
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

/// What a user says of pixels, in place of what the model's file says; `nil` for what it says.
package struct PixelChoices: Sendable {
  /// One number a channel.
  package var mean: [Float]?
  /// One number a channel.
  package var std: [Float]?
  /// Of the short side, or of both with `squash`.
  package var resize: Extent?
  package var crop: Extent?
  package var squash = false

  package init() {}

  private var changesSize: Bool { resize != nil || crop != nil || squash }

  /// `graph` with these in place of what its file says; several inputs are never pixels.
  package func applied(to graph: Graph) -> Graph {
    guard graph.inputs.count == 1 else { return graph }
    let pixels = applied(to: PixelHandling(graph))
    var graph = graph
    graph.preprocessing = pixels.preprocessing
    graph.preprocessingOrigins = pixels.origins
    return graph
  }

  /// `model` with these in place of what its file says.
  package func applied(to model: QuantizedModel) -> QuantizedModel {
    guard model.inputs.count == 1, mean != nil || std != nil || changesSize else { return model }
    var model = model
    model.pixelEncoding = PixelEncoding(
      preprocessing: applied(to: PixelHandling(model)).preprocessing, input: model.inputTensor)
    return model
  }

  /// `pixels` with these in place of what others say.
  func applied(to pixels: PixelHandling) -> PixelHandling {
    var pixels = pixels
    if let mean {
      pixels.preprocessing.mean = mean
      pixels.origins.mean = .commandLine
    }
    if let std {
      pixels.preprocessing.std = std
      pixels.origins.std = .commandLine
    }
    if let resize {
      pixels.preprocessing.resize = resize
      pixels.origins.resize = .commandLine
    }
    if let crop {
      pixels.preprocessing.crop = crop
      pixels.origins.crop = .commandLine
    }
    if squash { pixels.preprocessing.squash = true }
    if changesSize { pixels.preprocessing.resizesAll = true }
    return pixels
  }
}
