import Foundation
import SharedFiles

extension Locations {
  static let fixtures = package.appending(path: "Tests/ModelImportTests/Fixtures")
}
