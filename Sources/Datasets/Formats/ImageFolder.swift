private import Files
private import Foundation

/// A folder of JPEG and PNG files: `train/CLASS/*.jpg` and `test/CLASS/*.jpg`, or `CLASS/*.jpg` for
/// every split, or images alone without labels. `val` may stand for `test`.
struct ImageFolder: RecordSource {
  let classNames: [String]
  private let files: [String]
  /// One a file; none where there are no classes.
  private let labels: [Int]

  var count: Int { files.count }
  var holdsFiles: Bool { true }

  func label(at index: Int) -> Int? { labels.isEmpty ? nil : labels[index] }

  func bytes(at index: Int) throws(DatasetError) -> [UInt8] {
    do {
      return Array(try AtomicFile.read(files[index]))
    } catch {
      throw .file(error)
    }
  }

  func image(at index: Int) throws(DatasetError) -> Image {
    let bytes = try bytes(at: index)
    do {
      return try ImageFile.decode(bytes)
    } catch {
      throw .image(path: files[index], error)
    }
  }

  /// Lists the images of the split; reads none.
  ///
  /// - Parameter classes: The order of the labels; by default that of the folders' names, those of
  ///   both splits together.
  /// - Returns: `nil` where the folder holds no images.
  init?(
    _ folder: String, split: Dataset.Split, classes: ClassList?
  ) throws(DatasetError) {
    let roots = Dataset.Split.allCases.reduce(into: [:]) { roots, split in
      roots[split] = split.folderNames.map { "\(folder)/\($0)" }.first(where: isFolder)
    }
    guard let root = roots.isEmpty ? folder : roots[split] else {
      throw .missingSplitFolder(path: folder, split: split)
    }
    let present = Set(try subfolders(root))
    if present.isEmpty {
      (files, labels, classNames) = (try images(root), [], [])
    } else {
      var known = present
      for other in roots.values { known.formUnion(try subfolders(other)) }
      let list = classes ?? ClassList(folders: known.sorted(), names: known.sorted())
      (files, labels) = try Self.labelled(root, present, list)
      classNames = list.names
    }
    if files.isEmpty { return nil }
  }

  private static func labelled(
    _ root: String, _ present: Set<String>, _ list: ClassList
  ) throws(DatasetError) -> ([String], [Int]) {
    if let unknown = present.subtracting(list.folders).min() {
      throw .unknownClass(path: "\(root)/\(unknown)", classCount: list.folders.count)
    }
    var (files, labels): ([String], [Int]) = ([], [])
    for (label, name) in list.folders.enumerated() where present.contains(name) {
      let found = try images("\(root)/\(name)")
      files += found
      labels += [Int](repeating: label, count: found.count)
    }
    return (files, labels)
  }
}

extension Dataset.Split {
  /// The folders that may hold the split.
  fileprivate var folderNames: [String] {
    switch self {
    case .train: ["train"]
    case .test: ["test", "val"]
    }
  }
}

private func isFolder(_ path: String) -> Bool {
  var isFolder: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    && isFolder.boolValue
}

private func entries(_ folder: String) throws(DatasetError) -> [String] {
  do {
    return try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { !$0.hasPrefix(".") }.sorted()
  } catch {
    throw .file(.cannotRead(path: folder, reason: error.localizedDescription))
  }
}

/// Names of the folders in `folder`.
private func subfolders(_ folder: String) throws(DatasetError) -> [String] {
  try entries(folder).filter { isFolder("\(folder)/\($0)") }
}

/// Paths of the image files in `folder`.
private func images(_ folder: String) throws(DatasetError) -> [String] {
  try entries(folder)
    .filter { ImageFile.extensions.contains(URL(filePath: $0).pathExtension.lowercased()) }
    .map { "\(folder)/\($0)" }
}
