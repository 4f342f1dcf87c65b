import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Groups as files: other programs must come to the same numbers.
@Suite struct TransferTests {
  /// Fills a group with everything there is.
  static func fill(_ books: Books, seed: UInt64, steps: Int = 80) async throws {
    var requests = RandomLedger(
      seed: seed, members: books.members.map(\.id), currency: books.group.currency)
    var made: [Entry] = []
    for step in 0..<steps {
      let isExpense = step % 3 != 0
      let json = String(
        decoding: isExpense ? try JSON.encode(requests.expense()) : try JSON.encode(requests.payment()),
        as: UTF8.self)
      let path = isExpense ? "/expenses" : "/payments"
      let answer: Answer
      if step % 7 == 3, let old = made.last(where: { ($0.kind == .expense) == isExpense }) {
        answer = try await books.send(
          "PATCH", "\(path)/\(old.id)", json, headers: [("If-Match", "\"\(old.version)\"")])
      } else {
        answer = try await books.send("POST", path, json)
      }
      if answer.status == 409 {
        // A random payout may be more than the pot holds.
        #expect(try answer.problem().code == "not_in_the_pot", "\(answer.text)")
        continue
      }
      guard answer.status != 422 else {
        #expect(try answer.problem().errors?.first?.field == "rate", "\(answer.text)")
        continue
      }
      #expect([200, 201].contains(answer.status), "\(answer.text)")
      let entry = try answer.decode(Entry.self)
      made.removeAll { $0.id == entry.id }
      made.append(entry)
      if step % 9 == 4 {
        #expect(try await books.send("DELETE", "/entries/\(entry.id)").status == 204)
        made.removeLast()
        if step % 2 == 0 {
          let status = try await books.send("POST", "/entries/\(entry.id)/restore").status
          #expect(status == 200 || (entry.kind == .payout && status == 409))
        }
      }
      if step % 11 == 0 {
        #expect(
          try await books.send("POST", "/entries/\(entry.number)/comments", #"{"text": "a, \"b\""}"#).status
            == 201)
      }
    }
    #expect(try await books.send("POST", "/kitty/counts", #"{"counted": 1234}"#).status == 201)
    let targets = #"{"targets": [{"member": "\#(books.anna)", "amount": "50"}]}"#
    #expect(try await books.send("PUT", "/kitty/targets", targets).status == 200)
  }

