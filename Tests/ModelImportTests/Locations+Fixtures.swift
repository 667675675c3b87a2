import Foundation
import TestSupport

extension Locations {
  static let fixtures = tests.appending(path: "ModelImportTests/Fixtures")
}
