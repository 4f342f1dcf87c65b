import KittyShared
import Synchronization
import Testing

@testable import KittyTUI

/// The settlement plan as a list to tick off.
struct SettleTests {
  private static let people = Fixtures.members.map { LedgerAccount.member($0.id) }
  private static let bob = Transfer(from: people[1], to: people[0], amount: 3333, currency: Fixtures.eur)
  private static let carl = Transfer(from: people[2], to: people[0], amount: 3334, currency: Fixtures.eur)
  private static let others = Transfer(
    from: people[2], to: people[3], amount: 500, currency: Currency(code: "JPY")!)
  private let group = Fixtures.group().id

  private static func plan(_ payments: [Transfer]) -> Message {
    .plan(
      group: Fixtures.group().id,
      SettlementPlan(payments: payments, methods: [.init(currency: Fixtures.eur, method: .fewest)]))
  }

  private func open(_ payments: [Transfer] = [bob, carl, others]) -> AppState {
    var state = Fixtures.openGroup()
    let numbers = Mutex<Int64>(700)
    state.context.newID = {
      numbers.withLock { number in
        number += 1
        return Fixtures.id(number)
      }
    }
    state.type("s")
    state.get(Self.plan(payments))
    for effect in state.context.running { state.finish(effect) }
    return state
  }

  private static func entry(_ transfer: Transfer, _ id: ID) -> Entry {
    let amount = Amount(transfer.amount, transfer.currency)
    return Entry(
      id: id, number: 13,
      content: EntryContent(
        kind: .payment, description: "Payment", amount: amount, rate: nil, booked: amount,
        date: Day("2026-11-24")!, note: nil, from: transfer.from, to: transfer.to),
      createdBy: Fixtures.members[0].id, createdAt: Instant(milliseconds: 0),
      changedAt: Instant(milliseconds: 0), deletedAt: nil, commentCount: 0, version: 1)
  }

  private func payments(_ effects: [Effect]) -> [NewPayment] {
    if case .pay(group, let payments)? = effects.first { payments } else { [] }
  }

  @Test func spaceAsksOnceAndEntersThePaymentOnlyWhileItIsOwed() throws {
    var state = open()
    #expect(state.press(.character(" ")).isEmpty)
    #expect(state.text.contains("Enter as paid today: Bob → you, 33.33 EUR?"))
    let sent = payments(state.type("y"))
    #expect(sent.count == 1)
    let payment = try #require(sent.first)
    #expect(payment.from == Self.people[1] && payment.to == Self.people[0])
    #expect(payment.amount == .minorUnits(3333) && payment.onlyIfOwed == true)
    #expect(payment.date == Day("2026-11-24")!)
  }

  @Test func otherAnswerEntersNothing() {
    var state = open()
    state.press(.character(" "))
    #expect(state.type("n").isEmpty)
    #expect(!state.text.contains("[x]"))
  }

  @Test func enteredPaymentIsTickedAndTakenBack() throws {
    var state = open()
    state.press(.character(" "))
    let effects = state.type("y")
    let id = try #require(payments(effects).first?.id)
    state.get(.stored(group: group, Self.entry(Self.bob, id)))
    #expect(state.text.contains("[x] Bob"))
    #expect(state.get(.paid(group: group, refused: 0)).contains(.loadGroup(group)))
    state.finish(effects[0])
    state.get(Self.plan([Self.carl, Self.others]))
    state.press(.end, .character(" "))
    #expect(state.text.contains("Take back: Bob → you, 33.33 EUR?"))
    #expect(state.type("y") == [.deleteEntry(group: group, entry: id)])
    state.finish(.deleteEntry(group: group, entry: id))
    state.get(.entryDeleted(id))
    #expect(!state.text.contains("[x]") && state.text.contains("Taken back."))
  }

  /// A lost answer must not enter the payment twice.
  @Test func repeatedPaymentKeepsItsID() throws {
    var state = open()
    state.press(.character(" "))
    let first = state.type("y")
    state.get(.failed(first[0], .uncertain("The connection was lost.")))
    state.finish(first[0])
    state.press(.character(" "))
    let second = state.type("y")
    #expect(payments(second).map(\.id) == payments(first).map(\.id))
    #expect(payments(second).first?.id != nil)
  }

