internal import Files
private import FoundationEssentials

/// A folder of JPEG and PNG files: `train/CLASS/*.jpg` and `test/CLASS/*.jpg`, or `CLASS/*.jpg` for
/// every split, or images alone without labels. `val` may stand for `test`. A folder of images that
/// is called so and lies beside other folders of images is a class.
struct ImageFolder: RecordSource {
  let classNames: [String]
  let classListPath: String?
  private let files: [String]
  /// One a file; none where there are no classes.
  private let labels: [Int]

  var count: Int { files.count }
  var holdsFiles: Bool { true }

  func label(at index: Int) -> Int? { labels.isEmpty ? nil : labels[index] }

  func bytes(at index: Int) throws(DatasetError) -> [UInt8] { try Self.bytes(files[index]) }

  func sample(at index: Int) throws(DatasetError) -> Sample {
    try Self.sample(files[index], try bytes(at: index))
  }

  /// What the file at `path` holds.
  static func bytes(_ path: String) throws(DatasetError) -> [UInt8] {
    do {
      return Array(try AtomicFile.read(path))
    } catch {
      throw .file(error)
    }
  }

  /// The picture in `bytes`, the file at `path`.
  static func sample(_ path: String, _ bytes: [UInt8]) throws(DatasetError) -> Sample {
    do {
      return .image(try ImageFile.decode(bytes))
    } catch {
      throw .image(path: path, error)
    }
  }

  /// One file, without a label; reads nothing.
  init(file: String) {
    (files, labels, classNames, classListPath) = ([file], [], [], nil)
  }

  /// Lists the images of the split; reads none.
  ///
  /// - Parameters:
  ///   - classes: The order of the labels. Without it the folder's own `classes.txt` gives it, or
  ///     `labels`, or the order of the folders' names, those of both splits together.
  ///   - labels: Names of classes in label order, which count where every folder has one of them.
  ///   - needsLabels: Whether `classes.txt` is read; the files are the same either way.
  /// - Returns: `nil` where the folder holds no images.
  init?(
    _ folder: String, split: Dataset.Split, classes: ClassListFile?, labels: [String],
    needsLabels: Bool
  ) throws(DatasetError) {
    let roots = try Self.holdsClasses(folder) ? [:] : Self.splitFolders(folder)
    guard let root = roots.isEmpty ? folder : roots[split] else {
      throw .missingSplitFolder(path: folder, split: split)
    }
    let present = Set(try subfolders(root))
    if present.isEmpty {
      (files, self.labels, classNames, classListPath) = (try images(root), [], [], nil)
    } else {
      var known = present
      for other in roots.values { known.formUnion(try subfolders(other)) }
      let file =
        if classes == nil, needsLabels { try ClassListFile(in: folder) } else { classes }
      let list =
        try file?.list(of: known) ?? ClassList(labels, of: known)
        ?? ClassList(folders: known.sorted(), names: known.sorted())
      (files, self.labels) = try Self.labelled(root, present, list)
      (classNames, classListPath) = (list.names, list.path)
    }
    if files.isEmpty { return nil }
  }

  /// The folder of each split that has one.
  private static func splitFolders(_ folder: String) -> [Dataset.Split: String] {
    Dataset.Split.allCases.reduce(into: [:]) { roots, split in
      roots[split] = split.folderNames.map { "\(folder)/\($0)" }.first(where: Folder.exists)
    }
  }

  /// Whether a folder in `folder` that is not called as a split is holds images itself.
  private static func holdsClasses(_ folder: String) throws(DatasetError) -> Bool {
    let names = Set(Dataset.Split.allCases.flatMap(\.folderNames))
    for name in try subfolders(folder) where !names.contains(name) {
      if try !images("\(folder)/\(name)").isEmpty { return true }
    }
    return false
  }

  /// The images in order of their folders' names, whatever the order of the labels: a sample of them
  /// does not depend on it.
  private static func labelled(
    _ root: String, _ present: Set<String>, _ list: ClassList
  ) throws(DatasetError) -> ([String], [Int]) {
    let labelOf = Dictionary(uniqueKeysWithValues: list.folders.enumerated().map { ($1, $0) })
    var (files, labels): ([String], [Int]) = ([], [])
    for name in present.sorted() {
      guard let label = labelOf[name] else {
        throw .unknownClass(
          list: list.path, folder: "\(root)/\(name)", classCount: list.folders.count)
      }
      let found = try images("\(root)/\(name)")
      files += found
      labels += [Int](repeating: label, count: found.count)
    }
    return (files, labels)
  }
}

extension Dataset.Split {
  /// The folders that may hold the split.
  var folderNames: [String] {
    switch self {
    case .train: ["train"]
    case .test: ["test", "val"]
    }
  }
}

private func entries(_ folder: String) throws(DatasetError) -> [String] {
  do {
    return try Folder.names(in: folder).filter { !$0.hasPrefix(".") }
  } catch {
    throw .file(error)
  }
}

/// Names of the folders in `folder`.
private func subfolders(_ folder: String) throws(DatasetError) -> [String] {
  try entries(folder).filter { Folder.exists("\(folder)/\($0)") }
}

/// Paths of the image files in `folder`.
private func images(_ folder: String) throws(DatasetError) -> [String] {
  try entries(folder)
    .filter { ImageFile.extensions.contains(URL(filePath: $0).pathExtension.lowercased()) }
    .map { "\(folder)/\($0)" }
}

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

/// A file with the order of the classes of an image folder: `--classes`, or `classes.txt` in the
/// folder.
package struct ClassListFile: Sendable {
  package let path: String
  /// By label, without blanks around.
  private let lines: [String]

  /// One class a line: the folder's name, and behind a blank the name for people where it is
  /// another. A byte order mark is skipped.
  ///
  /// - Throws: `DatasetError` for a file that cannot be read or lists nothing.
  package init(path: String) throws(DatasetError) {
    var bytes: Data
    do { bytes = try AtomicFile.read(path) } catch { throw .file(error) }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map(\.trimmed).filter { !$0.isEmpty }
    self.path = path
    guard !lines.isEmpty else { throw .classList(path: path) }
  }

  /// The list that lies in an image folder as `classes.txt`; `nil` where there is none.
  init?(in folder: String) throws(DatasetError) {
    let path = folder + "/classes.txt"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    try self.init(path: path)
  }

  /// The list for a folder that holds `folders`, whose names may have blanks: a line names the
  /// longest of them that it begins with, else its first word.
  ///
  /// - Throws: `DatasetError.classList` where a folder is named twice.
  func list(of folders: Set<String>) throws(DatasetError) -> ClassList {
    let longest = folders.map(\.count).max() ?? 0
    let classes = lines.map { line in
      // No folder's name reaches further.
      let start = line.prefix(longest + 1)
      var ends = start.indices.filter { start[$0].isWhitespace }
      if start.count <= longest { ends.append(start.endIndex) }
      let end =
        ends.last { folders.contains(String(line[..<$0])) }
        ?? line.firstIndex(where: \.isWhitespace) ?? line.endIndex
      let name = line[end...].trimmed
      return (folder: String(line[..<end]), name: name)
    }
    guard Set(classes.map(\.folder)).count == classes.count else { throw .classList(path: path) }
    return ClassList(
      folders: classes.map(\.folder), names: classes.map { $0.name.isEmpty ? $0.folder : $0.name },
      path: path)
  }
}
