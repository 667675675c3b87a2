import Foundation
import Report
import Testing
import Training

/// The page of a training whose name is an attack.
@Suite struct TrainingPageTests {
  private static let attack = "</title><script>alert('x')</script>\u{202E}"

  private func page(_ history: [EpochRecord]) throws -> String {
    try TrainingPage(
      name: Self.attack, history: history, testAccuracy: 0.8125, testImages: 10_000,
      facts: [("trained", Self.attack)], command: Self.attack
    ).html()
  }

  private func record(_ epoch: Int, held: Bool) -> EpochRecord {
    var record = EpochRecord(
      epoch: epoch, rate: 0.1 / Double(epoch), trainingLoss: 2 / Double(epoch),
      trainingAccuracy: 1 - 0.8 / Double(epoch))
    if held {
      (record.validationLoss, record.validationAccuracy) = (1.9 / Double(epoch), 0.6)
    }
    return record
  }

  @Test func loadsNothingAndEscapesAll() throws {
    let page = try page((1...4).map { record($0, held: true) })
    for mark in ["http:", "https:", "@import", "url(", "src=", "alert('x')", "\u{202E}"] {
      #expect(!page.contains(mark), "\(mark)")
    }
    #expect(page.matches(of: /<script/).count == 1)
  }

  /// Curves of training and of images held out, the latter where there are some, and the rate.
  @Test(arguments: [(true, 5), (false, 3)])
  func drawsACurveForEachSeries(_ held: Bool, _ curves: Int) throws {
    let page = try page((1...4).map { record($0, held: held) })
    #expect(page.matches(of: /<polyline/).count == curves)
    #expect(page.contains("held out") == held || !held)
    #expect(page.contains("<b>81.25 %</b><span>test</span>"))
    #expect(page.matches(of: /<tr>/).count >= 5)
    // Each point of a curve lies inside its picture.
    for match in page.matches(of: /points="([^"]*)"/) {
      let points = match.output.1.split(separator: " ")
      #expect(points.count == 4)
      for point in points {
        let place = point.split(separator: ",").compactMap { Double($0) }
        #expect(place.count == 2 && (0...640).contains(place[0]) && (0...260).contains(place[1]))
      }
    }
  }

  /// A classifier alone has no epochs; a single one, equal values and infinite ones have a picture.
  @Test func drawsWhatThereIs() throws {
    #expect(try page([]).contains("</html>"))
    var odd = record(1, held: true)
    odd.trainingLoss = .infinity
    odd.rate = 0
    let page = try page([odd, odd])
    #expect(!page.contains("nan") && !page.contains("\"inf"))
  }
}
