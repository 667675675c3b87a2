internal import ArgumentParser
internal import Pipeline

/// `--data` and what belongs to it.
struct DataOptions: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "The images: CIFAR-10's binary files, class folders of JPEG or PNG files, or an .npy file.",
      discussion: """
        In .npy, uint8 is pictures of [N, H, W, C], float32 is preprocessed inputs; labels, if any, \
        are in NAME.labels.npy beside NAME.npy.
        """,
      valueName: "dir"))
  var path: String

  @Option(
    help: ArgumentHelp(
      "The order of the labels of class folders: one folder's name a line.",
      discussion: """
        Default: classes.txt in the folder; the model's labels, where folders are called so; else \
        the order of the folders' names.
        """,
      valueName: "file"))
  var classes: String?

  /// What both say.
  var source: DataSource { DataSource(path: path, classes: classes) }
}
