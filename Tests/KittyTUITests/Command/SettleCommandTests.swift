import KittyShared
import Testing

@testable import KittyTUI

/// Settling rounds, a kept kitty and refunds on the command line.
struct SettleCommandTests {
  private let people = Fixtures.members.map { LedgerAccount.member($0.id) }

  private func run(_ arguments: [String]) async throws -> (run: CommandRun, sent: [FakeServer.Request]) {
    let log = CommandTests.Log()
    let round = RoundScreenTests.round(isEnded: false)
    let plan = SettlementPlan(
      payments: [Transfer(from: people[1], to: people[0], amount: 2000, currency: Fixtures.eur)], methods: [],
      keeps: [.init(member: Fixtures.members[2].id, amount: 1234, currency: Fixtures.eur)])
    let server = try FakeServer { request in
      _ = log.add(request)
      let line = request.line
      if line.contains("/payments/2") { return (200, CommandTests.json(round.payments[1])) }
      if line.contains("/payments/1") { return CommandTests.problem(409, "not_in_the_pot", "It is empty.") }
      if line.hasPrefix("POST"), line.contains("/settlements ") {
        return CommandTests.problem(409, "round_under_way", "End it with DELETE.")
      }
      if line.contains("/settlements?") { return (200, CommandTests.json(Page(items: [round], next: nil))) }
      if line.contains("/settlements/") { return (200, CommandTests.json(round)) }
      if line.contains("/settlement?") { return (200, CommandTests.json(plan)) }
      if line.contains("/entries/12 ") { return (200, CommandTests.json(Fixtures.expenses[0])) }
      return CommandTests.books(request) ?? CommandTests.saved
    }
    return (try await CommandRun.run(arguments, CommandTests.stage(server)), log.entered)
  }

  @Test func unknownPaymentIsRefusedBeforeAnyIsBooked() async throws {
    let (refused, sent) = try await run(["settle", "flat", "--book", "2", "99"])
    #expect(refused.status == .notFound && sent.isEmpty, "\(refused)")
    #expect(refused.errors.contains("no payment 99") && refused.errors.contains("Nothing was booked."))
  }

  @Test func paymentsBookedBeforeARefusalAreSaid() async throws {
    let (refused, sent) = try await run(["settle", "flat", "--book", "2", "1"])
    #expect(refused.status == .refused && sent.count == 2, "\(refused)")
    #expect(refused.errors.contains("It is empty. Payment 2 was booked before that."), "\(refused.errors)")
    #expect(try await run(["settle", "flat", "--book", "2"]).run.status == .done)
  }

  @Test func roundThatGoesOnIsSaidInOptions() async throws {
    let refused = try await run(["settle", "flat", "--begin-round"]).run
    #expect(refused.status == .refused && refused.errors.contains("--end-round"), "\(refused)")
    #expect(!refused.errors.contains("DELETE"))
  }

  @Test func partsOfAKeptKittyArePrinted() async throws {
    let plan = try await run(["settle", "flat", "--keep-kitty"]).run
    #expect(plan.status == .done && plan.output.contains("Keeps in the kitty"), "\(plan)")
    #expect(plan.output.contains("Carl") && plan.output.contains("12.34 EUR"), "\(plan.output)")
  }

  @Test(arguments: ["12", "#12"]) func refundedExpenseIsNamedByItsNumber(text: String) async throws {
    let (saved, sent) = try await run(["add", "flat", "5 back", "--refund-of", text])
    #expect(
      saved.status == .done && sent.last?.body.contains("\(Fixtures.expenses[0].id)") == true, "\(saved)")
    #expect(throws: (any Error).self) {
      try KittyTUI.parseAsRoot(["add", "flat", "5 back", "--refund-of", "x"])
    }
  }
}
