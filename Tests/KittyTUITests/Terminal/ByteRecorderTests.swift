import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyTUI

/// All bytes that the program sends to a terminal, over whole sessions: it uses a few sequences and no others, whatever the
/// server sends, and what it switched on is off at the end.
@Suite(.enabled(if: RecordedTerminal.missing == nil, RecordedTerminal.missing ?? "missing"))
struct ByteRecorderTests {
  /// Text that would steer a terminal.
  private static let hostile =
    "\u{1b}[2J\u{1b}]0;title\u{7}\u{1b}]52;c;AAAA\u{7}\u{1b}P1$r\u{1b}\\\u{9b}31m\u{90}q\u{9c}\u{202e}\u{200b}\r\n\u{8}\u{7}\u{1b}c\u{e}x"

  /// The sequences of the program itself, and those with which ncurses draws.
  private var allowed: [Regex<Substring>] {
    [
      // Position, erase, insert and delete, scroll, repeat, region, attributes.
      /\u{1b}\[[0-9;]*[ABCDGHJKLMPXSTbdrm@]/,
      // Insert mode, and the modes of cursor keys, wrapping, cursor, mouse, screen and paste.
      /\u{1b}\[(?:4|34)[hl]/, /\u{1b}\[\?(?:1|7|12|25|1000|1006|1049|2004)[hl]/, /\u{1b}\[\?[0-9;]*c/,
      // The size of the title's stack, which the terminfo of xterm has in its full screen.
      /\u{1b}\[2[23];0;0t/,
      // Letters and lines, the keypad, saving the cursor, index.
      /\u{1b}[()][B0]/, /\u{1b}[=>78DM]/, /[\u{e}\u{f}\n\r\t\u{8}]/,
      // The questions about pictures.
      /\u{1b}\[c/, /\u{1b}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA/, /\u{1b}\\/,
    ]
  }

  private func check(_ recording: RecordedTerminal, copies: [String] = []) {
    let copied = copies.map { "\u{1b}]52;c;\(Data($0.utf8).base64EncodedString())" }
    let others = Set(recording.controls).filter { control in
      !copied.contains(control) && !allowed.contains { control.wholeMatch(of: $0) != nil }
    }.subtracting(copied.isEmpty ? [] : ["\u{7}"])
    #expect(others.isEmpty, "\(others.map(\.debugDescription))")
    let all = String(decoding: recording.bytes, as: UTF8.self)
    #expect(!all.contains("\u{fffd}"), "bytes that are no UTF-8")
    for name in copies { #expect(all.contains(Data(name.utf8).base64EncodedString())) }
    // What was switched on is switched off again, last.
    for mode in ["2004", "1000", "1006", "1049"] {
      let on = all.range(of: "\u{1b}[?\(mode)h", options: .backwards)
      let off = all.range(of: "\u{1b}[?\(mode)l", options: .backwards)
      if let on { #expect(off.map { $0.lowerBound > on.lowerBound } == true, "mode \(mode) stays on") }
    }
  }

  /// A server with hostile names.
  private func server() throws -> FakeServer {
    let group = Fixtures.group("Flat \(Self.hostile)")
    let members = Fixtures.members.map { member in
      Member(
        id: member.id, name: member.name + Self.hostile, user: member.user, role: member.role, photo: nil,
        createdAt: member.createdAt, removedAt: nil)
    }
    let invites = Page(items: Fixtures.invites, next: nil)
    let answers: [(String, String)] = [
      ("/v1/me ", try JSON.text(of: Fixtures.account(in: nil))),
      ("/v1/groups?", try JSON.text(of: Page(items: [group], next: nil))),
      ("/members?", try JSON.text(of: Page(items: members, next: nil))),
      ("/balances", try JSON.text(of: Balances(balances: Fixtures.data.balances))),
      ("/entries?", try JSON.text(of: Page(items: Fixtures.expenses, next: nil))),
      ("/categories?", try JSON.text(of: Page(items: [KittyShared.Category](), next: nil))),
      ("/recurring?", try JSON.text(of: Page(items: [Recurring](), next: nil))),
      ("/invites", try JSON.text(of: invites)), ("/v1/groups/", try JSON.text(of: group)),
    ]
    return try FakeServer { request in
      answers.first { request.line.contains($0.0) }.map { (200, $0.1) } ?? (404, "{}")
    }
  }

  private func session(
    _ environment: [String: String], _ arguments: [String] = [], _ steps: [(words: String, keys: String)]
  ) async throws -> RecordedTerminal {
    let server = try server()
    return try await withTemporaryFolder { folder in
      let address = try ServerAddress("http://127.0.0.1:\(server.port)")
      let state = ["XDG_STATE_HOME": folder + "/state"]
      try TokenFile(server: address, environment: state).write(
        .init(server: address.url, name: "anna" + Self.hostile, token: "t"))
      return try await RecordedTerminal.run(
        ["--server", address.url] + arguments, environment.merging(state) { mine, _ in mine }, in: folder,
        steps)
    }
  }

  @Test(arguments: [
    "xterm-256color", "xterm", "tmux-256color", "screen", "linux", "vt100", "xterm-kitty", "no-such-terminal",
  ]) func hostileNamesSendNoSequence(type: String) async throws {
    let recording = try await session(
      ["TERM": type, "LANG": "C.UTF-8"], [],
      [
        ("Flat", "\r"), ("Entries", "\u{1b}[<0;3;4M\u{1b}[I\u{1b}[6~j"), ("Balances]", "v"),
        ("Send this code", "c"), ("was sent", "q"), ("Entries", "qq"),
      ])
    #expect(recording.status == 0)
    check(recording, copies: [Fixtures.invites[0].code])
    #expect(recording.text.contains("\u{1b}[?1000h") == (type != "vt100"))
  }

  @Test(arguments: ["C", "C.UTF-8", "de_DE.UTF-8", "xx_YY.UTF-8", ""])
  func everyLocaleStarts(locale: String) async throws {
    let recording = try await session(
      ["TERM": "xterm-256color", "LC_ALL": locale], [], [("Flat", "\r"), ("Entries", "\u{3}")])
    #expect(recording.status == 0)
    check(recording)
    #expect(recording.text.contains(locale.hasPrefix("de") ? "66,67" : "66.67"))
  }

  @Test func asciiModeSendsASCII() async throws {
    let recording = try await session(
      ["TERM": "xterm-256color"], ["--ascii"], [("Flat", "\r"), ("Entries", "\u{3}")])
    #expect(recording.status == 0 && recording.bytes.allSatisfy { $0 < 0x80 })
    check(recording)
  }

  @Test func mouseThatIsOffIsNotAskedFor() async throws {
    let recording = try await session(
      ["TERM": "xterm-256color", "NO_COLOR": "1"], ["--no-mouse"], [("Flat", "\r"), ("Entries", "\u{3}")])
    check(recording)
    #expect(!recording.text.contains("[?1000") && !recording.text.contains("[?1006"))
    // No colour but the reset to the terminal's own.
    #expect(!recording.controls.contains { $0.hasSuffix("m") && $0.contains(/[;\[][34][0-8]/) })
  }

  @Test(arguments: ["dumb", ""]) func terminalOfLinesIsRefusedWithoutASequence(type: String) async throws {
    let recording = try await session(["TERM": type], [], [])
    #expect(recording.status == 2 && recording.text.contains("Use the commands"))
    #expect(Set(recording.controls).isSubset(of: ["\r", "\n"]))
  }
}
