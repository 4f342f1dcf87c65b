import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Rounds, rules, refunds and default splits that KittyCash cannot have written are refused by name.
@Suite struct ForgedSettlingTests {
  private typealias Forgery = ForgedGroupFileTests.Forgery

  private static let stranger = ID("01a2046a-3900-7c1e-8f0d-2b1a4c5d6e7f")!
  private static var inTwoDays: Instant { Instant.now.advanced(by: .seconds(2 * 86_400)) }

  private static let rounds: [Forgery] = [
    Forgery("settlements.0.keeps.0.amount", "too_large") { $0.settlements![0].keeps![0].amount = .min },
    Forgery("settlements.0.keeps.1.amount", "too_large") { $0.settlements![0].keeps![1].amount = .max },
    Forgery("settlements.0.keeps.0.member", "not_a_member") {
      $0.settlements![0].keeps![0].member = stranger
    },
    Forgery("settlements.0.keeps", "twice") {
      $0.settlements![0].keeps!.append($0.settlements![0].keeps![0])
    },
    Forgery("settlements.0.methods", "twice") {
      $0.settlements![0].methods.append($0.settlements![0].methods[0])
    },
    Forgery("settlements.0.payments.0.amount", "out_of_range") {
      $0.settlements![0].payments[0].amount = .max
    },
    Forgery("settlements.0.payments.1.entry", "twice") {
      $0.settlements![0].payments[1].entry = $0.settlements![0].payments[0].entry
    },
    Forgery("settlements.0.payments.0.to", "not_a_member") {
      $0.settlements![0].payments[0].to = .member(stranger)
    },
    Forgery("settlements.0.at", "in_the_future") { $0.settlements![0].at = inTwoDays },
    Forgery("settlements.0.endedAt", "in_the_future") { $0.settlements![0].endedAt = inTwoDays },
  ]

  private static let splits: [Forgery] = [
    Forgery("defaultSplit.parts", "not_hundred_percent") {
      $0.defaultSplit = SplitRule(
        .percentages, parts: [.init($0.members[0].id, percent: Percent(hundredths: 5000))])
    },
    Forgery("defaultSplit.parts", "no_weight") {
      $0.defaultSplit = SplitRule(.shares, parts: [.init($0.members[0].id, weight: 0)])
    },
    Forgery("defaultSplit.parts", "twice") {
      $0.defaultSplit = .equally([$0.members[0].id, $0.members[0].id])
    },
    Forgery("defaultSplit.parts.0.member", "not_a_member") { $0.defaultSplit = .equally([stranger]) },
  ]

  private static let rules: [Forgery] = [
    Forgery("recurring.0.template.expense.amount", "too_large") {
      $0.recurring![0].template.expense!.amount = .minorUnits(.min)
    },
    Forgery("recurring.0.template.expense.amount", "not_an_amount") {
      $0.recurring![0].template.expense!.amount = .decimal("1.001")
    },
    Forgery("recurring.0.template.expense.payer", "not_a_member") {
      $0.recurring![0].template.expense!.payer = .member(stranger)
    },
    Forgery("recurring.0.template.expense.participants.0", "not_a_member") {
      $0.recurring![0].template.expense!.participants = [stranger]
    },
    Forgery("recurring.0.template.expense.split.parts.0.member", "not_a_member") {
      $0.recurring![0].template.expense!.split = .equally([stranger])
    },
    Forgery("recurring.0.series", "out_of_range") { $0.recurring![0].series!.turns = 2 },
    Forgery("recurring.0.occurrences.0.at", "in_the_future") {
      $0.recurring![0].occurrences[0].at = inTwoDays
    },
    Forgery("recurring.0.occurrences.0.date", "too_far_ahead") {
      $0.recurring![0].occurrences[0].date = .last
    },
    Forgery("recurring.0.held.since", "in_the_future") {
      $0.recurring![0].held = .init(code: "x", message: "x", since: inTwoDays)
    },
    Forgery("entries.3.revisions.0.content.recurring", "not_a_rule") {
      $0.recurring![0].occurrences[0].state = .skipped
      $0.recurring![0].occurrences[0].reason = "closed"
      $0.recurring![0].occurrences[0].entry = nil
      $0.recurring![0].series = nil
    },
  ]

