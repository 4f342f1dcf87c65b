import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// A page of a list ends with a number of bytes, and a client that follows the links sees everything once.
@Suite struct PageBytesTests {
  /// Reads all pages by their links.
  private static func all<Value: Decodable>(
    _ books: GroupFixture, _ type: Value.Type, _ path: String
  ) async throws -> [Value] {
    var pages: [Value] = []
    var next: String? = "/v1/groups/\(books.group.id)\(path)"
    if path.hasPrefix("/v1") { next = path }
    while let address = next {
      let answer = try await books.send("GET", address)
      try #require(answer.status == 200, "\(answer.text.prefix(1000))")
      // The last item may go beyond the limit; one of these has at most half a MiB.
      #expect(answer.response.body.count < 3 * PageBytes.limit / 2)
      pages.append(try answer.decode(type))
      next = answer.header("Link")?.firstMatch(of: #/<(.*)>; rel="next"/#).map { String($0.1) }
      try #require(pages.count < 1000)
    }
    return pages
  }

  /// Fills the group with entries of more than 380 kB each, and small ones between them.
  private static func enterLarge(_ books: GroupFixture) async throws {
    let file = GroupFile.filled(try await books.get(GroupFile.self, "/export"), present: 100)
    try #require(try await books.send("POST", "/import", try file.json()).status == 200)
    let items = Array(repeating: #"{"amount": 100}"#, count: 100).joined(separator: ", ")
    for number in 1...7 {
      let large =
        #"{"description": "\#(number)", "amount": 10000, "payer": "kitty", "split": {"method": "items", "items": [\#(items)]}}"#
      let made = try await books.send("POST", "/expenses", large)
      try #require(made.status == 201 && made.response.body.count > 380_000, "\(made.text.prefix(1000))")
      _ = try await books.enter(
        "/payments", #"{"from": "\#(file.owner)", "to": "kitty", "amount": \#(number)}"#)
    }
  }

  @Test(arguments: Backend.available) func pagesOfLargeEntriesEndEarly(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await Self.enterLarge(books)
      for (path, count) in [
        ("/entries?limit=200", 14), ("/entries?since=0&limit=200", 14), ("/expenses?limit=4", 7),
        ("/entries?limit=1", 14), ("/expenses?limit=200&since=0", 7), ("/payments?limit=200", 7),
        ("/entries?limit=200&member=kitty", 14),
      ] {
        let pages = try await Self.all(books, Page<Entry>.self, path)
        let numbers = pages.flatMap(\.items).map(\.number)
        #expect(numbers.count == count && Set(numbers).count == count, "\(path)")
        let isSince = path.contains("since")
        #expect(numbers == (isSince ? numbers.sorted() : numbers.sorted().reversed()), "\(path)")
        #expect(pages.allSatisfy { !$0.items.isEmpty } && pages.dropLast().allSatisfy { $0.next != nil })
        if path.hasPrefix("/entries?limit=200") || isSince { #expect(pages.count > 2, "\(path)") }
        if path.hasPrefix("/payments") { #expect(pages.count == 1) }
        let sequences = Set(pages.compactMap(\.sequence))
        #expect(isSince ? sequences.max() == pages.last?.sequence : sequences.count == 1)
      }
    }
  }

  /// An export reads few large entries at a time, and its text is the same.
  @Test(arguments: Backend.available) func exportReadsLargeEntriesInParts(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await Self.enterLarge(books)
      let store = GroupExportStore(database: books.server.dependencies.database)
      let head = try await store.head(of: books.group.id, withRange: false)
      #expect(try await store.entries(of: books.group.id, upTo: head.moment, after: 0).count == 14)
      var parts = store
      parts.pageBytes = PageBytes.limit
      #expect(
        try await (2...6).contains(parts.entries(of: books.group.id, upTo: head.moment, after: 0).count))
      let exports = GroupExport(store: parts)
      var text = ""
      try await exports.write(try await exports.begin(.json, of: books.group.id)) { text += $0 }
      #expect(try await books.send("GET", "/export").text == text)
    }
  }

  @Test(arguments: Backend.available) func historyHasPages(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await Self.enterLarge(books)
      for version in 1...6 {
        let answer = try await books.send(
          "PATCH", "/expenses/1", #"{"description": "d\#(version)"}"#,
          headers: [("If-Match", "\"\(version)\"")])
        try #require(answer.status == 200)
      }
      // One more with as large a difference as there can be.
      let equally = try await books.send(
        "PATCH", "/expenses/1", #"{"split": {"method": "equally"}}"#, headers: [("If-Match", "\"7\"")])
      try #require(equally.status == 200)
      let whole = try await Self.all(books, History.self, "/entries/1/history")
      #expect(whole.count > 2 && whole.allSatisfy { !$0.revisions.isEmpty })
      let revisions = whole.flatMap(\.revisions)
      #expect(revisions.map(\.version) == Array(1...8))
      #expect(revisions[0].changes.count > 5)
      for version in 2...7 {
        let old = version == 2 ? "1" : "d\(version - 2)"
        #expect(
          revisions[version - 1].changes == [
            .init(field: "description", old: .text(old), new: .text("d\(version - 1)"))
          ])
      }
      #expect(revisions[7].changes.map(\.field) == ["shares", "split"] || !revisions[7].changes.isEmpty)
      for limit in [1, 3, 200] {
        let pages = try await Self.all(books, History.self, "/entries/1/history?limit=\(limit)")
        #expect(pages.flatMap(\.revisions) == revisions, "\(limit)")
        #expect(pages.allSatisfy { $0.revisions.count <= limit })
      }
      // A short history is one page, with no link.
      let short = try await books.send("GET", "/entries/2/history")
      #expect(short.header("Link") == nil)
      #expect(try short.decode(History.self).revisions.count == 1)
      for query in ["limit=0", "limit=201", "cursor=x", "limit=2&cursor=LTE"] {
        #expect(try await books.send("GET", "/entries/1/history?\(query)").status == 422, "\(query)")
      }
    }
  }

  @Test(arguments: Backend.available) func balancesOfAUserHavePages(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let path = "/v1/groups/\(try await books.server.makeGroup(books.token).group.id)"
      let members = try await books.get(Page<Member>.self, "\(path)/members").items
      for (group, member) in [("", books.bob), (path, members[1].id)] {
        for currency in ["USD", "EUR", "CHF"] {
          _ = try await books.enter(
            "\(group)/expenses",
            #"{"description": "x", "amount": 3, "currency": "\#(currency)", "payer": "\#(member)"}"#)
        }
      }
      let whole = try await books.send("GET", "/v1/me/balances")
      #expect(whole.header("Link") == nil)
      let mine = try whole.decode(MyBalances.self)
      #expect(mine.groups.count == 6 && mine.totals.map(\.amount) == [-2, -2, -2] && mine.next == nil)
      for limit in [1, 4, 5, 6] {
        let pages = try await Self.all(books, MyBalances.self, "/v1/me/balances?limit=\(limit)")
        #expect(pages.flatMap(\.groups) == mine.groups && pages.allSatisfy { $0.totals == mine.totals })
        #expect(pages.count == (6 + limit - 1) / limit)
      }
      try expectFirstError(
        try await books.send("GET", "/v1/me/balances?cursor=eA"), 422, "not_a_cursor", field: "cursor")
    }
  }

  @Test(arguments: Backend.available) func kittyOfManyMembersHasPages(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      var file = GroupFile.filled(try await books.get(GroupFile.self, "/export"), present: 1300)
      file.targets = try file.members.flatMap { member in
        try ["CHF", "EUR"].map { code in
          GroupFile.FileTarget(
            member: member.id, currency: try #require(Currency(code: code)), amount: 5)
        }
      }
      try #require(try await books.send("POST", "/import", try file.json()).status == 200)
      let pages = try await Self.all(books, Kitty.self, "/kitty")
      #expect(pages.map(\.targets.count) == [PageRequest.wholeLimit, 100])
      let targets = pages.flatMap(\.targets).map { "\($0.member) \($0.currency)" }
      #expect(targets == file.targets.map { "\($0.member) \($0.currency)" })
      let small = try await Self.all(books, Kitty.self, "/kitty?limit=200")
      #expect(small.flatMap(\.targets) == pages.flatMap(\.targets))
      let set = try await books.send(
        "PUT", "/kitty/targets", #"{"targets": [{"member": "\#(file.owner)", "amount": 7}]}"#)
      let kitty = try set.decode(Kitty.self)
      #expect(kitty.targets.count == PageRequest.wholeLimit && kitty.next != nil)
    }
  }

  @Test(arguments: Backend.available) func pageOfGroupsWithAllCurrenciesEndsEarly(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { server in
      let token = try await server.signUp()
      let database = server.dependencies.database
      let user = try await server.send("GET", "/v1/me", token: token).decode(User.self).id
      for _ in 0..<80 {
        let (group, owner) = (ID(at: .now), ID(at: .now))
        try await GroupStore(database: database).insert(
          NewGroup(name: "x", currency: Currency(code: "EUR")), id: group, owner: owner, named: "anna",
          user: user, at: .now, WriteContext())
        let rows = Currency.all.flatMap { currency -> [SQL] in
          [
            "(\(group), \(owner), \(currency), 1000000000000, 0, 0, 0)",
            "(\(group), \(group), \(currency), 0, 1000000000000, 0, 0)",
          ]
        }
        try await database.transact([
          "insert into balances (group_id, account_id, currency, paid, share, sent, received) values \(list: rows)"
        ])
      }
      let first = try await server.send("GET", "/v1/groups?limit=200", token: token)
      let page = try first.decode(Page<Group>.self)
      #expect(page.items.count < 80 && first.response.body.count < PageBytes.limit + 20_000)
      let next = try #require(page.next)
      let second = try await server.send("GET", "/v1/groups?limit=200&cursor=\(next)", token: token).decode(
        Page<Group>.self)
      #expect(Set((page.items + second.items).map(\.id)).count == 80 && second.next == nil)
    }
  }

  /// The longest comments fill a page of 200 almost, and do not go beyond a MiB.
  @Test func pageOfTheLongestCommentsHasLessThanAMiB() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let entry = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 3, "payer": "kitty"}"#)
      let text = String(repeating: "😀", count: 1000)
      for _ in 0..<200 {
        let json = #"{"text": "\#(text)"}"#
        try #require(try await books.send("POST", "/entries/1/comments", json).status == 201)
      }
      let page = try await books.send("GET", "/entries/\(entry.id)/comments?limit=200")
      #expect(try page.decode(Page<KittyShared.Comment>.self).items.count == 200)
      #expect(page.response.body.count < PageBytes.limit)
    }
  }
}
