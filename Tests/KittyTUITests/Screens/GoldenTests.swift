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
    for (width, height) in Self.sizes {
      _ = state.update(.resized(width: width, height: height), at: Fixtures.start)
      let canvas = state.view()
      let file = Self.folder.appending(path: "\(name).\(width)x\(height).txt")
      if isRecording {
        try (canvas.text + "\n").write(to: file, atomically: true, encoding: .utf8)
      }
      let recorded = try String(contentsOf: file, encoding: .utf8)
      #expect(canvas.text + "\n" == recorded, "\(name) at \(width)×\(height)")
      // Screen readers read at the cursor.
      #expect(canvas.cursor != nil, "\(name) at \(width)×\(height) has no cursor")
    }
  }

  /// The screens that are recorded with the look of each cell: a row is lit across its whole width, and an amount has the
  /// colour of its sign.
  private static let styled = [
    "groups-home", "group-mixed", "group-mixed-members", "group-viewer", "entry", "expense-shares",
    "expense-conflict", "settle-ticked", "statement", "you", "quick",
  ]

  @Test(arguments: styled) func stylesAreAsRecorded(name: String) throws {
    var state = try #require(GoldenScreen.all.first { $0.name == name }).state()
    _ = state.update(.resized(width: 80, height: 24), at: Fixtures.start)
    let text = state.view().styleText + "\n"
    let file = Self.folder.appending(path: "\(name).styles.txt")
    if isRecording { try text.write(to: file, atomically: true, encoding: .utf8) }
    #expect(try String(contentsOf: file, encoding: .utf8) == text, "\(name)")
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Goldens")
  private var isRecording: Bool { ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" }
}

extension Canvas {
  /// A letter for the style of each cell: `.` for a plain one.
  fileprivate var styleText: String {
    cells.map { row in
      var line = String(row.map(\.style.letter))
      while line.last == "." { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}

extension Style {
  fileprivate var letter: Character {
    switch self {
    case .normal: "."
    case .bold: "b"
    case .muted: "m"
    case .title: "t"
    case .selected: "s"
    case .positive: "+"
    case .negative: "-"
    case .warning: "w"
    case .error: "e"
    case .key: "k"
    case .field: "f"
    case .disabled: "d"
    case .picture: "p"
    }
  }
}
