/// One record of a data set: a picture, or what a network takes as it is.
package enum Sample: Hashable, Sendable {
  case image(Image)
  /// NHWC, preprocessed.
  case values([Float])
}
