import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// Requests and output of `kittycash recurring`.
struct RecurringCommandTests {
  private func run(
    _ arguments: String, rules: [Recurring] = Fixtures.rules
  ) async throws -> (run: CommandRun, requests: [FakeServer.Request]) {
    let log = CommandTests.Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      return Self.answer(request, rules)
    }
    let words = arguments.split(separator: "|").map(String.init)
    return (
      try await CommandRun.run(["recurring"] + words, CommandTests.stage(server)), log.requests
    )
  }

  private static func answer(_ request: FakeServer.Request, _ rules: [Recurring]) -> (Int, String) {
    let line = request.line
    if line.contains("/confirm") { return (200, CommandTests.json(Fixtures.expenses[0])) }
    if line.contains("/skip") { return (200, CommandTests.json(Fixtures.ruleDetails.days[0])) }
    if line.contains("/occurrences") {
      let days = Fixtures.ruleDetails.days.filter { !line.contains("proposed") || $0.state == .proposed }
      return (200, CommandTests.json(Page(items: days, next: nil)))
    }
    if line.contains("/preview") {
      return (200, CommandTests.json(Page(items: Fixtures.ruleDetails.planned, next: nil)))
    }
    if line.hasPrefix("GET"), line.contains("/recurring") {
      return (200, CommandTests.json(Page(items: rules, next: nil)))
    }
    if line.contains("/recurring") {
      return line.hasPrefix("DELETE")
        ? (204, "") : (line.hasPrefix("POST") ? 201 : 200, CommandTests.json(Fixtures.rules[0]))
    }
    return CommandTests.books(request) ?? CommandTests.problem(404, "not_found")
  }

  @Test func listShowsTheRules() async throws {
    let list = try await run("Flat 12").run
    #expect(list.status == .done && list.output.contains("every 2 weeks"), "\(list)")
    let plain = try await run("list|--plain|Flat 12").run.output.split(separator: "\n")
    #expect(plain.count == 2)
    #expect(
      plain.last?.split(separator: "\t", omittingEmptySubsequences: false).dropFirst().map(String.init) == [
        "2026-12-04", "2 week", "20.00", "EUR", "propose", "1", "", "Dues",
      ], "\(plain)")
  }

  @Test func rulesOfOneNameAreToldApartByTheirIDs() async throws {
    let twins = [Fixtures.rules[0], Fixtures.askingRules[0], Fixtures.rules[1]].enumerated().map {
      Fixtures.rule(90 + Int64($0.offset), $0.element.template, $0.element.recurrence, next: 1)
    }
    let list = try await run("Flat 12", rules: twins).run.output
    #expect(list.contains("\(twins[0].id)") && list.contains("\(twins[2].id)"), "\(list)")
    let unclear = try await run("confirm|Flat 12|rent", rules: twins).run
    #expect(unclear.status == .usage, "\(unclear)")
    for words in ["\(twins[0].id) (Rent, 900.00 EUR every month)", "\(twins[1].id) (Rent,", "Write the id."] {
      #expect(unclear.errors.contains(words), "\(unclear.errors)")
    }
    #expect(try await run("preview|Flat 12|\(twins[1].id)", rules: twins).run.status == .done)
    #expect(try await !run("Flat 12").run.output.contains("\(Fixtures.rules[0].id)"))
    #expect(
      try await run("Flat 12", rules: Fixtures.askingRules).run.output.contains("waits: Carl left the group.")
    )
  }

  @Test func lineBecomesARule() async throws {
    let (added, requests) = try await run(
      "add|Flat 12|900 rent @bob|--every|2 months|--from|2027-01-31|--times|12|--propose")
    #expect(added.status == .done && added.errors.contains("every month"), "\(added)")
    let body = try #require(requests.first { $0.line.hasPrefix("POST") }).body
    let sent = try JSON.decode(NewRecurring.self, from: Data(body.utf8))
    #expect(sent.every == Every(2, .month) && sent.from == Day("2027-01-31") && sent.times == 12)
    #expect(sent.mode == .propose && sent.template.expense?.payer == .member(Fixtures.members[1].id))
    #expect(sent.template.expense?.id == nil && sent.template.expense?.date == nil)
  }

  @Test func paymentBecomesARule() async throws {
    let (added, requests) = try await run("pay|Flat 12|bob|kitty|20|--every|week|--from|2027-01-01")
    #expect(added.status == .done, "\(added)")
    let body = try #require(requests.first { $0.line.hasPrefix("POST") }).body
    let sent = try JSON.decode(NewRecurring.self, from: Data(body.utf8))
    #expect(sent.template.payment?.to == .kitty && sent.template.payment?.amount == .decimal("20"))
  }

  @Test func wrongWordsAreRefusedBeforeTheRequest() async throws {
    for arguments in [
      "add|Flat 12|900 rent|--every|fortnight", "add|Flat 12|900 rent|--every|0 days",
      "add|Flat 12|900 rent|--every|month|--from|31.1.",
      "add|Flat 12|900 rent yesterday|--every|month|--from|2027-01-31",
      "pay|Flat 12|bob|kitty|20|--every|week|--from|soon",
    ] {
      let (refused, requests) = try await run(arguments)
      #expect(refused.status == .usage && !requests.contains { $0.line.hasPrefix("POST") }, "\(refused)")
    }
    #expect(try await run("preview|Flat 12|nothing").run.status == .notFound)
  }

  @Test func ruleIsChangedPreviewedAndRemoved() async throws {
    let (changed, requests) = try await run("change|Flat 12|rent|--amount|950|--forever|--resume")
    #expect(changed.status == .done, "\(changed)")
    let body = try #require(requests.first { $0.line.hasPrefix("PATCH") }).body
    let sent = try JSON.decode(RecurringChange.self, from: Data(body.utf8))
    #expect(sent.template?.expense?.amount == .decimal("950") && sent.until == .clear && sent.held == false)
    #expect(try await run("preview|Flat 12|dues").run.output.contains("2026-12-04"))
    let planned = try await run("preview|--plain|Flat 12|dues").run.output
    let first = Fixtures.ruleDetails.planned[0]
    #expect(
      planned.hasPrefix(
        "\(first.k)\t\(first.date)\t\(Amount(first.entry.amount, first.entry.currency).decimal)\tEUR\t"),
      "\(planned)")
    #expect(try await run("days|Flat 12|dues").run.output.contains("proposed"))
    let (removed, sentToRemove) = try await run("remove|Flat 12|dues")
    #expect(removed.status == .done && sentToRemove.contains { $0.line.hasPrefix("DELETE") }, "\(removed)")
  }

  @Test func proposalsAreConfirmedAndSkipped() async throws {
    let (all, requests) = try await run("confirm|Flat 12|dues")
    #expect(all.status == .done && all.errors.contains("Booked #"), "\(all)")
    #expect(requests.contains { $0.line.contains("/occurrences/1/confirm") })
    let (one, skipped) = try await run("skip|Flat 12|dues|1")
    #expect(one.status == .done && one.errors.contains("Skipped 2026-11-20."), "\(one)")
    #expect(skipped.contains { $0.line.contains("/occurrences/1/skip") })
    let (day, booked) = try await run("confirm|Flat 12|dues|2026-11-20")
    #expect(day.status == .done && booked.contains { $0.line.contains("/occurrences/1/confirm") }, "\(day)")
    #expect(try await run("confirm|Flat 12|dues|2026-11-21").run.status == .notFound)
    #expect(try await run("confirm|Flat 12|dues|soon").run.status == .usage)
  }
}