  @Test func allAtOnceNamesCountAndSums() {
    var state = open()
    state.type("A")
    let words = state.text.split(whereSeparator: { "│\n ".contains($0) }).joined(separator: " ")
    #expect(words.contains("Enter 3 payments as paid today, 66.67 EUR and 500 JPY together?"))
    let sent = payments(state.type("y"))
    #expect(sent.map(\.amount) == [.minorUnits(3333), .minorUnits(3334), .minorUnits(500)])
    #expect(Set(sent.compactMap(\.id)).count == 3)
  }

  @Test func mineAtOnceLeavesTheOthers() {
    var state = open()
    state.type("m")
    #expect(payments(state.type("y")).map(\.amount) == [.minorUnits(3333), .minorUnits(3334)])
  }

  @Test func sumsThatAreTooLargeAreNotSaid() {
    let huge = Transfer(
      from: Self.people[1], to: Self.people[0], amount: .max, currency: Fixtures.eur)
    var state = open([huge, Self.carl])
    state.type("A")
    #expect(state.text.contains("Enter 2 payments as paid today?"))
  }

  @Test func paymentsThroughTheUserNeedNotBeOwed() {
    var state = open()
    state.type("c")
    state.get(Self.plan([Self.bob]))
    state.press(.character(" "))
    #expect(payments(state.type("y")).map(\.onlyIfOwed) == [nil])
  }

  @Test func textOfAFilteredListSaysSo() {
    var state = open()
    state.type("/")
    state.type("bob")
    state.press(.enter)
    guard case .copy(let text)? = state.type("w").first else { return _ = Issue.record("no text") }
    #expect(
      text == """
        Flat 12: to settle up, 2026-11-24
        only payments with "bob"
        Bob → Anna: 33.33 EUR

        """)
  }

  @Test func textHasNamesAndIsCopied() {
    var state = open()
    let effects = state.type("w")
    guard case .copy(let text)? = effects.first else { return _ = Issue.record("\(effects)") }
    #expect(
      text == """
        Flat 12: to settle up, 2026-11-24
        Bob → Anna: 33.33 EUR
        Carl Constantin von Langenname → Anna: 33.34 EUR
        Carl Constantin von Langenname → 井上 明子: 500 JPY

        """)
    #expect(state.text.contains("\nBob → Anna: 33.33 EUR\n"))
    // The loop does it at once: it is never under way.
    #expect(state.context.running.isEmpty)
  }

  @Test func partOfAPaymentIsEnteredInTheForm() throws {
    var state = open()
    state.press(.enter)
    #expect(state.top is PaymentForm && state.text.contains("33.33"))
  }

  @Test func paymentOfAnotherUserIsToldAndTheOthersAreEntered() {
    var state = open()
    state.type("A")
    let effects = state.type("y")
    state.get(.stored(group: group, Self.entry(Self.carl, Fixtures.id(702))))
    state.get(.paid(group: group, refused: 2))
    state.finish(effects[0])
    #expect(state.text.contains("2 payments were not owed any more, and were not entered."))
    #expect(state.text.contains("[x] Carl"))
  }

  @Test func runnerEntersTheOthersWhenOneIsNotOwed() async throws {
    let entry = Self.entry(Self.carl, Fixtures.id(702))
    let body = String(decoding: try JSON.bytes(of: entry), as: UTF8.self)
    let refusal = String(
      decoding: try JSON.bytes(of: Problem(409, "not_owed", "t", "Not owed.")), as: UTF8.self)
    let server = try FakeServer { request in
      request.body.contains("\(Fixtures.id(701))") ? (409, refusal) : (201, body)
    }
    func payment(_ transfer: Transfer, _ id: Int64) -> NewPayment {
      NewPayment(
        id: Fixtures.id(id), from: transfer.from, to: transfer.to, amount: .minorUnits(transfer.amount),
        currency: transfer.currency, onlyIfOwed: true)
    }
    let messages = try await EffectRun.messages(
      of: .pay(group: group, [payment(Self.bob, 701), payment(Self.carl, 702)]), port: server.port)
    guard case .stored(group, entry)? = messages.first, case .paid(group, 1)? = messages.last else {
      return _ = Issue.record("\(messages)")
    }
  }
}
