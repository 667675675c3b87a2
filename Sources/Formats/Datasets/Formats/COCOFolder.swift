internal import Files
private import Foundation

/// Pictures that a file in COCO's JSON lists, with the objects in them.
struct COCOFolder: RecordSource {
  private let files: [String]
  private let objects: [[LabeledObject]]

  var count: Int { files.count }
  var holdsFiles: Bool { true }
  var classNames: [String] { [] }

  func label(at index: Int) -> Int? { nil }
  func objects(at index: Int) -> [LabeledObject] { objects[index] }
  func bytes(at index: Int) throws(DatasetError) -> [UInt8] { try ImageFolder.bytes(files[index]) }

  func sample(at index: Int) throws(DatasetError) -> Sample {
    try ImageFolder.sample(files[index], try bytes(at: index))
  }

  /// Where files called `name` of a split are looked for: beside the labels, in the folder, and in
  /// its folder of that split.
  private static func places(_ folder: String, _ split: Dataset.Split) -> [String] {
    [folder] + (split.folderNames + [split == .train ? "train" : "valid"]).map { "\(folder)/\($0)" }
  }

  /// The labels that lie in `folder` as tools that export COCO's JSON call them; `nil` where there
  /// are none.
  static func labels(in folder: String, _ split: Dataset.Split) -> String? {
    places(folder, split).flatMap { place in
      ["_annotations.coco.json", "annotations.json"].map { "\(place)/\($0)" }
    }.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// Looks for the images that `labels` list; reads none.
  ///
  /// - Throws: `DatasetError.objects` where one is not there.
  init(_ folder: String, split: Dataset.Split, _ labels: COCOLabels) throws(DatasetError) {
    let beside = URL(filePath: labels.path).deletingLastPathComponent().path
    let places = Self.places(folder, split) + [beside]
    var files: [String] = []
    for image in labels.images {
      let found = places.lazy.map { "\($0)/\(image.file)" }
        .first { FileManager.default.fileExists(atPath: $0) }
      guard let found else {
        throw .objects(path: labels.path, .missingImage(image.file))
      }
      files.append(found)
    }
    self.files = files
    objects = labels.images.map(\.objects)
  }
}
