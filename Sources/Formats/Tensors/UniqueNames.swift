/// Hands out each name once.
package struct UniqueNames: Sendable {
  private var taken: Set<String> = []

  /// Nothing has been handed out.
  package init() {}

  /// `name`, or the first of `name_1`, `name_2` and so on that has not been handed out;
  /// `tensor` stands for an empty one.
  package mutating func unique(_ name: String) -> String {
    let name = name.isEmpty ? "tensor" : name
    var candidate = name
    var count = 0
    while !taken.insert(candidate).inserted {
      count += 1
      candidate = "\(name)_\(count)"
    }
    return candidate
  }
}
