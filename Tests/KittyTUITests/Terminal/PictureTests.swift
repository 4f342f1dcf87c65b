import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// Photos in pixels, only where the terminal proves that it draws them.
struct PictureTests {
  private static let preview = Preview(
    ppm: Array("P6\n64 48\n255\n".utf8) + (0..<(64 * 48)).flatMap { [UInt8($0 % 250), 9, 9] as [UInt8] })!

  private func question(_ environment: [String: String], _ settings: ScreenSettings = .init()) -> String {
    var support = PictureSupport()
    return String(
      decoding: support.question(settings, environment, knowsCell: true, at: .now), as: UTF8.self)
  }

  @Test func namedProtocolNeedsNoAnswer() {
    func method(
      _ choice: ScreenSettings.Pictures, _ environment: [String: String] = ["TERM": "xterm-256color"],
      knowsCell: Bool = true
    ) -> PictureSupport.Method? {
      var settings = ScreenSettings()
      settings.pictures = choice
      var support = PictureSupport()
      #expect(support.question(settings, environment, knowsCell: knowsCell, at: .now).isEmpty)
      return support.method
    }
    #expect(method(.kitty) == .kitty && method(.kitty, knowsCell: false) == .kitty)
    #expect(method(.sixel) == .sixel && method(.sixel, knowsCell: false) == nil && method(.cells) == nil)
    for environment in [
      ["TERM": "tmux-256color"], ["TERM": "xterm-kitty", "SSH_ORIGINAL_COMMAND": "ls"],
      ["TERM": "xterm-kitty", "NO_COLOR": "1"],
    ] { #expect(method(.kitty, environment) == nil && method(.sixel, environment) == nil) }
  }

  @Test func onlyATerminalThatMayKnowTheAnswerIsAsked() {
    #expect(question(["TERM": "xterm-256color"]) == "\u{1b}[c")
    #expect(question(["TERM": "xterm-kitty"]).hasPrefix("\u{1b}_Gi=31,"))
    for environment in [
      ["TERM": "tmux-256color"], ["TERM": "screen"], ["TERM": "xterm-256color", "TMUX": "/tmp/x,1,0"],
      ["TERM": "xterm-kitty", "STY": "1.x"], ["TERM": "xterm-kitty", "SSH_ORIGINAL_COMMAND": "ls"],
      ["TERM": "linux"], ["TERM": "xterm-kitty", "NO_COLOR": "1"],
    ] { #expect(question(environment).isEmpty, "\(environment)") }
    var settings = ScreenSettings()
    settings.pictures = .cells
    #expect(question(["TERM": "xterm-kitty"], settings).isEmpty)
  }

  @Test func answerIsTheProofAndMustComeInTime() {
    typealias Method = PictureSupport.Method
    /// The way of drawing that the answers of a terminal prove.
    func method(
      _ replies: TerminalReply..., after delay: Duration = .zero, asked: Bool = true, knowsCell: Bool = true
    ) -> Method? {
      var support = PictureSupport()
      let now = ContinuousClock.now
      if asked { _ = support.question(.init(), ["TERM": "xterm-kitty"], knowsCell: true, at: now) }
      for reply in replies { _ = support.take(reply, knowsCell: knowsCell, at: now + delay) }
      return support.method
    }
    #expect(method(.attributes([62, 22])) == nil)
    // After the attributes no answer is awaited.
    #expect(method(.attributes([62, 22]), .kitty) == nil)
    #expect(method(.kitty) == .kitty)
    #expect(method(.kitty, .attributes([62, 4])) == .kitty)
    #expect(method(.attributes([62, 4])) == .sixel)
    #expect(method(.attributes([62, 4]), knowsCell: false) == nil)
    #expect(method(.kitty, after: .seconds(3)) == nil)
    #expect(method(.kitty, asked: false) == nil)
  }

  @Test func photoIsPlacedWhereItsCellsWouldBe() throws {
    var state = Fixtures.openGroup()
    state.type("p")
    state.get(.uploaded(.group(Fixtures.group().id), Photo(hash: "aa", width: 640, height: 480)))
    state.get(.preview(.group(Fixtures.group().id), Self.preview))
    let cells = state.text
    #expect(state.view().picture == nil)
    _ = state.update(.canDrawPictures, at: Fixtures.start)
    let picture = try #require(state.view().picture)
    #expect(picture.row == 2 && picture.column == 0 && picture.row + picture.height <= 22)
    #expect(picture.width <= 80 && state.text.contains("640 × 480 pixels") && state.text != cells)
    // Nothing may lie under a question or the help.
    state.type("?")
    #expect(state.view().picture == nil)
  }

  @Test func picturesOfKittyAreBoundedPieces() throws {
    let picture = try #require(Picture(Self.preview, row: 3, column: 5, boxWidth: 40, boxHeight: 10))
    let text = String(decoding: PictureBytes.drawing(picture, .kitty, cell: nil), as: UTF8.self)
    #expect(
      text.hasPrefix("\u{1b}7\u{1b}[4;6H\u{1b}_Ga=T,f=24,s=64,v=48,c=") && text.hasSuffix("\u{1b}\\\u{1b}8"))
    let pieces = text.components(separatedBy: "\u{1b}_G").dropFirst()
    #expect(pieces.count == 3 && pieces.allSatisfy { $0.utf8.count < 4200 })
    let content = pieces.map { piece in
      piece.components(separatedBy: ";")[1].components(separatedBy: "\u{1b}")[0]
    }.joined()
    #expect(Data(base64Encoded: content).map { Array($0) } == Self.preview.pixels)
  }

  @Test func sixelsNeedTheSizeOfACell() throws {
    let picture = try #require(Picture(Self.preview, row: 0, column: 0, boxWidth: 20, boxHeight: 10))
    let bytes = PictureBytes.drawing(picture, .sixel, cell: (8, 16))
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(
      text.hasPrefix("\u{1b}7\u{1b}[1;1H\u{1b}P") && text.contains("\u{1b}\\") && text.hasSuffix("\u{1b}8"))
    #expect(bytes.count > 200 && bytes.allSatisfy { $0 == 0x1b || $0 == 0x0a || (0x20..<0x7f).contains($0) })
    #expect(PictureBytes.drawing(picture, .sixel, cell: nil).isEmpty)
  }

  @Test func proportionsStayAndTheBoxIsKept() {
    for (width, height) in [(1, 1), (200, 3), (3, 100), (80, 20)] {
      guard let picture = Picture(Self.preview, row: 0, column: 0, boxWidth: width, boxHeight: height) else {
        Issue.record("it does not fit \(width) × \(height)")
        continue
      }
      #expect(picture.width <= width && picture.height <= height)
    }
    #expect(Picture(Self.preview, row: 0, column: 0, boxWidth: 0, boxHeight: 5) == nil)
  }
}
