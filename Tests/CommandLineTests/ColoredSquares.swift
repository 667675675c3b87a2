import Foundation
import ModelExport
import NetworkGraph
import Tensors
import TestSupport

/// Red and green squares on black, and a network with known weights that finds them: a map of cells
/// of 8 x 8 pixels with the probabilities of background, red and green.
struct ColoredSquares {
  static let height = 48
  static let width = 64
  static let labels = ["background", "red", "green"]

  /// A square that fills cells.
  struct Square {
    /// 1 red, 2 green.
    let label: Int
    /// In cells.
    let x: Int
    let y: Int
    var size = 1
  }

  /// What is in each picture. No squares of one color touch.
  static let pictures: [[Square]] = [
    [Square(label: 1, x: 0, y: 0), Square(label: 2, x: 5, y: 2)],
    [Square(label: 1, x: 3, y: 1, size: 2), Square(label: 1, x: 6, y: 4)],
    [Square(label: 2, x: 1, y: 3, size: 3), Square(label: 1, x: 4, y: 3)],
    [],
    [Square(label: 2, x: 7, y: 5), Square(label: 2, x: 0, y: 5), Square(label: 1, x: 4, y: 0)],
  ]

  /// A file of the network, whose softmax is nearly sure of every cell.
  static func network() throws -> Data {
    var graph = Graph(
      name: "squares", preprocessing: Preprocessing(mean: [0, 0, 0], std: [1, 1, 1]))
    let input = graph.addTensor("image", Shape(height: height, width: width, channels: 3))
    let pool = Operator.Pool(kernel: Extent(8, 8), stride: Extent(8, 8))
    let cells = try graph.add("cells", .averagePool(pool), input)
    let weights: [Float] = [-12, -12, 0, 12, -12, 0, -12, 12, 0]
    let colors = try graph.add(
      "colors",
      .conv2D(
        Operator.Conv2D(
          weights: weights, bias: [6, -6, -6], kernel: .unit, inputChannels: 3, outputChannels: 3)),
      cells)
    graph.output = try graph.add("map", .softmax, colors)
    graph.labels = labels
    return try FloatONNXExporter.file(graph)
  }

  /// The picture number `index`, as a PNG file.
  static func picture(_ index: Int) -> [UInt8] {
    let rows = (0..<height).map { row in
      (0..<width).flatMap { column -> [UInt8] in
        let square = pictures[index].first {
          ($0.x..<$0.x + $0.size).contains(column / 8) && ($0.y..<$0.y + $0.size).contains(row / 8)
        }
        return [square?.label == 1 ? 255 : 0, square?.label == 2 ? 255 : 0, 0]
      }
    }
    return PNG(width: width, height: height, color: 2, rows: rows).bytes
  }

  /// The labels in COCO's JSON, after `change`.
  static func annotations(_ change: (inout [[String: Any]]) -> Void = { _ in }) throws -> Data {
    var annotations: [[String: Any]] = []
    for (image, squares) in pictures.enumerated() {
      for square in squares {
        let side = 8 * square.size
        annotations.append([
          "id": annotations.count + 1, "image_id": image + 1, "category_id": 10 * square.label,
          "bbox": [8 * square.x, 8 * square.y, side, side], "area": side * side, "iscrowd": 0,
        ])
      }
    }
    change(&annotations)
    return try JSONSerialization.data(
      withJSONObject: [
        "images": pictures.indices.map {
          ["id": $0 + 1, "file_name": "\($0).png", "width": width, "height": height]
        },
        "annotations": annotations,
        "categories": [["id": 10, "name": "red"], ["id": 20, "name": "green"]],
      ] as [String: Any])
  }

  /// Writes `squares.onnx`, and pictures with labels in `data`.
  static func write(to folder: TemporaryFolder) throws {
    try folder.write(try network(), to: "squares.onnx")
    for index in pictures.indices { try folder.write(picture(index), to: "data/\(index).png") }
    try folder.write(try annotations(), to: "data/_annotations.coco.json")
  }
}
