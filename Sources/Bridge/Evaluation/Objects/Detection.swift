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
}

/// Finds objects in the output of a network.
package enum ObjectFinder: Sendable {
  /// In real values.
  case real(RealMap)
  /// In codes, with the integers of firmware.
  case codes(MapDecoder, QuantizedTensor)

  /// More are no longer told apart by anybody; of all, these come first.
  package static let capacity = 1000

  /// For a float network.
  package init(
    _ task: DetectionTask, outputs: [NamedShape], input: Shape
  ) throws(DecoderError) {
    switch task {
    case .map(let task):
      self = .real(RealMap(try MapShape(outputs: outputs, input: input), task.threshold))
    }
  }

  /// For an int8 model.
  package init(_ task: DetectionTask, _ model: QuantizedModel) throws(DecoderError) {
    switch task {
    case .map(let task): self = .codes(try MapDecoder(task, model), model.outputTensor)
    }
  }

  /// The classes that it tells apart, under the names of a model's `labels`.
  package func classes(labels: [String]) -> ObjectClasses {
    switch self {
    case .real(let map): map.classes(labels)
    case .codes(let decoder, _):
      ObjectClasses(
        count: Int(decoder.classes), first: Int(decoder.firstClass), labels: labels)
    }
  }

  /// The objects in real values, or in those of codes, best first.
  package func callAsFunction(_ values: [Double]) -> [Detection] {
    switch self {
    case .real(let map): map.objects(values)
    case .codes(_, let tensor): self(values.map { tensor.code($0) })
    }
  }

  /// The objects in codes, best first.
  package func callAsFunction(_ codes: [Int8]) -> [Detection] {
    switch self {
    case .real: preconditionFailure("codes for a float network")
    case .codes(let decoder, let tensor):
      let (down, right) = (
        Double(decoder.inputHeight) / Double(decoder.height),
        Double(decoder.inputWidth) / Double(decoder.width)
      )
      return decoder.places(codes, capacity: Self.capacity).map { place in
        Detection(
          label: Int(place.label), score: tensor.real(Int8(place.score)), x: Double(place.x),
          y: Double(place.y), width: Double(place.right - place.left + 1) * right,
          height: Double(place.bottom - place.top + 1) * down)
      }
    }
  }
}

/// The places in a map of real values: the definition that `MapDecoder` is held to.
package struct RealMap: Sendable {
  private let shape: MapShape
  private let threshold: Double

  package init(_ shape: MapShape, _ threshold: Double) {
    self.shape = shape
    self.threshold = threshold
  }

  func classes(_ labels: [String]) -> ObjectClasses {
    ObjectClasses(count: shape.classes, first: shape.firstClass, labels: labels)
  }

  /// The places in `values`, `[H, W, classes]`, the greatest first: cells of a class that reach the
  /// threshold and touch one another by a side or a corner.
  package func objects(_ values: [Double]) -> [Detection] {
    precondition(values.count == shape.height * shape.width * shape.classes)
    let places = (shape.firstClass..<shape.classes).flatMap { label in
      var left = Set(
        (0..<shape.height * shape.width).filter {
          values[$0 * shape.classes + label] >= threshold
        })
      var places: [Detection] = []
      while let seed = left.popFirst() {
        places.append(place(of: flooded(from: seed, in: &left), label, values))
      }
      return places
    }
    return places.sorted {
      ($1.score, $0.label, $0.y - $0.height / 2, $0.x - $0.width / 2, $0.width)
        < ($0.score, $1.label, $1.y - $1.height / 2, $1.x - $1.width / 2, $1.width)
    }
  }

  /// The cell `seed` and all that hang together with it, which `left` loses.
  private func flooded(from seed: Int, in left: inout Set<Int>) -> [Int] {
    var (cells, next) = ([seed], 0)
    while next < cells.count {
      let (y, x) = cells[next].quotientAndRemainder(dividingBy: shape.width)
      next += 1
      for row in max(0, y - 1)...min(shape.height - 1, y + 1) {
        for column in max(0, x - 1)...min(shape.width - 1, x + 1) {
          let cell = row * shape.width + column
          if left.remove(cell) != nil { cells.append(cell) }
        }
      }
    }
    return cells
  }

  private func place(of cells: [Int], _ label: Int, _ values: [Double]) -> Detection {
    let (rows, columns) = (cells.map { $0 / shape.width }, cells.map { $0 % shape.width })
    let (top, bottom) = (rows.min() ?? 0, rows.max() ?? 0)
    let (left, right) = (columns.min() ?? 0, columns.max() ?? 0)
    let cell = (
      height: Double(shape.input.height) / Double(shape.height),
      width: Double(shape.input.width) / Double(shape.width)
    )
    return Detection(
      label: label, score: cells.map { values[$0 * shape.classes + label] }.max() ?? 0,
      x: Double(left + right + 1) / 2 * cell.width, y: Double(top + bottom + 1) / 2 * cell.height,
      width: Double(right - left + 1) * cell.width,
      height: Double(bottom - top + 1) * cell.height)
  }
}
