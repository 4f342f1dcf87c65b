import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// Compares every screen, drawn as text at four sizes, with a recorded file. Record the files again with
/// `RECORD_GOLDENS=1 swift test --filter GoldenTests`, and read their difference before you commit it.
struct GoldenTests {
  static let sizes = [(80, 24), (120, 40), (60, 20), (40, 15)]

  @Test(arguments: GoldenScreen.all.map(\.name)) func screenLooksAsRecorded(name: String) throws {
    var state = try #require(GoldenScreen.all.first { $0.name == name }).state()
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
      path: "Goldens")
    for (width, height) in Self.sizes {
      _ = state.update(.resized(width: width, height: height), at: Fixtures.start)
      let canvas = state.view()
      let file = folder.appending(path: "\(name).\(width)x\(height).txt")
      if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
        try (canvas.text + "\n").write(to: file, atomically: true, encoding: .utf8)
      }
      let recorded = try String(contentsOf: file, encoding: .utf8)
      #expect(canvas.text + "\n" == recorded, "\(name) at \(width)×\(height)")
      // Screen readers read at the cursor.
      #expect(canvas.cursor != nil, "\(name) at \(width)×\(height) has no cursor")
    }
  }
}
