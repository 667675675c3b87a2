/// The order of the classes of an image folder.
struct ClassList: Sendable {
  /// By label: the name of the folder that holds the class's images.
  let folders: [String]
  /// By label: what people call the class.
  let names: [String]
  /// The file that says so; `nil` where none does.
  let path: String?

  init(folders: [String], names: [String], path: String? = nil) {
    self.folders = folders
    self.names = names
    self.path = path
  }

  /// A model's labels as a list, where each of `folders` has one of them for a name, and each label
  /// is there once; else `nil`.
  init?(_ labels: [String], of folders: Set<String>) {
    let known = Set(labels)
    guard known.count == labels.count, folders.isSubset(of: known) else { return nil }
    self.init(folders: labels, names: labels)
  }
}
