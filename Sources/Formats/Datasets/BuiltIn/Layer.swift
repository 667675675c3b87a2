/// One painted shape of a scene: where it lies, how it is turned and stretched, and its paint.
struct Layer: Sendable {
  let silhouette: Silhouette
  /// Pixels from the middle of the image.
  let center: Point
  let texture: Texture
  /// The shape lies within this many pixels of its center.
  let reach: Double
  /// The shape's own axes, each divided by the pixels that a length of 1 spans along it.
  private let xAxis: Point
  private let yAxis: Point

  /// Places a shape with its `x` axis along a unit vector.
  ///
  /// `extent` is the pixels that a length of 1 spans along the shape's own two axes.
  init(_ silhouette: Silhouette, at center: Point, facing: Point, extent: Point, texture: Texture) {
    self.silhouette = silhouette
    self.center = center
    self.texture = texture
    reach = Silhouette.reach * max(extent.x, extent.y)
    xAxis = facing / extent.x
    yAxis = Point(-facing.y, facing.x) / extent.y
  }

  /// Whether the layer covers a point, in pixels from the middle of the image.
  func contains(_ p: Point) -> Bool {
    let offset = p - center
    let local = Point(offset.along(xAxis), offset.along(yAxis))
    return max(abs(local.x), abs(local.y)) <= Silhouette.reach && silhouette.contains(local)
  }
}
