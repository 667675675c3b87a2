internal import Pipeline

extension Ranking {
  /// `cat 91.20%, dog 5.03%`.
  var line: String {
    top.map { "\($0.label ?? "class \($0.class)") \(Format.percent($0.probability))" }
      .joined(separator: ", ")
  }
}
