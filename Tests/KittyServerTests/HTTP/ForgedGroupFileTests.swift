import FoundationEssentials
import KittyShared
import Logging
import Testing

@testable import KittyServer

/// A file that the ledger could not have written is refused, and the error names the field.
@Suite struct ForgedGroupFileTests {
  /// A change of the file, and the expected field and code.
  struct Forgery: Sendable {
    let field: String
    let code: String
    let change: @Sendable (inout GroupFile) -> Void

    init(_ field: String, _ code: String, _ change: @escaping @Sendable (inout GroupFile) -> Void) {
      self.field = field
      self.code = code
      self.change = change
    }

    /// A change of the content of an entry: 0 is an expense, 1 a payment, 2 an expense with a rate, 3 a count, 4 an
    /// expense with percentages.
    init(
      _ entry: Int, _ field: String, _ code: String,
      _ change: @escaping @Sendable (inout EntryContent) -> Void
    ) {
      self.init("entries.\(entry).revisions.0.content.\(field)", code) {
        change(&$0.entries[entry].revisions[0].content)
      }
    }
  }

  static let forgeries: [Forgery] = [
    Forgery("lastNumber", "out_of_range") { $0.lastNumber = -1 },
    Forgery("lastNumber", "out_of_range") { $0.lastNumber = .max },
    Forgery("lastNumber", "out_of_range") { $0.lastNumber = (1 << 53) + 1 },
    Forgery("entries.4.number", "out_of_order") { $0.lastNumber = 4 },
    // Fields that the kind does not have.
    Forgery(1, "payers", "not_for_this_kind") {
      $0.payers = [Payer($0.from ?? .kitty, amount: .minorUnits(7))]
      $0.shares = []
    },
    Forgery(1, "shares", "not_for_this_kind") { $0.shares = [] },
    Forgery(1, "split", "not_for_this_kind") { $0.split = .equally([]) },
    Forgery(1, "counted", "not_for_this_kind") { $0.counted = 7 },
    Forgery(0, "expected", "not_for_this_kind") { $0.expected = 7 },
    Forgery(0, "from", "not_for_this_kind") { $0.from = .kitty },
    Forgery(0, "to", "not_for_this_kind") { $0.to = .kitty },
    Forgery(3, "rate", "not_for_this_kind") {
      $0.rate = Rate("2")
      $0.currency = Currency(code: "USD")!
      $0.booked = Money(amount: $0.amount * 2, currency: Currency(code: "EUR")!)
    },
    Forgery(1, "to", "not_for_this_kind") { $0.kind = .payout },
    Forgery(1, "to", "not_for_this_kind") { $0.to = $0.from },
    Forgery(1, "to", "missing") { $0.to = nil },
    Forgery(1, "amount", "negative") {
      $0.amount = -5
      $0.booked = Money(amount: -5, currency: $0.currency)
    },
    Forgery(1, "to", "not_a_member") { $0.to = .member(ID.last) },
    // Payers.
    Forgery(0, "payers", "missing") { $0.payers = nil },
    Forgery(0, "payers", "nobody") { $0.payers = [] },
    Forgery(0, "payers", "twice") {
      $0.payers = [9_999, 1].map { [payer = $0.payers![0].account] in Payer(payer, amount: .minorUnits($0)) }
    },
    Forgery(0, "payers", "not_the_total") {
      $0.payers = [Payer(.kitty, amount: .minorUnits($0.amount - 1))]
    },
    Forgery(0, "payers.1.amount", "wrong_sign") {
      $0.payers = [
        Payer($0.payers![0].account, amount: .minorUnits($0.amount + 100)),
        Payer(.kitty, amount: .minorUnits(-100)),
      ]
    },
    Forgery(0, "payers.0.amount", "wrong_sign") {
      $0.payers = [Payer(.kitty, amount: .decimal("100.00"))]
    },
    Forgery(0, "payers.0.account", "not_a_member") {
      $0.payers = [Payer(.member(.last), amount: .minorUnits($0.amount))]
    },
    // Shares.
    Forgery(0, "shares", "missing") { $0.shares = nil },
    Forgery(0, "split", "missing") { $0.split = nil },
    Forgery(0, "shares", "not_the_split") {
      let shares = $0.shares!
      $0.shares![0] = .init(member: shares[0].member, amount: shares[0].amount + 500)
      $0.shares![1] = .init(member: shares[1].member, amount: shares[1].amount - 500)
    },
    Forgery(0, "shares", "not_the_split") {
      let member = $0.shares![0].member
      $0.shares = [.init(member: member, amount: $0.amount), .init(member: member, amount: 0)]
    },
    Forgery(0, "split.parts", "twice") { $0.split!.parts!.append($0.split!.parts![0]) },
    Forgery(0, "split.parts.0.member", "not_a_member") { $0.split!.parts![0].member = .last },
    Forgery(0, "split.parts", "nobody") { $0.split!.parts = [] },
    Forgery(0, "split", "incomplete") { $0.split!.parts = nil },
    Forgery(4, "split.parts", "not_hundred_percent") {
      $0.split!.parts![0].percent = Percent(hundredths: 300)
    },
    Forgery(4, "split.parts.0.percent", "missing") { $0.split!.parts![0].percent = nil },
    // The booked amount.
    Forgery(0, "booked", "not_the_amount") { $0.booked = Money(amount: 1, currency: $0.currency) },
    Forgery(2, "booked", "not_the_worth") {
      $0.booked = Money(amount: $0.booked.amount, currency: Currency(code: "KWD")!)
    },
    Forgery(2, "booked", "not_the_worth") {
      $0.booked = Money(amount: $0.booked.amount + 1, currency: $0.booked.currency)
    },
    Forgery(2, "rate", "same_currency") { $0.currency = $0.booked.currency },
    Forgery(0, "amount", "too_large") {
      $0.amount = .max
      $0.booked = Money(amount: .max, currency: $0.currency)
    },
    Forgery(0, "amount", "too_large") { $0.booked = Money(amount: .min, currency: $0.currency) },
    // Counts.
    Forgery(3, "counted", "not_the_total") { $0.counted = 1 },
    Forgery(3, "counted", "negative") {
      $0.counted = -1
      $0.expected = $0.amount - 1
    },
    Forgery(3, "payers", "not_for_this_kind") {
      $0.payers = [Payer(.member($0.shares![0].member), amount: .minorUnits($0.amount))]
    },
    Forgery(0, "note", "control_character") { $0.note = "\u{1b}[31m" },
    // Revisions that change what they must keep.
    Forgery("entries.0.revisions.1.content", "not_the_previous") {
      $0.entries[0].append(.deleted) { $0.description = "another" }
    },
    Forgery("entries.1.revisions.2.content", "not_the_previous") {
      $0.entries[1].append(.deleted)
      $0.entries[1].append(.restored) {
        $0.amount += 1
        $0.booked = Money(amount: $0.amount, currency: $0.currency)
      }
    },
    // Ids of other versions.
    Forgery("entries.1.id", "not_version_7") { $0.entries[1].id = versionFour },
    Forgery("members.1.id", "not_version_7") { $0.members[1].id = versionFour },
    Forgery("entries.0.comments.0.id", "not_version_7") {
      $0.entries[0].comments = [.init(id: versionFour, text: "x", by: $0.owner, at: .now)]
    },
    // Instants and days that no server would have written up to now.
    Forgery("createdAt", "in_the_future") { $0.createdAt = inTwoDays },
    Forgery("members.1.createdAt", "in_the_future") { $0.members[1].createdAt = inTwoDays },
    Forgery("members.2.removedAt", "in_the_future") { $0.members[2].removedAt = inTwoDays },
    Forgery("entries.2.revisions.0.at", "in_the_future") { $0.entries[2].revisions[0].at = inTwoDays },
    Forgery("entries.0.comments.0.at", "in_the_future") {
      $0.entries[0].comments = [.init(id: ID(at: .now), text: "x", by: $0.owner, at: inTwoDays)]
    },
    Forgery(1, "date", "too_far_ahead") { $0.date = .last },
    Forgery("entries.1.revisions.1.content.date", "too_far_ahead") {
      $0.entries[1].append(.changed) { $0.date = .last }
    },
    Forgery("closedUntil", "too_far_ahead") { $0.closedUntil = .last },
    // A payout of money that was never in the kitty.
    Forgery("entries.1", "not_in_the_pot") {
      $0.entries[1].revisions[0].content.kind = .payout
      $0.entries[1].revisions[0].content.from = .kitty
      $0.entries[1].revisions[0].content.amount = 1_000_000
      $0.entries[1].revisions[0].content.booked = Money(amount: 1_000_000, currency: $0.currency)
    },
  ]

