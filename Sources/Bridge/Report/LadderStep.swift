/// What quantization gives with one more of its steps.
package struct LadderStep: Hashable, Sendable {
  package var name: String
  /// How many images the shares are of.
  package var images: Int
  /// Share of the images whose label the int8 network puts first; `nil` without labels.
  package var top1: Double?
  /// Share of the images for which both networks put the same class first.
  package var agreement: Double
  /// Of the outputs, in decibels; `nil` where there is no noise.
  package var sqnrDB: Double?
  /// How long quantization took; `nil` where the page is not to say.
  package var seconds: Double?

  /// A step by its parts.
  package init(
    name: String, images: Int, top1: Double?, agreement: Double, sqnrDB: Double?,
    seconds: Double?
  ) {
    self.name = name
    self.images = images
    self.top1 = top1
    self.agreement = agreement
    self.sqnrDB = sqnrDB
    self.seconds = seconds
  }
}
