internal import Datasets
internal import NetworkGraph

/// Where images lie: what `--data` and `--classes` say.
struct DataSource {
  let path: String
  /// A file with the order of the labels.
  var classes: String?

  /// The images of `split` at the size that `graph` takes, of which `count` will be sampled, or all.
  /// Damaged image files among these are left out and named, with their number.
  func open(_ split: Dataset.Split, for graph: Graph, sampling count: Int?) throws -> Dataset {
    let classes = try classes.map { file in
      try Failure.naming(file) { try ClassListFile(path: file) }
    }
    return try Failure.naming(path) {
      let images = try DatasetReader.open(
        path, split: split, classes: classes, labels: graph.labels)
      let sampled = min(count ?? images.count, images.count)
      let readable = try images.readable(sampling: sampled) { Console.note("damaged: \($0)") }
      let skipped = images.count - readable.count
      if skipped > 0 {
        Console.note("\(path): skipped \(skipped) of \(Format.count(sampled, "image"))")
      }
      return try readable.fitted(graph.preprocessing, inputShape: graph.inputShape)
    }
  }
}
