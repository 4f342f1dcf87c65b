import KittyShared

@testable import KittyTUI

/// Golden cases of a photo.
enum PhotoGoldens {
  static let all: [GoldenScreen] = [
    .init("receipts") { ReceiptScreenTests.open() },
    .init("receipt-add") {
      var state = ReceiptScreenTests.open(nil)
      state.type("n/tmp/bi")
      return state
    },
    .init("photo") {
      var state = Fixtures.openGroup()
      state.type("p")
      let pixels = (0..<(64 * 48)).flatMap { $0 % 64 < 32 ? [250, 200, 40] : [40, 90, 200] as [UInt8] }
      let preview = Preview(ppm: Array("P6\n64 48\n255\n".utf8) + pixels)
      state.get(.uploaded(.group(Fixtures.group().id), Photo(hash: "aa", width: 640, height: 480)))
      state.get(.preview(.group(Fixtures.group().id), preview))
      return state
    },
    .init("photo-choose") {
      var state = Fixtures.openGroup()
      state.type("p/tmp/ca")
      state.get(.completions(["/tmp/cat.jpg", "/tmp/cats/"]))
      return state
    },
    .init("photo-progress") {
      var state = Fixtures.openGroup()
      state.type("p/tmp/cat.jpg")
      state.press(.enter)
      state.get(.progress(sent: 512 * 1024, total: 2048 * 1024))
      return state
    },
  ]
}
