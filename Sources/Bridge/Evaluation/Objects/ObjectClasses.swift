package import Datasets

/// What a network calls the classes of the objects that it sees.
package struct ObjectClasses: Hashable, Sendable {
  /// How many values a cell or a box has.
  package let count: Int
  /// 1 behind a background, 0 without.
  package let first: Int
  /// By class, from `first` on; `nil` where nobody names them.
  private let names: [String]?

  /// - Parameter labels: What a model calls its classes, with the background or without; those of
  ///   another number name nothing.
  package init(count: Int, first: Int, labels: [String]) {
    self.count = count
    self.first = first
    names =
      labels.count == count
      ? Array(labels.dropFirst(first))
      : labels.count == count - first ? labels : nil
  }

  /// The name of the class `label`.
  package func name(_ label: Int) -> String {
    names.flatMap { $0.indices.contains(label - first) ? $0[label - first] : nil }
      ?? "class \(label)"
  }

  /// The class of each category of `labels`, as the network counts them: the one of its name; where
  /// the network names none, the one that comes as far behind the background as the category in the
  /// order of numbers, if there are as many of either, else the one of its number.
  ///
  /// - Throws: `ComparisonError.category` for a category that the network has no class for.
  package func ofCategories(_ labels: COCOLabels) throws(ComparisonError) -> [Int] {
    let categories = labels.categories
    var classes: [Int] = []
    for (position, category) in categories.enumerated() {
      let found: Int?
      if let names {
        found = names.firstIndex(of: category.name).map { $0 + first }
      } else if categories.count == count - first {
        found = first + position
      } else {
        found = (first..<max(first, count)).contains(category.id) ? category.id : nil
      }
      // Tools list categories that nothing is of, such as the name of all of them together.
      guard let found = found ?? (labels.uses(position) ? nil : -1) else {
        throw .category(
          path: labels.path, category.name, classes: names ?? (first..<count).map { "\($0)" })
      }
      classes.append(found)
    }
    return classes
  }
}
