package import Datasets
package import Decoders
internal import Engines
internal import FloatReference
package import NetworkGraph
package import QuantizedIR
internal import Tensors

/// What a float network and the int8 model made from it see in images with objects.
///
/// The int8 side runs the packed kernels of this machine and the integers of the decoder, byte for
/// byte what firmware computes.
package struct ObjectComparison: Sendable {
  private let reference: FloatReference
  private let host: BoundModel
  private let inputs: PairedInputs
  private let finders: (float: ObjectFinder, int8: ObjectFinder)
  /// By category of the labels.
  private let classes: [Int]
  private let input: Extent
  private let task: DetectionTask

  /// Images that one task takes at a time.
  private static let partLength = 16

  /// - Throws: `ComparisonError` where the networks or the labels do not go with the task.
  package init(
    _ graph: Graph, _ model: QuantizedModel, _ task: DetectionTask, _ labels: COCOLabels
  ) throws(ComparisonError) {
    do throws(DecoderError) {
      finders = (
        try ObjectFinder(task, outputs: graph.namedOutputs, input: graph.inputShape),
        try ObjectFinder(task, model)
      )
    } catch {
      throw .decoder(model: model.name, error)
    }
    classes = try finders.int8.classes(labels: model.labels).ofCategories(labels)
    reference = FloatReference(graph)
    host = BoundModel.host(model)
    inputs = PairedInputs(graph, model)
    input = model.inputTensor.shape.extent
    self.task = task
  }

  /// Runs both networks on the images at `indices`.
  ///
  /// - Parameter progress: Called with the images done and the images in all, in order.
  package func run(
    _ images: Dataset, at indices: [Int], threads: Int, progress: (Int, Int) -> Void
  ) async throws -> ObjectResult {
    precondition(!indices.isEmpty && threads > 0)
    var result = ObjectResult(images: indices.count, task)
    try await orderedFold(count: indices.count, partLength: Self.partLength, threads: threads) {
      try self.result(images, indices[$0])
    } fold: { part, done in
      result.merge(part)
      progress(done, indices.count)
    }
    return result
  }

  /// What was found in the images at `indices`, on this thread.
  private func result(
    _ images: Dataset, _ indices: ArraySlice<Int>
  ) throws(ComparisonError) -> ObjectResult {
    var result = ObjectResult(images: indices.count, task)
    var arena = host.makeArena()
    let referenceArena = reference.makeArena()
    for index in indices {
      var labeled: (image: Image, objects: [LabeledObject])
      do throws(DatasetError) {
        labeled = try images.labeledImage(at: index)
      } catch {
        throw .dataset(error)
      }
      for object in labeled.objects.indices {
        labeled.objects[object].category = classes[labeled.objects[object].category]
      }
      let (real, codes) = try inputs(.image(labeled.image))
      let float = reference.run(real, in: referenceArena) { _, _ in }
      let int8 = arena.run(codes) { _, _ in }
      result.float.add(finders.float(float.map(Double.init)), labeled.objects, in: input)
      result.int8.add(finders.int8(int8), labeled.objects, in: input)
    }
    return result
  }
}

/// What a comparison of a float network with its int8 model found, where both see objects.
package struct ObjectResult: Hashable, Sendable {
  package let images: Int
  package internal(set) var float: ObjectScore
  package internal(set) var int8: ObjectScore

  init(images: Int, _ task: DetectionTask) {
    self.images = images
    (float, int8) = (ObjectScore(task), ObjectScore(task))
  }

  mutating func merge(_ other: ObjectResult) {
    float.merge(other.float)
    int8.merge(other.int8)
  }
}