  private static let versionFour = ID("01a2046a-3900-4c1e-8f0d-2b1a4c5d6e7f")!
  private static var inTwoDays: Instant { Instant.now.advanced(by: .seconds(2 * 86_400)) }

  @Test(arguments: Backend.available) func forgedFieldIsRefusedByName(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let anna = books.anna
      _ = try await books.enter("/expenses", #"{"description": "x", "amount": "100", "payer": "\#(anna)"}"#)
      _ = try await books.enter("/payments", #"{"from": "\#(anna)", "to": "\#(books.bob)", "amount": "5"}"#)
      _ = try await books.enter(
        "/expenses",
        #"{"description": "x", "amount": 8000, "currency": "JPY", "rate": "0.0062", "payer": "kitty"}"#)
      _ = try await books.enter("/kitty/counts", #"{"counted": "3"}"#)
      _ = try await books.enter(
        "/expenses",
        #"{"description": "x", "amount": "1", "payer": "kitty", "split": {"method": "percentages", "parts": [{"member": "\#(anna)", "percent": 40}, {"member": "\#(books.bob)", "percent": 60}]}}"#
      )
      let text = try await books.send("GET", "/export").text
      let file = try JSON.decode(GroupFile.self, from: Data(text.utf8))
      let other = try await books.send("POST", "/v1/groups", #"{"name": "Empty", "currency": "USD"}"#)
        .decode(Group.self)
      let path = "/v1/groups/\(other.id)"
      for (index, forgery) in Self.forgeries.enumerated() {
        var forged = file
        forgery.change(&forged)
        let json = String(decoding: try JSON.encode(forged), as: UTF8.self)
        let answer = try await books.send("POST", "\(path)/import", json)
        #expect(answer.status == 422, "\(index): \(forgery.field) \(answer.text)")
        let errors = try answer.problem().errors ?? []
        #expect(
          errors.contains { $0.field == forgery.field && $0.code == forgery.code },
          "\(index): \(forgery.field) \(forgery.code) \(answer.text)")
      }
      #expect(try await books.send("GET", path).decode(Group.self).version == 1)
      // Numbers may be missing; new entries continue after the last one.
      var sparse = file
      sparse.entries.remove(at: 0)
      sparse.lastNumber = 41
      let imported = try await books.send(
        "POST", "\(path)/import", String(decoding: try JSON.encode(sparse), as: UTF8.self))
      #expect(imported.status == 200, "\(imported.text)")
      let json = #"{"description": "x", "amount": 1, "payer": "kitty"}"#
      #expect(
        try await books.send("POST", "\(path)/expenses", json).decode(Entry.self).number == 42)
    }
  }

  /// Files that the program writes when the clock of its server is set back, and when the kitty is used in any order.
  @Test(arguments: Backend.available) func fileOfClockThatWasSetBackIsTaken(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let anna = books.anna
      let any = [("If-Match", "*")]
      let contribution = try await books.enter(
        "/payments", #"{"from": "\#(anna)", "to": "kitty", "amount": "100"}"#)
      for amount in ["70", "30"] {
        _ = try await books.enter(
          "/payments", #"{"from": "kitty", "to": "\#(books.bob)", "amount": "\#(amount)"}"#)
      }
      // The kitty owes now what it paid out.
      #expect(try await books.send("DELETE", "/entries/\(contribution.id)").status == 204)
      let expense = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "1", "payer": "\#(anna)"}"#)
      for day in ["2001-01-01", "2032-01-01"] {
        let changed = try await books.send(
          "PATCH", "/expenses/\(expense.id)", #"{"date": "\#(day)"}"#, headers: any)
        #expect(changed.status == 200, "\(changed.text)")
      }
      let text = try await books.send("GET", "/export").text
      var file = try JSON.decode(GroupFile.self, from: Data(text.utf8))
      // The clock was some hours ahead when the entry was made, and is in the past for a moment after that.
      file.entries[0].revisions[0].at = Instant.now.advanced(by: .seconds(20 * 3600))
      file.entries[0].revisions[1].at = Instant(milliseconds: 0)
      file.entries[1].revisions[0].at = Instant(milliseconds: 1)
      file.entries[1].revisions[0].content.date = Day(daysSince1970: 0)
      let other = try await books.send("POST", "/v1/groups", #"{"name": "Empty", "currency": "USD"}"#)
        .decode(Group.self)
      let json = String(decoding: try JSON.encode(file), as: UTF8.self)
      let imported = try await books.send("POST", "/v1/groups/\(other.id)/import", json)
      #expect(imported.status == 200, "\(imported.text)")
    }
  }

  /// Rows that the database refuses are invalid input, not an error of the server.
  @Test(arguments: Backend.available) func importRefusedByTheDatabaseIsInvalidInput(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/payments", #"{"from": "\#(books.anna)", "to": "\#(books.bob)", "amount": "5"}"#)
      let text = try await books.send("GET", "/export").text
      var file = try JSON.decode(GroupFile.self, from: Data(text.utf8))
      // The error that the checks of the file would have found.
      file.entries[0].revisions[0].content.payers = [Payer(.member(books.anna), amount: .minorUnits(7))]
      file.entries[0].revisions[0].content.shares = [.init(member: books.bob, amount: 3)]
      let other = try await books.send("POST", "/v1/groups", #"{"name": "Empty", "currency": "USD"}"#)
        .decode(Group.self)
      let user = try #require(try await books.get(Member.self, "/members/\(books.anna)").user)
      let store = GroupImportStore(
        database: books.server.dependencies.database, logger: Logger(label: "test"))
      let problem = await #expect(throws: Rejection.self) {
        try await store.insert(file, into: other.id, owner: user, WriteContext()) { add in
          for entry in file.entries { try await add(entry) }
        }
      }
      #expect(problem?.reason == .invalid && problem?.errors?.first?.code == "refused")
    }
  }
}

extension GroupFile.FileEntry {
  /// Adds a revision with the current content, changed by `change`.
  fileprivate mutating func append(
    _ action: Revision.Action, _ change: (inout EntryContent) -> Void = { _ in }
  ) {
    guard var revision = revisions.last else { return }
    revision.action = action
    change(&revision.content)
    revisions.append(revision)
  }
}
