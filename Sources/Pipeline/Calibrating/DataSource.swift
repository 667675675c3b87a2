package import Datasets
internal import FoundationEssentials
package import NetworkGraph

/// Where images lie: a path, and what gives the order of their classes.
package struct DataSource: Sendable {
  /// CIFAR-10's binary files, a folder of pictures, or an `.npy` file; for a network with several
  /// inputs a folder with a `NAME.npy` for each.
  package let path: String
  /// A file with the order of the labels; `nil` for the folder's own or the model's.
  package let classes: String?

  package init(path: String, classes: String? = nil) {
    self.path = path
    self.classes = classes
  }
}

extension Pipeline {
  /// The images of `split` at the size that `graph` takes, of which `count` will be sampled, or all.
  /// Damaged image files among these are left out and told of, with their number.
  package func images(
    _ source: DataSource, _ split: Dataset.Split, for graph: Graph, sampling count: Int? = nil
  ) throws(PipelineError) -> Dataset {
    guard graph.inputs.count == 1 else {
      return try PipelineError.naming(source.path) {
        try DatasetReader.open(source.path, split: split, inputs: graph.namedInputs)
      }
    }
    let images = try images(source, split, labels: graph.labels, sampling: count)
    return try PipelineError.naming(source.path) {
      try images.fitted(graph.preprocessing, inputShape: graph.inputShape)
    }
  }

  /// As `images(_:_:for:sampling:)`, as they are stored.
  ///
  /// - Parameter labels: What a model calls its classes.
  func images(
    _ source: DataSource, _ split: Dataset.Split, labels: [String] = [], sampling count: Int? = nil
  ) throws(PipelineError) -> Dataset {
    let classes: ClassListFile?
    if let file = source.classes {
      classes = try PipelineError.naming(file) { try ClassListFile(path: file) }
    } else {
      classes = nil
    }
    return try PipelineError.naming(source.path) {
      let images = try DatasetReader.open(
        source.path, split: split, classes: classes, labels: labels)
      return try readable(images, sampling: count)
    }
  }

  /// `images` without the damaged ones among `count` of them, or all.
  func readable(_ images: Dataset, sampling count: Int?) throws(DatasetError) -> Dataset {
    let sampled = min(count ?? images.count, images.count)
    let readable = try images.readable(sampling: sampled) { tell(.damaged($0)) }
    let skipped = images.count - readable.count
    if skipped > 0 { tell(.skipped(path: images.path, skipped, of: sampled)) }
    return readable
  }

  /// The folder of the built-in data in `folder`, drawn there unless it is there already.
  package func builtInData(in folder: String) throws(PipelineError) -> String {
    let data = "\(folder)/\(BuiltInDataset.folderName)"
    // This file is written last.
    if !FileManager.default.fileExists(atPath: data + "/batches.meta.txt") {
      tell(.drawing(folder: data))
      try PipelineError.naming(data) { try BuiltInDataset().write(to: data) }
    }
    return data
  }
}

extension BuiltInDataset {
  /// The data set's name, in `models.json` too.
  fileprivate static let folderName = "shapes"
}

extension ModelLibrary {
  /// The model that was trained on the built-in data.
  package func forBuiltInData() throws(PipelineError) -> BundledModel {
    guard let model = models.first(where: { $0.dataset == BuiltInDataset.folderName }) else {
      throw .model(.noneForBuiltInData)
    }
    return model
  }
}
