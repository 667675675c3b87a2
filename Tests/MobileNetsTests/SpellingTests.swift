import MobileNets
import Testing

@Suite struct SpellingTests {
  @Test func readsEveryKindOfOption() throws {
    var expected = Architecture(.v3Small)
    expected.width = 0.75
    expected.resolution = 96
    expected.classes = 10
    expected.style = .keras
    expected.isMinimalistic = true
    #expect(
      try Architecture("mobilenet-v3-small,width=0.75,resolution=96,classes=10,keras,minimalistic")
        == expected)
  }

  @Test func smallImagesOnlyChangeTheDefaults() throws {
    let architecture = try Architecture("mobilenet-v2,classes=100,small-images")
    #expect(architecture.resolution == 32)
    #expect(architecture.classes == 100)
  }

  @Test(arguments: [
    ("mobilenet-v5", ArchitectureError.family("mobilenet-v5")),
    ("", .family("")),
    ("mobilenet-v2,", .option("")),
    ("mobilenet-v2,depth=3", .option("depth=3")),
    ("mobilenet-v2,width=0", .value(option: "width=0", expected: "a number above 0 and up to 4")),
    (
      "mobilenet-v2,width=nan",
      .value(option: "width=nan", expected: "a number above 0 and up to 4")
    ),
    ("mobilenet-v2,classes=", .value(option: "classes=", expected: "a whole number in 1...100000")),
    ("mobilenet-v1,minimalistic", .otherFamily(option: "minimalistic", family: .v1)),
    ("mobilenet-v1-small,timm", .otherFamily(option: "timm", family: .v1Small)),
    (
      "mobilenet-v4-conv-small,keras", .otherFamily(option: "keras", family: .v4ConvSmall)
    ),
  ])
  func saysWhatIsWrong(_ spelling: String, _ expected: ArchitectureError) {
    #expect(throws: expected) { try Architecture(spelling) }
  }

  @Test func errorsListTheChoices() {
    #expect(
      ArchitectureError.option("depth=3").description
        == "'depth=3' is no option of an architecture; expected width=, resolution=, classes=, "
        + "torchvision, keras, timm, small-images, relu, biased, matching-shortcut, projected-shortcut, "
        + "normalized-se, minimalistic, probabilities")
  }
}