  static func program(_ name: String) -> String? {
    let own = ProcessInfo.processInfo.environment["KITTY_TEST_TOOLS"].map { [$0] } ?? []
    let folders =
      own + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return folders.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  @Test(
    .enabled(if: program("hledger") != nil, "hledger is not installed: `make test` installs it"),
    arguments: Backend.available, [UInt64(1), 2])
  func hledgerComesToTheSameBalances(backend: Backend, seed: UInt64) async throws {
    try await Books.run(on: backend, guests: ["Bob", "Jo Ann: (x)", "井上 明子", "; drop"]) { books in
      try await Self.fill(books, seed: seed)
      let text = try await books.send("GET", "/export?format=hledger").text
      let file = NSTemporaryDirectory() + "kitty-\(ID(at: .now)).journal"
      defer { try? FileManager.default.removeItem(atPath: file) }
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      let hledger = try #require(Self.program("hledger"))
      let checked = try await runProgram(hledger, ["-f", file, "check", "--strict"])
      #expect(checked.status == 0 && checked.output.isEmpty, "\(checked.output)")
      let balance = try await runProgram(
        hledger, ["-f", file, "balance", "--flat", "--no-total", "-O", "csv", "--layout=bare"])
      #expect(balance.status == 0, "\(balance.output)")
      var found: Set<String> = []
      for line in balance.output.split(separator: "\n").dropFirst() {
        let cells = line.split(separator: ",", omittingEmptySubsequences: false)
          .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\"")) }
        let currency = try #require(Currency(code: cells[1]))
        let amount = try Amount(
          decimal: cells[2].hasSuffix(".") ? String(cells[2].dropLast()) : cells[2], currency: currency)
        if amount.minorUnits != 0 { found.insert("\(cells[0]) \(amount)") }
      }
      let names = [
        "Bob": "Members:Bob", "Jo Ann: (x)": "Members:Jo-Ann---x-", "井上 明子": "Members:井上-明子",
        "; drop": "Members:--drop", "anna": "Members:anna", "Kitty": "Kitty",
      ]
      let expected = try await books.server.balances(books.group.id, books.token).filter { $0.net != 0 }
        .map { "\(names[$0.name] ?? $0.name) \(Amount($0.net, $0.currency))" }
      #expect(found == Set(expected))
    }
  }

  @Test(
    .enabled(if: program("bean-check") != nil, "bean-check is not installed: `make test` installs it"),
    arguments: Backend.available)
  func beancountIsContent(backend: Backend) async throws {
    try await Books.run(on: backend, guests: ["Bob", "jo ann", "Jo Ann:", "井上"]) { books in
      try await Self.fill(books, seed: 3)
      let text = try await books.send("GET", "/export?format=beancount").text
      let file = NSTemporaryDirectory() + "kitty-\(ID(at: .now)).beancount"
      defer { try? FileManager.default.removeItem(atPath: file) }
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      let checked = try await runProgram(try #require(Self.program("bean-check")), [file])
      #expect(checked.status == 0 && checked.output.isEmpty, "\(checked.output.prefix(2000))")
    }
  }

  /// What the entries of a file add up to, from what they say and not from any posting.
  private static func nets(_ file: GroupFile) throws -> [String: Int64] {
    var nets: [String: Int64] = [:]
    func add(_ account: LedgerAccount, _ amount: Int64, _ content: EntryContent) {
      nets["\(account) \(content.booked.currency)", default: 0] += amount
    }
    for entry in file.entries {
      guard let last = entry.revisions.last, last.action != .deleted else { continue }
      let content = last.content
      if let from = content.from, let to = content.to {
        add(from, content.booked.amount, content)
        add(to, -content.booked.amount, content)
      }
      for share in content.shares ?? [] { add(.member(share.member), -share.amount, content) }
      let payers = content.payers ?? []
      if payers.count == 1 {
        add(payers[0].account, content.booked.amount, content)
      } else if content.rate == nil {
        for case (let account, .minorUnits(let units)) in payers.map({ ($0.account, $0.amount) }) {
          add(account, units, content)
        }
      } else {
        // Worth of each payer's part, to the last unit: LedgerTests has that by hand.
        for posting in content.postings(group: .first, entry: entry.id) where posting.kind == .paid {
          add(LedgerAccount(posting.account, in: .first), posting.amount.minorUnits, content)
        }
      }
    }
    return nets.filter { $0.value != 0 }
  }

  @Test(arguments: Backend.available, ["EUR", "JPY", "KWD"])
  func anImportIsTheSameGroup(backend: Backend, currency: String) async throws {
    try await Books.run(on: backend, guests: ["Bob", "Carl", "Emil"], currency: currency) { books in
      let any = [("If-Match", "*")]
      for (member, weight) in [(books.bob, 0), (books.carl, 7)] {
        let answer = try await books.send(
          "PATCH", "/members/\(member)", #"{"weight": \#(weight)}"#, headers: any)
        #expect(answer.status == 200)
      }
      // Emil leaves with nothing open, and what he shared comes back.
      let emil = books.members[3].id
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 1001, "payer": "\#(books.anna)"}"#)
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      #expect(try await books.send("DELETE", "/members/\(emil)").status == 204)
      #expect(try await books.send("POST", "/entries/1/restore").status == 200)
      let present = Books(
        server: books.server, token: books.token, group: books.group, members: Array(books.members.prefix(3)))
      try await Self.fill(present, seed: 4)
      let first = try await books.send("GET", "/export").text
      let file = try JSON.decode(GroupFile.self, from: Data(first.utf8))
      let found = try await books.server.balances(books.group.id, books.token).filter { $0.net != 0 }
      #expect(found.contains { $0.member == emil })
      #expect(
        try Self.nets(file)
          == Dictionary(uniqueKeysWithValues: found.map { ("\($0.account) \($0.currency)", $0.net) }))
      let other = try await books.send("POST", "/v1/groups", #"{"name": "Empty", "currency": "USD"}"#)
        .decode(Group.self)
      let path = "/v1/groups/\(other.id)"
      let taken = try await books.send("POST", "\(path)/import", first)
      #expect(taken.status == 200, "\(taken.text)")
      #expect(try await books.send("GET", "\(path)/export").text == first)
      // A currency in which everything was deleted leaves rows of nothing behind, which the copy has not.
      func nothing(_ balance: Balance) -> Bool {
        [balance.paid, balance.share, balance.sent, balance.received].allSatisfy { $0 == 0 }
      }
      let before = try await books.server.balances(books.group.id, books.token)
      let after = try await books.server.balances(other.id, books.token)
      #expect(after.filter { !nothing($0) } == before.filter { !nothing($0) })
      #expect(try taken.decode(Group.self).me == books.anna)
      // It goes on from there, and is not empty any more.
      let json = #"{"description": "x", "amount": 1, "payer": "kitty"}"#
      #expect(try await books.send("POST", "\(path)/expenses", json).status == 201)
      let again = try await books.send("POST", "\(path)/import", first)
      #expect(try again.problem().code == "not_empty")
    }
  }

  @Test(arguments: Backend.available) func aForgedFileIsRefused(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "100", "payer": "\#(books.anna)"}"#)
      let file = try await books.send("GET", "/export").text
      let other = try await books.send("POST", "/v1/groups", #"{"name": "Empty", "currency": "USD"}"#)
        .decode(Group.self)
      for (old, new) in [
        (#""amount":3333"#, #""amount":3332"#), (#""number":1"#, #""number":2"#),
        (#""action":"created""#, #""action":"restored""#),
        (books.bob.description, books.group.id.description),
        ("kittycash-group-1", "other"), (#""lastNumber""#, #""lastNumbers""#),
      ] {
        guard let place = file.range(of: old, options: .backwards) else {
          Issue.record("\(old) is not in \(file)")
          continue
        }
        let forged = file.replacingCharacters(in: place, with: new)
        let answer = try await books.send("POST", "/v1/groups/\(other.id)/import", forged)
        #expect(answer.status == 422, "\(old) → \(new): \(answer.text)")
      }
      let group = try await books.send("GET", "/v1/groups/\(other.id)").decode(Group.self)
      #expect(group.name == "Empty" && group.version == 1)
    }
  }

  @Test(arguments: Backend.available) func aSpreadsheetRunsNoFormula(backend: Backend) async throws {
    try await Books.run(on: backend, guests: ["=HYPERLINK(1)", "Bob"]) { books in
      for text in ["=1+1", "+1", "-1", "@x", "＝1", "a \\\"b\\\", c"] {
        _ = try await books.enter(
          "/expenses", #"{"description": "\#(text)", "amount": 300, "payer": "kitty"}"#)
      }
      let answer = try await books.send("GET", "/export?format=csv")
      #expect(answer.header("Content-Type")?.hasPrefix("text/csv") == true)
      let lines = answer.text.split(separator: "\r\n")
      #expect(lines.count == 1 + 6 * 4)
      for text in [
        "\"'=1+1\"", "\"'+1\"", "\"'-1\"", "\"'@x\"", "\"'＝1\"", "\"a \"\"b\"\", c\"", "\"'=HYPERLINK(1)\"",
      ] {
        #expect(answer.text.contains(text), "\(text)")
      }
    }
  }

  @Test(arguments: Backend.available) func theCheckFindsAndRepairs(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let books = Books(server: server, token: token, group: group, members: members)
      try await Self.fill(books, seed: 5, steps: 20)
      let before = try await server.balances(group.id, token)
      let database = server.dependencies.database
      let audit = Audit(database: database, photos: server.dependencies.photos)
      #expect(try await audit.findings() == [])
      try await database.transact([
        "update balances set paid = paid + 5 where account_id = \(books.anna) and currency = 'EUR'",
        "delete from balances where account_id = \(books.bob)",
        "update groups set last_number = 1 where id = \(group.id)",
        "insert into balances (group_id, account_id, currency, paid, share, sent, received) values (\(group.id), \(books.carl), 'XAF', 1, 0, 0, 0)",
        "update users set photo_hash = 'gone', photo_width = 1, photo_height = 1",
      ])
      let findings = try await audit.findings()
      for word in [
        "member \(books.anna)", "member \(books.bob)", "XAF", "the last number is 1", "its file is missing",
      ] {
        #expect(findings.contains { $0.contains(word) }, "\(word): \(findings)")
      }
      let repairs = try await audit.repairBalances()
      #expect(repairs.repaired.count >= 3 && repairs.refused.isEmpty)
      #expect(try await audit.balances().isEmpty)
      let after = try await server.balances(group.id, token)
      #expect(after.filter { $0.net != 0 } == before.filter { $0.net != 0 })
    }
  }
}
