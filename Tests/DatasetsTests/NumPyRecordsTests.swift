import Datasets
import Files
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct NumPyRecordsTests {
  private func open(_ file: Data, _ body: (Dataset) throws -> Void) throws {
    try withTemporaryFolder { url in
      let folder = url.path
      let path = folder + "/pictures.npy"
      try file.write(to: URL(filePath: path))
      try body(DatasetReader.open(path, split: .test))
    }
  }

  @Test func picturesAreRows() throws {
    let pixels = (0..<2 * 3 * 4 * 3).map { UInt8($0) }
    try open(NumPyArray(pixels, shape: [2, 3, 4, 3]).file()) { dataset in
      #expect(dataset.count == 2 && dataset.name == "pictures" && dataset.label(at: 1) == nil)
      let image = try dataset.image(at: 1)
      #expect(image.shape == [1, 3, 4, 3])
      #expect(image.pixels == Array(36..<72))
      #expect(try dataset.bytes(at: 1) == Array(36..<72))
    }
  }

  @Test(arguments: [
    NumPyArray([UInt8](repeating: 0, count: 9), shape: [1, 3, 3]),
    NumPyArray([UInt8](), shape: [0, 2, 2, 3]),
    NumPyArray([Float](repeating: 0, count: 4), shape: [4]),
    NumPyArray([Float](), shape: [0, 2, 2, 1]),
    NumPyArray([Int8](repeating: 0, count: 4), shape: [1, 2, 2, 1]),
  ])
  func otherArraysAreNamed(_ array: NumPyArray) {
    let error = #expect(throws: DatasetError.self) { try open(array.file()) { _ in } }
    guard case .notRecords(_, array.type.rawValue, array.shape) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func cutOffFilesAreNamed() {
    let file = NumPyArray([UInt8](repeating: 0, count: 12), shape: [1, 2, 2, 3]).file()
    for count in [0, 5, 100, file.count - 1] {
      let error = #expect(throws: DatasetError.self) { try open(file.prefix(count)) { _ in } }
      #expect(error?.description.contains("pictures.npy: ") == true)
    }
  }

  @Test func preprocessingIsDoneInFloat32() throws {
    let preprocessing = Preprocessing(mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])
    let preprocessor = Preprocessor(preprocessing, inputShape: [1, 1, 2, 3])
    let image = Image(height: 1, width: 2, channels: 3, pixels: [0, 128, 255, 1, 2, 77])
    // ((u8.astype("f4") / 255 - mean) / std).view("u4") in numpy 2.4.6, mean and std in float32.
    let expected: [UInt32] = [
      0xc007_8bbd, 0x3e52_1b48, 0x4028_f5c3, 0xc006_732b, 0xc000_0b79, 0xbeec_bf39,
    ]
    #expect(try preprocessor(image).map(\.bitPattern) == expected)
    let wide = Image(height: 1, width: 3, channels: 3, pixels: [UInt8](repeating: 0, count: 9))
    #expect(throws: DatasetError.imageShape(expected: [1, 1, 2, 3], found: [1, 1, 3, 3])) {
      try preprocessor(wide)
    }
  }
}
