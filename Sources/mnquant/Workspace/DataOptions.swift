internal import ArgumentParser
internal import Datasets
internal import NetworkGraph

/// `--data` and what belongs to it.
struct DataOptions: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "The images: CIFAR-10's binary files, class folders of JPEG or PNG files, or an .npy file.",
      valueName: "dir"))
  var path: String

  @Option(
    help: ArgumentHelp(
      "The order of the labels of class folders: one folder's name a line.", valueName: "file"))
  var classes: String?

  /// The images of `split` at the size that `graph` takes, of which `count` will be sampled, or all.
  /// Damaged image files among these are left out, with a note.
  func open(_ split: Dataset.Split, for graph: Graph, sampling count: Int?) throws -> Dataset {
    let classes = try classes.map { file in
      try Failure.naming(file) { try ClassList(path: file) }
    }
    return try Failure.naming(path) {
      let images = try DatasetReader.open(path, split: split, classes: classes)
      return try images.readable(sampling: count ?? images.count) {
        Console.note("skipped: \($0)")
      }.fitted(graph.preprocessing, inputShape: graph.inputShape)
    }
  }
}
