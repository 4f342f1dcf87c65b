import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Categories of a group, and the categories and tags of its expenses.
@Suite struct CategoryTests {
  private typealias Category = KittyShared.Category

  private static let any = [("If-Match", "*")]

  private func add(_ name: String, under parent: ID? = nil, _ books: GroupFixture) async throws -> Category {
    let below = parent.map { #", "parent": "\#($0)""# } ?? ""
    let answer = try await books.send("POST", "/categories", #"{"name": "\#(name)"\#(below)}"#)
    try #require(answer.status == 201, "\(answer.text)")
    return try answer.decode(Category.self)
  }

  private func expense(_ fields: String, _ books: GroupFixture) async throws -> Entry {
    try await books.enter(
      "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)", \#(fields)}"#)
  }

  private func entry(_ id: ID, _ books: GroupFixture) async throws -> Entry {
    try await books.get(Entry.self, "/entries/\(id)")
  }

  private func names(_ books: GroupFixture, _ query: String = "") async throws -> [String] {
    try await books.get(Page<Category>.self, "/categories\(query)").items.map(\.name)
  }

  @Test(arguments: Backend.available) func groupBeginsWithoutAndGetsTheStandardOnes(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      #expect(try await names(books) == [])
      // The group's own one keeps its place, and what would be below it is on the upper level.
      let house = try await add("House", books)
      _ = try await add("food", under: house.id, books)
      for _ in 1...2 {
        let answer = try await books.send("POST", "/categories/standard")
        let items = try answer.decode(Page<Category>.self).items
        let expected = Category.standard.reduce(0) { $0 + 1 + $1.children.count } + 1
        #expect(answer.status == 200 && items.count == expected, "\(answer.text)")
        let groceries = try #require(items.first { $0.name == "Groceries" })
        #expect(groceries.parent == nil)
        let rent = try #require(items.first { $0.name == "Rent" })
        #expect(items.first { $0.id == rent.parent }?.name == "Home")
      }
    }
  }

  @Test(arguments: Backend.available) func namesAreUniqueAndTheTreeHasTwoLevels(backend: Backend) async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let food = try await add("Food", books)
      let snacks = try await add("Snacks", under: food.id, books)
      let home = try await add("Home", books)
      func refuse(_ method: String, _ path: String, _ json: String, _ status: Int, _ code: String)
        async throws
      {
        let answer = try await books.send(method, path, json, headers: method == "PATCH" ? Self.any : [])
        let problem = try answer.problem()
        #expect(
          answer.status == status && (problem.errors?.first?.code ?? problem.code) == code, "\(answer.text)")
      }
      try await refuse("POST", "/categories", #"{"name": "FOOD"}"#, 409, "name_taken")
      // The first letter is Cyrillic.
      try await refuse("POST", "/categories", #"{"name": "Нome"}"#, 409, "name_taken")
      try await refuse("POST", "/categories", #"{"name": "None"}"#, 422, "reserved")
      try await refuse("POST", "/categories", #"{"name": "  "}"#, 422, "blank")
      try await refuse("POST", "/categories", #"{"id": "\#(food.id)", "name": "Other"}"#, 409, "id_taken")
      try await refuse(
        "POST", "/categories", #"{"name": "Nuts", "parent": "\#(snacks.id)"}"#, 422, "not_a_parent")
      try await refuse(
        "POST", "/categories", #"{"name": "Nuts", "parent": "\#(books.bob)"}"#, 422, "not_a_parent")
      let path = "/categories/\(food.id)"
      try await refuse("PATCH", path, #"{"parent": "\#(home.id)"}"#, 422, "not_a_parent")
      try await refuse("PATCH", path, #"{"parent": "\#(food.id)"}"#, 422, "not_a_parent")
      try await refuse("PATCH", path, #"{"name": "home"}"#, 409, "name_taken")
      try await refuse("PATCH", path, "{}", 422, "nothing_to_change")
      let moved = try await books.send(
        "PATCH", "/categories/\(snacks.id)", #"{"parent": null, "name": " Sweets "}"#, headers: Self.any)
      let sweets = try moved.decode(Category.self)
      #expect(sweets.name == "Sweets" && sweets.parent == nil && sweets.version == 2)
      #expect(
        try await books.send("PATCH", path, #"{"parent": "\#(home.id)"}"#, headers: Self.any).status == 200)
      #expect(try await names(books) == ["Food", "Sweets", "Home"])
    }
  }

  @Test(arguments: Backend.available) func expenseHasOneOfTheGroup(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (food, home) = (try await add("Food", books), try await add("Home", books))
      let dinner = try await expense(#""category": "\#(food.id)""#, books)
      #expect(dinner.category == food.id)
      let items = try await expense(
        #""category": "\#(food.id)", "split": {"method": "items", "items": [{"amount": 100, "category": "\#(home.id)"}, {"amount": 200}]}"#,
        books)
      #expect(items.content.categories == [food.id, home.id])
      let path = "/expenses/\(dinner.id)"
      for (json, field, code) in [
        (#"{"category": "\#(books.bob)"}"#, "category", "not_a_category"),
        (
          #"{"split": {"method": "items", "items": [{"amount": 300, "category": "\#(books.bob)"}]}}"#,
          "split.items.0.category", "not_a_category"
        ),
        (#"{"category": "food"}"#, "category", "not_an_id"),
      ] {
        for query in ["", "?dryRun=true"] {
          let answer = try await books.send("PATCH", path + query, json, headers: Self.any)
          let error = try answer.problem().errors?.first
          #expect(answer.status == 422 && error?.field == field && error?.code == code, "\(answer.text)")
        }
      }
      // A rename changes no entry, and an archived one stays.
      let before = try await books.send("GET", path).text
      for json in [#"{"name": "Eating"}"#, #"{"archived": true}"#] {
        let answer = try await books.send("PATCH", "/categories/\(food.id)", json, headers: Self.any)
        #expect(answer.status == 200)
      }
      #expect(try await books.send("GET", path).text == before)
      #expect(try await books.send("PATCH", path, #"{"amount": 301}"#, headers: Self.any).status == 200)
      let archived = try await books.send(
        "PATCH", "/expenses/\(items.id)", #"{"category": null}"#, headers: Self.any)
      #expect(try archived.decode(Entry.self).category == nil)
      let again = try await books.send(
        "PATCH", "/expenses/\(items.id)", #"{"category": "\#(food.id)"}"#, headers: Self.any)
      #expect(try again.problem().errors?.first?.code == "archived_category")
      let back = try await books.send(
        "PATCH", "/categories/\(food.id)", #"{"archived": false}"#, headers: Self.any)
      #expect(try back.decode(Category.self).archivedAt == nil)
      let payment = try await books.send(
        "POST", "/payments",
        #"{"from": "\#(books.anna)", "to": "kitty", "amount": 1, "category": "\#(food.id)"}"#)
      #expect(try payment.problem().errors?.first?.code == "unknown_field")
    }
  }

  @Test(arguments: Backend.available) func removedOneGivesItsEntriesAnother(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (food, home) = (try await add("Food", books), try await add("Home", books))
      // More than are moved in one transaction.
      var made: [Entry] = []
      for _ in 0..<130 { made.append(try await expense(#""category": "\#(food.id)""#, books)) }
      let item = try await expense(
        #""split": {"method": "items", "items": [{"amount": 300, "category": "\#(food.id)"}]}"#, books)
      let other = try await expense(#""category": "\#(home.id)""#, books)
      #expect(try await books.send("DELETE", "/entries/\(made[0].id)").status == 204)
      let start = try await books.get(Page<Entry>.self, "/entries?limit=1").sequence ?? 0
      let nets = try await books.nets()
      let path = "/categories/\(food.id)"
      for (query, status, code) in [
        ("", 409, "in_use"), ("?into=\(food.id)", 422, "not_a_category"),
        ("?into=food", 422, "not_a_category"),
        ("?into=\(books.bob)", 422, "not_a_category"), ("?inot=none", 422, "unknown_parameter"),
      ] {
        let answer = try await books.send("DELETE", path + query)
        let problem = try answer.problem()
        #expect(
          answer.status == status && (problem.errors?.first?.code ?? problem.code) == code, "\(answer.text)")
      }
      #expect(try await books.send("DELETE", "\(path)?into=\(home.id)").status == 204)
      #expect(try await books.send("DELETE", path).status == 404)
      #expect(try await names(books) == ["Home"])
      let removed = try await books.get(Category.self, path)
      #expect(removed.removedAt != nil && removed.removedInto == home.id)
      #expect(try await books.nets() == nets)
      // Each moved entry is told once, and its history says who moved it.
      var changed: [Entry] = []
      var next = "?since=\(start)&limit=100"
      while true {
        let page = try await books.get(Page<Entry>.self, "/entries\(next)")
        changed += page.items
        guard let cursor = page.next else { break }
        next = "?since=\(start)&limit=100&cursor=\(cursor)"
      }
      #expect(changed.count == 130 && Set(changed.map(\.id)).count == 130)
      #expect(changed.allSatisfy { $0.content.categories == [home.id] })
      let history = try await books.get(History.self, "/entries/\(item.id)/history")
      #expect(
        history.revisions.last?.action == .changed
          && history.revisions.last?.changes.map(\.field) == ["split"])
      #expect(try await entry(other.id, books).version == 1)
      // A deleted entry gets it when it is restored.
      #expect(try await entry(made[0].id, books).category == food.id)
      let restored = try await books.send("POST", "/entries/\(made[0].id)/restore").decode(Entry.self)
      #expect(restored.category == home.id)
      #expect(try await books.send("DELETE", "/categories/\(home.id)?into=none").status == 204)
      #expect(try await entry(item.id, books).content.categories.isEmpty)
      #expect(try await books.nets().filter { $0.value != 0 }.count == nets.filter { $0.value != 0 }.count)
    }
  }

  @Test(arguments: Backend.available) func removalKeepsTheTreeAndTheClosedBooks(backend: Backend) async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let food = try await add("Food", books)
      let snacks = try await add("Snacks", under: food.id, books)
      let entry = try await expense(#""category": "\#(snacks.id)", "date": "2020-02-03""#, books)
      let parent = try await books.send("DELETE", "/categories/\(food.id)?into=none")
      try expectProblem(parent, 409, "has_children")
      #expect(
        try await books.send(
          "PATCH", "/v1/groups/\(books.group.id)", #"{"closedUntil": "2020-12-31"}"#, headers: Self.any
        ).status == 200)
      try expectProblem(
        try await books.send("DELETE", "/categories/\(snacks.id)?into=\(food.id)"), 409, "closed")
      #expect(try await self.entry(entry.id, books).category == snacks.id)
    }
  }

  @Test(arguments: Backend.available) func changesAreTold(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let first = try await books.get(Page<Category>.self, "/categories").sequence ?? 0
      let (food, home) = (try await add("Food", books), try await add("Home", books))
      func changes(since start: Int64) async throws -> Page<Category> {
        try await books.get(Page<Category>.self, "/categories?since=\(start)")
      }
      let two = try await changes(since: first)
      #expect(two.items.map(\.id) == [food.id, home.id])
      #expect(try await books.send("DELETE", "/categories/\(food.id)").status == 204)
      let later = try await changes(since: two.sequence ?? 0)
      #expect(later.items.map(\.id) == [food.id] && later.items.first?.removedAt != nil)
      #expect(try await names(books, "?removed=true") == ["Food", "Home"])
      // The name is free again.
      #expect(try await add("Food", books).id != food.id)
    }
  }

  @Test(arguments: Backend.available) func tagsAreOfTheFieldAndOfTheDescription(backend: Backend) async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let made = try await books.enter(
        "/expenses",
        ##"{"description": "Train #Trip #12 (#südtirol) C#", "amount": 300, "payer": "\##(books.anna)", "tags": ["Work", "#trip"], "split": {"method": "items", "items": [{"description": "seat #window", "amount": 300}]}}"##
      )
      #expect(
        made.tags
          == ["südtirol", "trip", "work"].sorted {
            $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
          })
      #expect(made.split?.items?.first?.tags == ["window"])
      func change(_ json: String) async throws -> [String]? {
        let answer = try await books.send("PATCH", "/expenses/\(made.id)", json, headers: Self.any)
        #expect(answer.status == 200, "\(answer.text)")
        return try answer.decode(Entry.self).tags
      }
      #expect(try await change(#"{"description": "Train #rail"}"#) == ["rail", "work"])
      #expect(try await change(#"{"amount": 300, "tags": []}"#) == ["rail"])
      #expect(try await change(#"{"description": "Train"}"#) == nil)
      for tags in [
        #"["a b"]"#, #"["12"]"#, #"["-a"]"#, #"["a-"]"#, #"[""]"#,
        #"["\#(String(repeating: "a", count: 51))"]"#,
      ] {
        let answer = try await books.send(
          "PATCH", "/expenses/\(made.id)", #"{"tags": \#(tags)}"#, headers: Self.any)
        let error = try answer.problem().errors?.first
        #expect(
          answer.status == 422 && error?.field == "tags.0" && error?.code == "not_a_tag", "\(answer.text)")
      }
      let many = (1...9).map { #""t\#($0)""# }.joined(separator: ",")
      let answer = try await books.send(
        "PATCH", "/expenses/\(made.id)", ##"{"tags": [\##(many)], "description": "#a #b"}"##,
        headers: Self.any)
      #expect(try answer.problem().errors?.map(\.field) == ["tags"])
    }
  }

  @Test(arguments: Backend.available) func groupHasLimitedCategories(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let all = (0..<Category.maxPresent).map { Category(id: ID(at: .now), name: "c\($0)", createdAt: .now) }
      let store = CategoryStore(database: books.server.dependencies.database)
      try await store.insert(all, in: books.group.id, WriteContext())
      try expectProblem(
        try await books.send("POST", "/categories", #"{"name": "One more"}"#), 409, "too_many_categories")
      try expectProblem(try await books.send("POST", "/categories/standard"), 409, "too_many_categories")
    }
  }

  /// An unchanged description of an old entry needs no new tags.
  @Test(arguments: Backend.available) func oldDescriptionOfManyWordsCanStay(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let words = (0..<12).map { "#w\($0)" }.joined(separator: " ")
      let made = try await books.enter(
        "/expenses", ##"{"description": "x", "amount": 300, "payer": "\##(books.anna)"}"##)
      let content = { (old: EntryContent) -> EntryContent in
        var content = old
        content.description = words
        return content
      }(made.content)
      let revision = EntryRevision(
        .changed, made, to: content, in: books.group.id, by: books.anna, at: .now)
      let store = EntryStore(database: books.server.dependencies.database)
      _ = try await store.revise(made, revision, WriteContext())
      let answer = try await books.send(
        "PATCH", "/expenses/\(made.id)", ##"{"amount": 500, "description": "\##(words)"}"##, headers: Self.any
      )
      let changed = try answer.decode(Entry.self)
      #expect(changed.amount == 500 && changed.tags == nil)
      let more = try await books.send(
        "PATCH", "/expenses/\(made.id)", ##"{"description": "\##(words)!"}"##, headers: Self.any)
      #expect(try more.problem().errors?.first?.field == "tags")
    }
  }
}
