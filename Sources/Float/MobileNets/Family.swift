/// The published networks. The raw value is the command-line spelling.
package enum Family: String, CaseIterable, Sendable {
  case v1 = "mobilenet-v1"
  /// V1 with eight blocks for 32 x 32 images.
  case v1Small = "mobilenet-v1-small"
  case v2 = "mobilenet-v2"
  case v3Large = "mobilenet-v3-large"
  case v3Small = "mobilenet-v3-small"

  var isV1: Bool { self == .v1 || self == .v1Small }
  var isV3: Bool { self == .v3Large || self == .v3Small }
}
