import KittyShared
import QREncode
import Testing

@testable import KittyTUI

/// A settling round on the screen.
struct RoundScreenTests {
  /// A round with a paid and an open payment.
  static func round(isEnded: Bool) -> SettlingRound {
    let people = Fixtures.members.map { LedgerAccount.member($0.id) }
    return SettlingRound(
      id: Fixtures.id(60), createdBy: Fixtures.members[0].id, createdAt: Instant(milliseconds: 0),
      endedAt: isEnded ? Instant(milliseconds: 1) : nil, outdated: false, methods: [], keeps: nil,
      payments: [
        RoundPayment(
          number: 1, from: people[1], to: people[0], amount: 3333, currency: Fixtures.eur, state: .paid,
          entry: Fixtures.id(101)),
        RoundPayment(
          number: 2, from: people[2], to: people[0], amount: 3334, currency: Fixtures.eur,
          state: isEnded ? .void : .open),
      ])
  }

  static func state(isEnded: Bool) -> AppState {
    var state = Fixtures.state(RoundScreen(Fixtures.data, id: Fixtures.id(61)))
    state.get(.round(group: Fixtures.group().id, round(isEnded: isEnded)))
    return state
  }

  @Test func paymentOfAnEndedRoundIsVoidAndNotOpen() {
    #expect(Self.state(isEnded: false).text.contains("[ ] Carl"))
    let ended = Self.state(isEnded: true).text
    #expect(ended.contains("[-] Carl") && ended.contains("void") && !ended.contains("[ ]"), "\(ended)")
    #expect(ended.contains("1 payment is void.") && ended.contains("[x] Bob"), "\(ended)")
  }

  private static let epc = "BCD\n002\n1\nSCT\n\nAnna\nDE02120300000000202051\nEUR33.34\n\n\nFlat 12 (2)"

  private func codeScreen(_ set: (inout ScreenSettings) -> Void, width: Int = 140, height: Int = 70) throws
    -> AppState
  {
    let people = Fixtures.members.map { LedgerAccount.member($0.id) }
    let payment = Transfer(from: people[2], to: people[0], amount: 3334, currency: Fixtures.eur)
    let code = try #require(QRCode(Self.epc, correction: .medium))
    var state = Fixtures.state(TransferCodeScreen(payment, Self.epc, code, Fixtures.data))
    set(&state.context.settings)
    _ = state.update(.resized(width: width, height: height), at: Fixtures.start)
    return state
  }

  @Test func bankCodeIsDrawnWithBlanksWhereOnlyASCIIIsShown() throws {
    let state = try codeScreen { $0.isASCII = true }
    #expect(state.text.contains("Scan it with a banking app.") && !state.text.contains("DE0212"))
    #expect(!state.text.contains { "█▀▄".contains($0) }, "\(state.text)")
    let dark = state.view().cells.joined().count { $0.style == .picture(foreground: 231, background: 16) }
    #expect(dark > 500)
    #expect(try codeScreen { _ in }.text.contains("▄"))
  }

  /// A code that cannot be drawn is not to be scanned: its text is there.
  @Test func bankCodeThatIsNotDrawnIsText() throws {
    let plain = try codeScreen { $0.isPlain = true }.text
    let small = try codeScreen({ $0.isASCII = true }, width: 60, height: 24).text
    for text in [plain, small] {
      #expect(!text.contains("Scan it") && text.contains("Its text, which w copies"), "\(text)")
      #expect(text.contains("DE02120300000000202051") && text.contains("33.34 EUR"), "\(text)")
    }
    #expect(small.contains("too small for the QR code") && !plain.contains("too small"))
  }
}
