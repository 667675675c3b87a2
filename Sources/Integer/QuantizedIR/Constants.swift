/// An array of numbers that the model file keeps as a tensor beside its JSON.
package struct Constants<Element: StoredScalar>: Hashable, Sendable {
  /// The numbers.
  package var values: [Element]

  /// Wraps `values`.
  package init(_ values: [Element]) { self.values = values }

  /// How many there are.
  package var count: Int { values.count }

  /// The number at `index`.
  package subscript(index: Int) -> Element { values[index] }
}

extension Constants: ExpressibleByArrayLiteral {
  /// `[1, 2, 3]`.
  package init(arrayLiteral elements: Element...) { self.init(elements) }
}