  private static let refunds: [Forgery] = [
    Forgery("entries.1.revisions.0.content.amount", "more_than_the_rest") {
      $0.entries[0].revisions[0].content.setMoney(2000)
    },
    Forgery("entries.1.revisions.0.content.amount", "wrong_sign") {
      $0.entries[0].revisions[0].content.setMoney(-6000)
    },
    Forgery("entries.1.revisions.0.content.refundOf", "deleted") {
      var revision = $0.entries[0].revisions[0]
      revision.action = .deleted
      $0.entries[0].revisions.append(revision)
    },
    Forgery("entries.1.revisions.0.content.currency", "not_for_a_refund") {
      $0.entries[0].revisions[0].content.currency = Currency(code: "USD")!
      $0.entries[0].revisions[0].content.setMoney(6000)
    },
    Forgery("entries.1.revisions.0.content.refundOf", "not_for_this_format") {
      $0.format = GroupFile.firstFormat
      ($0.categories, $0.recurring, $0.settlements, $0.defaultSplit) = (nil, nil, nil, nil)
      for index in $0.members.indices { $0.members[index].iban = nil }
      $0.entries.removeLast()
    },
  ]

  private static let formats: [Forgery] = ["members.0.iban", "defaultSplit", "settlements", "recurring"].map {
    Forgery($0, "not_for_this_format") { $0.format = GroupFile.firstFormat }
  }

  @Test(arguments: Backend.available) func forgedFieldIsRefusedByName(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (anna, any) = (books.anna, [("If-Match", "*")])
      for (path, json) in [
        (
          "",
          #"{"defaultSplit": {"method": "shares", "parts": [{"member": "\#(anna)", "weight": 2}, {"member": "\#(books.bob)"}]}}"#
        ), ("/members/\(anna)", #"{"iban": "DE89370400440532013000"}"#),
      ] { #expect(try await books.send("PATCH", path, json, headers: any).status == 200) }
      let expense = try await books.enter(
        "/expenses",
        #"{"description": "x", "amount": "60", "payer": "\#(anna)", "participants": ["\#(anna)", "\#(books.bob)"]}"#
      )
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "-30", "refundOf": "\#(expense.id)"}"#)
      _ = try await books.enter("/payments", #"{"from": "\#(anna)", "to": "kitty", "amount": "30"}"#)
      _ = try await RecurringBooksTests.rule(
        "\(RecurringBooksTests.rent(books, amount: 1001)), \"every\": {\"n\": 1, \"unit\": \"year\"}, \"from\": \"\(Instant.now.day)\", \"zone\": \"UTC\"",
        books)
      try await books.server.dependencies.recurringBooks.bookAll(at: .now)
      let begun = try await books.send("POST", "/settlements", #"{"keep": "kitty"}"#)
      #expect(begun.status == 201, "\(begun.text)")
      let text = try await books.send("GET", "/export").text
      let file = try JSON.decode(GroupFile.self, from: Data(text.utf8))
      let other = try await books.send("POST", "/v1/groups", #"{"name": "Empty", "currency": "USD"}"#)
        .decode(Group.self)
      let path = "/v1/groups/\(other.id)"
      for forgery in Self.rounds + Self.splits + Self.rules + Self.refunds + Self.formats {
        var forged = file
        forgery.change(&forged)
        let json = String(decoding: try JSON.encode(forged), as: UTF8.self)
        let answer = try await books.send("POST", "\(path)/import", json)
        #expect(answer.status == 422, "\(forgery.field) \(forgery.code) \(answer.text)")
        let errors = try answer.problem().errors ?? []
        #expect(
          errors.contains { $0.field == forgery.field && $0.code == forgery.code },
          "\(forgery.field) \(forgery.code) \(answer.text)")
      }
      #expect(try await books.send("GET", path).decode(Group.self).version == 1)
      // A clock that was set back, and a zone that this machine does not know, are no forgeries.
      var honest = file
      honest.settlements![0].endedAt = Instant(milliseconds: 1)
      honest.recurring![0].zone = "Europe/Atlantis"
      let imported = try await books.send(
        "POST", "\(path)/import", String(decoding: try JSON.encode(honest), as: UTF8.self))
      #expect(imported.status == 200, "\(imported.text)")
      for list in ["settlements", "recurring", "balances", "settlement?keep=kitty"] {
        #expect(try await books.send("GET", "\(path)/\(list)").status == 200)
      }
    }
  }
}

extension EntryContent {
  /// Gives an expense of one payer and an equal split another amount.
  fileprivate mutating func setMoney(_ units: Int64) {
    amount = units
    booked = Money(amount: units, currency: currency)
    payers = [Payer(payers![0].account, amount: .minorUnits(units))]
    shares = shares!.map { .init(member: $0.member, amount: units / 2) }
  }
}
