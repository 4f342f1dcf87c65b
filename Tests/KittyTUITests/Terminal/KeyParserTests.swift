import TestSupport
import Testing

@testable import KittyTUI

/// Bytes of a terminal, as keys.
struct KeyParserTests {
  private func parse(_ texts: String...) -> [KeyParser.Input] {
    var parser = KeyParser()
    return texts.flatMap { parser.parse($0.utf8) }
  }

  private func text(_ string: String) -> [KeyParser.Input] {
    string.unicodeScalars.map { .key(.character(Character($0))) }
  }

  @Test(arguments: [
    ("\u{1b}[A", Key.up), ("\u{1b}OB", .down), ("\u{1b}[1~", .home), ("\u{1b}OF", .end),
    ("\u{1b}[5~", .pageUp),
    ("\u{1b}[3~", .delete), ("\u{1b}[Z", .backTab), ("\u{1b}OP", .f1), ("\u{1b}[1;2A", .shiftUp),
    ("\u{1b}[1;2D", .shiftLeft), ("\u{1b}[[A", .f1), ("\r", .enter),
    ("\t", .tab), ("\u{7f}", .backspace), ("\u{13}", .control("s")), ("é", .character("é")),
    ("寿", .character("寿")), ("\u{1b}[1;5C", .wordRight), ("\u{1b}[1;3D", .wordLeft), ("\u{1b}b", .wordLeft),
    ("\u{1b}f", .wordRight),
  ])
  func knownKeyIsRead(bytes: String, key: Key) { #expect(parse(bytes) == [.key(key)]) }

  /// Modified arrows, function keys, mouse and focus reports, Alt keys and replies of the terminal.
  static let unknown = [
    "\u{1b}[1;5A", "\u{1b}[1;3A", "\u{1b}[15~", "\u{1b}[2~", "\u{1b}OQ", "\u{1b}[[B", "\u{1b}[I", "\u{1b}[O",
    "\u{1b}[<66;10;10M", "\u{1b}[<0;3;4m", "\u{1b}[<35;3;4M", "\u{1b}[<0;3M", "\u{1b}[<0;0;0M", "\u{1b}[<;;M",
    "\u{1b}[<0;99999999999999999999;1M", "\u{1b}[M !!", "\u{1b}z", "\u{1b}\r", "\u{1b}é",
    "\u{1b}[?64;1$y", "\u{1b}_Gi=31;EINVAL\u{1b}\\", "\u{1b}_Gi=32;OK\u{1b}\\",
    "\u{1b}]11;rgb:0000/0000/0000\u{7}", "\u{1b}P>|term 1\u{1b}\\", "\u{1b}[27;5;9~", "\u{1b}[201~",
    "\u{1b}[e",
  ]

  @Test(arguments: unknown) func unknownSequenceIsDroppedAsAWhole(bytes: String) {
    #expect(parse("a\(bytes)b") == text("ab"))
    // Also when it comes byte by byte.
    var parser = KeyParser()
    #expect("a\(bytes)b".utf8.flatMap { parser.parse([$0]) } == text("ab"))
  }

  @Test func escapeAloneIsTheKey() {
    var parser = KeyParser()
    #expect(parser.parse("\u{1b}".utf8).isEmpty && parser.isUndecided)
    #expect(parser.expire() == [.key(.escape)] && !parser.isUndecided)
    #expect(parser.expire().isEmpty)
    // A sequence without an end is no key.
    #expect(parser.parse("\u{1b}[1;".utf8).isEmpty)
    #expect(parser.expire().isEmpty)
    #expect(parser.parse("a".utf8) == text("a"))
  }

  @Test func clickAndWheelAreRead() {
    #expect(parse("\u{1b}[<0;3;4M\u{1b}[<0;3;4m") == [.mouse(Mouse(.press, row: 3, column: 2))])
    #expect(parse("\u{1b}[<64;10;10M") == [.mouse(Mouse(.wheelUp, row: 9, column: 9))])
    #expect(
      parse("a\u{1b}[<65;1;", "1Mb") == text("a") + [.mouse(Mouse(.wheelDown, row: 0, column: 0))] + text("b")
    )
  }

