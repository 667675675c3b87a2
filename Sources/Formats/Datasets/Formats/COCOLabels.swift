internal import Files
private import FoundationEssentials

/// Which objects are where in which images, as COCO's JSON says it: `images`, `annotations` with
/// `bbox`, and `categories`. What else a file holds does not matter here.
///
/// Source: https://cocodataset.org/#format-data.
package struct COCOLabels: Sendable {
  package let path: String
  /// In the order of their numbers.
  package let categories: [Category]
  /// In the file's order.
  let images: [(file: String, objects: [LabeledObject])]

  /// Whether an object is of the category at `position`.
  package func uses(_ position: Int) -> Bool {
    images.contains { $0.objects.contains { $0.category == position } }
  }

  /// A kind of object.
  package struct Category: Hashable, Sendable {
    /// The file's own number.
    package let id: Int
    package let name: String
  }

  /// Reads the file at `path`.
  ///
  /// - Throws: `DatasetError` where it is missing or no such JSON, and where an annotation is of an
  ///   image or a category that the file does not list, or has a box that is none.
  package init(path: String) throws(DatasetError) {
    let bytes: Data
    do { bytes = try AtomicFile.read(path) } catch { throw .file(error) }
    let content: Content
    do {
      content = try JSONDecoder().decode(Content.self, from: bytes)
    } catch {
      throw .objects(path: path, .json(JSONProblem.words(error)))
    }
    do throws(ObjectsProblem) {
      (categories, images) = try content.checked()
    } catch {
      throw .objects(path: path, error)
    }
    self.path = path
  }

  /// The file as it is.
  private struct Content: Decodable {
    let images: [Image]
    let annotations: [Annotation]
    let categories: [CategoryEntry]

    struct Image: Decodable {
      let id: Int
      let file_name: String
    }

    struct CategoryEntry: Decodable {
      let id: Int
      let name: String
    }

    struct Annotation: Decodable {
      let id: Int?
      let image_id: Int
      let category_id: Int
      /// Left, top, width, height in pixels of the image.
      let bbox: [Double]
      let iscrowd: Int?
    }

    func checked() throws(ObjectsProblem) -> (
      [Category], [(file: String, objects: [LabeledObject])]
    ) {
      guard !images.isEmpty else { throw .noImages }
      let sorted = categories.sorted { $0.id < $1.id }.map { Category(id: $0.id, name: $0.name) }
      if let twice = firstTwice(sorted.map(\.id)) { throw .twice("category", id: twice) }
      if let twice = firstTwice(images.map(\.id)) { throw .twice("image", id: twice) }
      let category = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1.id, $0) })
      var objects = Dictionary(uniqueKeysWithValues: images.map { ($0.id, [LabeledObject]()) })
      for (position, annotation) in annotations.enumerated() {
        let number = annotation.id ?? position
        guard objects[annotation.image_id] != nil else {
          throw .unknownImage(annotation: number, id: annotation.image_id)
        }
        guard let category = category[annotation.category_id] else {
          throw .unknownCategory(annotation: number, id: annotation.category_id)
        }
        let box = annotation.bbox
        // Beyond this, products of sides are no longer exact.
        guard box.count == 4, box.allSatisfy({ abs($0) <= 1e7 }), box[2] >= 0, box[3] >= 0 else {
          throw .box(annotation: number, box)
        }
        objects[annotation.image_id]?.append(
          LabeledObject(
            category: category, left: box[0], top: box[1], width: box[2], height: box[3],
            isCrowd: annotation.iscrowd == 1))
      }
      return (sorted, images.map { ($0.file_name, objects[$0.id] ?? []) })
    }

    private func firstTwice(_ ids: [Int]) -> Int? {
      var known: Set<Int> = []
      return ids.first { !known.insert($0).inserted }
    }
  }
}

/// An object in an image.
package struct LabeledObject: Hashable, Sendable {
  /// Its position among the labels' categories.
  package var category: Int
  /// In pixels. A box may reach beyond its image, and have no area.
  package var left: Double
  package var top: Double
  package var width: Double
  package var height: Double
  /// Whether it stands for a number of objects that nobody told apart.
  package var isCrowd: Bool

  package init(
    category: Int, left: Double, top: Double, width: Double, height: Double, isCrowd: Bool = false
  ) {
    self.category = category
    self.left = left
    self.top = top
    self.width = width
    self.height = height
    self.isCrowd = isCrowd
  }
}

/// What is wrong with labels of objects.
package enum ObjectsProblem: Error, Hashable {
  /// In words of `JSONProblem`.
  case json(String)
  case noImages
  case unknownImage(annotation: Int, id: Int)
  case unknownCategory(annotation: Int, id: Int)
  /// Not four finite numbers, or a negative side.
  case box(annotation: Int, [Double])
  /// Two entries of the kind `what` have one number.
  case twice(String, id: Int)
  /// An image that is listed and not there.
  case missingImage(String)
}

extension ObjectsProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .json(let words):
      "\(words); expected COCO's JSON, an object with images, annotations and categories"
    case .noImages: "lists no images; expected at least one"
    case .unknownImage(let annotation, let id):
      "annotation \(annotation) is of image \(id), which 'images' does not list; add it there, or "
        + "remove the annotation"
    case .unknownCategory(let annotation, let id):
      "annotation \(annotation) is of category \(id), which 'categories' does not list; add it there"
    case .box(let annotation, let box):
      "annotation \(annotation) has the bbox \(box); expected left, top, width and height in pixels, "
        + "no side negative"
    case .twice(let what, let id): "two of its \(what) entries have the id \(id); give each its own"
    case .missingImage(let file):
      "lists the image \(file), which is not in the folder; name the folder that holds it with --data"
    }
  }
}

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
