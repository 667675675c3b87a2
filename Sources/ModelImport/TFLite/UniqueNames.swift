/// Hands out each name once.
struct UniqueNames {
  private var taken: Set<String> = []

  /// `name`, or the first of `name_1`, `name_2` and so on that has not been handed out.
  mutating func unique(_ name: String) -> String {
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
