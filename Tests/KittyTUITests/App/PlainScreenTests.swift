import KittyShared
import Testing

@testable import KittyTUI

/// Screens for a screen reader.
struct PlainScreenTests {
  private func plain(_ state: AppState, width: Int = 80, height: Int = 24) -> AppState {
    var state = state
    state.context.settings.isPlain = true
    _ = state.update(.resized(width: width, height: height), at: Fixtures.start)
    return state
  }

  @Test(arguments: [(80, 24), (120, 40), (60, 20), (40, 15), (20, 8)])
  func plainScreenIsText(width: Int, height: Int) {
    var state = plain(Fixtures.openGroup(), width: width, height: height)
    for keys in ["", "d", "\u{1b}", "a", "\u{1b}", "s", "?"] {
      if keys == "\u{1b}" { state.press(.escape) } else { state.type(keys) }
      let canvas = state.view()
      #expect(canvas.width == width && canvas.height == height && canvas.overdrawn == 0, "\(state.text)")
      let drawn = state.text.unicodeScalars.filter {
        (0x2500...0x28FF).contains($0.value) || "‹›".unicodeScalars.contains($0)
      }
      #expect(drawn.isEmpty, "\(state.text)")
    }
  }

  @Test func selectedLineSaysSo() throws {
    var state = plain(Fixtures.openGroup())
    func spoken() -> [String] {
      state.text.split(separator: "\n").map(String.init).filter { $0.hasSuffix(" selected") }
    }
    let first = spoken()
    #expect(first.count == 1 && first[0].hasPrefix("> "), "\(state.text)")
    state.press(.down)
    #expect(spoken().count == 1 && spoken() != first)
    #expect(
      state.text.split(separator: "\n", omittingEmptySubsequences: false)[
        try #require(state.view().cursor).row
      ].hasSuffix(" selected"))
  }

  @Test func plainScreenStaysStill() {
    var (state, effect) = Fixtures.writeExpense()
    state = plain(state)
    #expect(effect != nil && state.context.isWriting)
    // The draft of the form.
    _ = state.update(.tick, at: Fixtures.start + .seconds(2))
    #expect(state.nextTick.map { $0 > state.context.now + .seconds(1) } ?? true)
    #expect(state.text.contains("Working..."))
  }
}