  @Test func answerOfTheTerminalIsRead() {
    #expect(parse("a\u{1b}_Gi=31;", "OK\u{1b}\\b") == text("a") + [.reply(.kitty)] + text("b"))
    #expect(parse("\u{1b}[?62;4;6cb") == [.reply(.attributes([62, 4, 6]))] + text("b"))
    let endless = "\u{1b}_" + String(repeating: "G", count: 100_000)
    #expect(parse(endless, ";OK\u{7}b") == text("b"))
  }

  /// The reports of mouse and focus and the replies of a terminal, cut at each place: a pause within one types nothing.
  @Test(arguments: [
    "\u{1b}[<0;120;40M", "\u{1b}[<65;7;3M", "\u{1b}[I", "\u{1b}[O", "\u{1b}]11;rgb:0/0/0\u{7}",
  ])
  func cutReportIsNeverTyped(report: String) {
    let bytes = Array(report.utf8)
    for cut in 1..<bytes.count {
      var parser = KeyParser()
      var inputs = parser.parse(bytes[..<cut])
      #expect(parser.isUndecided)
      // A key of one or two bytes may end here. In anything longer the loop waits.
      if !parser.isInSequence, cut > 2 { inputs += parser.expire() }
      inputs += parser.parse(bytes[cut...]) + parser.parse("x".utf8)
      #expect(inputs.allSatisfy { if case .key(let key) = $0 { key == .character("x") } else { true } })
    }
  }

  @Test func interruptIsReadWithinASequence() {
    #expect(parse("\u{1b}\u{3}") == [.interrupt])
    #expect(parse("\u{1b}[1;\u{3}") == [.interrupt])
    #expect(parse("\u{c}\u{1a}") == [.repaint, .suspend])
  }

  @Test func brokenCharacterIsDropped() {
    var parser = KeyParser()
    #expect(
      parser.parse([0xc3, 0x61, 0x80, 0xff, 0xe5, 0xaf, 0x1b] + Array("[Ab".utf8)) == text("a") + [.key(.up)]
        + text("b"))
    // A control character of two bytes, which terminals may obey.
    #expect(parse("\u{9b}1m") == text("1m"))
  }

  @Test func pasteIsOneKeyHoweverLateItsEndComes() {
    var parser = KeyParser()
    var inputs = parser.parse("\u{1b}[200~Position 1\r".utf8)
    #expect(inputs.isEmpty && parser.isPasting && !parser.isUndecided)
    inputs += parser.expire()
    inputs += parser.parse("e\rq\u{3}\u{1b}[A\u{1b}[20".utf8)
    inputs += parser.expire()
    inputs += parser.parse("1~q".utf8)
    #expect(inputs == [.key(.paste("Position 1\re\rq\u{3}\u{1b}[A"))] + text("q"))
  }

  @Test func longPasteIsCutAndPressesNoKey() {
    let line = "Position\r"
    let inputs = parse("\u{1b}[200~" + String(repeating: line, count: 20_000) + "\u{1b}[201~x")
    guard inputs.count == 2, case .key(.paste(let pasted)) = inputs[0] else {
      Issue.record("\(inputs.count) inputs")
      return
    }
    #expect(pasted.utf8.count == KeyParser.longestPaste && inputs[1] == .key(.character("x")))
  }

  /// The same bytes in pieces of any size are the same keys.
  @Test func piecesOfAnySizeGiveTheSameKeys() {
    var random = Seeded(7)
    let pieces = Self.unknown + ["\u{1b}[A", "寿é", "\u{1b}[200~q\ry\u{1b}[201~", "\r", "\u{13}"]
    for _ in 0..<200 {
      let bytes = (0..<20).flatMap { _ in Array((pieces.randomElement(using: &random) ?? "").utf8) }
      var (whole, split) = (KeyParser(), KeyParser())
      var inputs: [KeyParser.Input] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let size = Int.random(in: 1...9, using: &random)
        inputs += split.parse(rest.prefix(size))
        rest = rest.dropFirst(size)
      }
      #expect(inputs == whole.parse(bytes))
    }
  }
}
