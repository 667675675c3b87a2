package import Datasets
package import Decoders
package import QuantizedIR
package import Tensors

/// An object that a network sees, in pixels of its input.
package struct Detection: Hashable, Sendable {
  /// The class, as the network's output counts them.
  package var label: Int
  /// In the real units of the output: probabilities, as a rule.
  package var score: Double
  /// The center.
  package var x: Double
  package var y: Double
  package var width: Double
  package var height: Double

  /// An object by its parts.
  package init(
    label: Int, score: Double, x: Double, y: Double, width: Double, height: Double
  ) {
    self.label = label
    self.score = score
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

/// Finds objects in the outputs of a network, which follow one another.
package enum ObjectFinder: Sendable {
  /// In real values.
  case realMap(RealMap)
  case realBoxes(RealBoxes, DetectorOutputs)
  /// In codes, with the integers of firmware.
  case map(MapDecoder, QuantizedTensor)
  case boxes(BoxDecoder, DetectorOutputs)

  /// More are no longer told apart by anybody; of all, these come first.
  package static let capacity = 1000

  /// For a float network.
  package init(
    _ task: DetectionTask, outputs: [NamedShape], input: Shape
  ) throws(DecoderError) {
    switch task {
    case .map(let task):
      self = .realMap(RealMap(try MapShape(outputs: outputs, input: input), task.threshold))
    case .boxes(let task):
      let shape = try BoxShape(task, outputs: outputs.map(\.shape))
      self = .realBoxes(
        RealBoxes(task, shape), DetectorOutputs(outputs.map(\.shape), shape, input, tensors: []))
    }
  }

  /// For an int8 model.
  package init(_ task: DetectionTask, _ model: QuantizedModel) throws(DecoderError) {
    switch try Decoder(task, model) {
    case .map(let decoder): self = .map(decoder, model.outputTensor)
    case .boxes(let decoder):
      let tensors = model.outputs.map { model.tensors[$0] }
      self = .boxes(
        decoder,
        DetectorOutputs(
          tensors.map(\.shape), decoder.shape, model.inputTensor.shape, tensors: tensors))
    }
  }

  /// The classes that it tells apart, under the names of a model's `labels`.
  package func classes(labels: [String]) -> ObjectClasses {
    switch self {
    case .realMap(let map): map.classes(labels)
    case .map(let map, _):
      ObjectClasses(count: Int(map.classes), first: Int(map.firstClass), labels: labels)
    case .realBoxes(_, let outputs), .boxes(_, let outputs):
      ObjectClasses(
        count: outputs.shape.classes, first: outputs.shape.firstClass, labels: labels)
    }
  }

  /// The objects in real values, or in those of codes, best first.
  package func callAsFunction(_ values: [Double]) -> [Detection] {
    switch self {
    case .realMap(let map): map.objects(values)
    case .realBoxes(let boxes, let outputs):
      boxes.objects(
        moves: Array(values[outputs.moves]), scores: Array(values[outputs.scores]),
        capacity: Self.capacity
      ).map {
        outputs.detection($0.label, $0.score, ($0.left, $0.right), ($0.top, $0.bottom))
      }
    case .map(_, let tensor): self(values.map { tensor.code($0) })
    case .boxes(_, let outputs): self(outputs.codes(values))
    }
  }

  /// The objects in codes, best first.
  package func callAsFunction(_ codes: [Int8]) -> [Detection] {
    switch self {
    case .realMap, .realBoxes: preconditionFailure("codes for a float network")
    case .map(let decoder, let tensor):
      let down = Double(decoder.inputHeight) / Double(decoder.height)
      let right = Double(decoder.inputWidth) / Double(decoder.width)
      return decoder.places(codes, capacity: Self.capacity).map { place in
        Detection(
          label: Int(place.label), score: tensor.real(Int8(place.score)), x: Double(place.x),
          y: Double(place.y), width: Double(place.right - place.left + 1) * right,
          height: Double(place.bottom - place.top + 1) * down)
      }
    case .boxes(let decoder, let outputs):
      func real(_ place: Int32) -> Double { Double(place) / Double(BoxDecoder.one) }
      return decoder.boxes(
        moves: Array(codes[outputs.moves]), codes: Array(codes[outputs.scores]),
        capacity: Self.capacity
      ).map { box in
        outputs.detection(
          Int(box.label), Double(box.score) / Double(BoxDecoder.scoreOne),
          (real(box.left), real(box.right)), (real(box.top), real(box.bottom)))
      }
    }
  }
}

/// Where a detector's two outputs are among the values of both, and what its input is like.
package struct DetectorOutputs: Sendable {
  let shape: BoxShape
  let moves: Range<Int>
  let scores: Range<Int>
  private let input: Extent
  /// Of an int8 model, in the order of its outputs.
  private let tensors: [QuantizedTensor]

  init(_ shapes: [Shape], _ shape: BoxShape, _ input: Shape, tensors: [QuantizedTensor]) {
    self.shape = shape
    self.input = input.extent
    self.tensors = tensors
    let (first, all) = (shapes[0].count, shapes[0].count + shapes[1].count)
    let ranges = [0..<first, first..<all]
    (moves, scores) = (ranges[shape.moves], ranges[shape.scores])
  }

  /// The codes of real values.
  func codes(_ values: [Double]) -> [Int8] {
    values.indices.map { index in
      let position = moves.contains(index) ? shape.moves : shape.scores
      return tensors[position].code(values[index])
    }
  }

  /// An object in pixels, from places in sides of the input.
  func detection(
    _ label: Int, _ score: Double, _ across: (Double, Double), _ down: (Double, Double)
  ) -> Detection {
    let (width, height) = (Double(input.width), Double(input.height))
    return Detection(
      label: label, score: score, x: (across.0 + across.1) / 2 * width,
      y: (down.0 + down.1) / 2 * height, width: (across.1 - across.0) * width,
      height: (down.1 - down.0) * height)
  }
}

/// What a network calls the classes of the objects that it sees.
package struct ObjectClasses: Hashable, Sendable {
  /// How many values a cell or a box has.
  package let count: Int
  /// 1 behind a background, 0 without.
  package let first: Int
  /// By class, from `first` on; `nil` where nobody names them.
  private let names: [String]?

  /// - Parameter labels: What a model calls its classes, with the background or without; those of
  ///   another number name nothing.
  package init(count: Int, first: Int, labels: [String]) {
    self.count = count
    self.first = first
    names =
      labels.count == count
      ? Array(labels.dropFirst(first))
      : labels.count == count - first ? labels : nil
  }

  /// The name of the class `label`.
  package func name(_ label: Int) -> String {
    names.flatMap { $0.indices.contains(label - first) ? $0[label - first] : nil }
      ?? "class \(label)"
  }

  /// The class of each category of `labels`, as the network counts them: the one of its name; where
  /// the network names none, the one that comes as far behind the background as the category in the
  /// order of numbers, if there are as many of either, else the one of its number.
  ///
  /// - Throws: `ComparisonError.category` for a category that the network has no class for.
  package func ofCategories(_ labels: COCOLabels) throws(ComparisonError) -> [Int] {
    let categories = labels.categories
    var classes: [Int] = []
    for (position, category) in categories.enumerated() {
      let found: Int?
      if let names {
        found = names.firstIndex(of: category.name).map { $0 + first }
      } else if categories.count == count - first {
        found = first + position
      } else {
        found = (first..<max(first, count)).contains(category.id) ? category.id : nil
      }
      // Tools list categories that nothing is of, such as the name of all of them together.
      guard let found = found ?? (labels.uses(position) ? nil : -1) else {
        throw .category(
          path: labels.path, category.name, classes: names ?? (first..<count).map { "\($0)" })
      }
      classes.append(found)
    }
    return classes
  }
}
