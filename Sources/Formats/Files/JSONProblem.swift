internal import Foundation

/// What is wrong with JSON, in this tool's own words.
package enum JSONProblem {
  /// Where in the JSON, and what is wrong there. Errors that a type's own checks throw keep their
  /// words.
  package static func words(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    switch error {
    case .keyNotFound(let key, let context):
      return "\(place(context.codingPath)) has no '\(key.stringValue)'"
    case .typeMismatch(let type, let context):
      return "\(place(context.codingPath)) is not \(kind(of: type))"
    case .valueNotFound(let type, let context):
      return "\(place(context.codingPath)) is empty where \(kind(of: type)) belongs"
    case .dataCorrupted(let context):
      let own = context.debugDescription
      if context.codingPath.isEmpty, isFoundations(own) || context.underlyingError != nil {
        return "it is no JSON" + (offset(context).map { ": look at byte \($0)" } ?? "")
      }
      return isFoundations(own)
        ? "\(place(context.codingPath)) holds a value that is not allowed"
        : "\(place(context.codingPath)): \(own)"
    @unknown default: return "it is not as expected"
    }
  }

  /// Whether Foundation's decoder wrote `text`, and no type's own check.
  private static func isFoundations(_ text: String) -> Bool {
    [
      "The given data", "Parsed JSON", "Number ", "Expected to decode", "Unable to",
      "Cannot initialize",
    ].contains {
      text.hasPrefix($0)
    }
  }

  private static func offset(_ context: DecodingError.Context) -> Int? {
    context.underlyingError.map { $0 as NSError }?.userInfo["NSJSONSerializationErrorIndex"] as? Int
  }

  private static func place(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "the whole" }
    return "'" + path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
      + "'"
  }

  private static func kind(of type: any Any.Type) -> String {
    let name = "\(type)"
    if name.hasPrefix("Array") { return "a list" }
    if name.hasPrefix("Dictionary") { return "an object with names" }
    switch name {
    case "String": return "a text"
    case "Bool": return "true or false"
    case "Double", "Float", "Int", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32",
      "UInt64", "UInt":
      return "a number of its range"
    default: return "as expected"
    }
  }
}
