import KittyShared
import Testing

@testable import KittyServer

/// A mistyped year is asked about before it is in the books.
@Suite struct DateTests {
  @Test(arguments: Backend.available) func noDateIsFarAhead(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      let (near, far) = (Self.day(3653), Self.day(3654))
      func expense(_ day: String) -> String {
        #"{"description": "x", "amount": 300, "payer": "\#(books.anna)", "date": "\#(day)"}"#
      }
      func payment(_ day: String) -> String {
        #"{"from": "\#(books.anna)", "to": "kitty", "amount": 300, "date": "\#(day)"}"#
      }
      for path in ["/expenses", "/expenses?dryRun=true"] {
        let refused = try await books.send("POST", path, expense(far)).problem()
        #expect(refused.errors?.map(\.code) == ["too_far_ahead"] && refused.errors?.first?.field == "date")
        #expect(refused.detail.contains(far))
      }
      #expect(try await books.send("POST", "/payments", payment(far)).status == 422)
      #expect(try await books.send("POST", "/expenses", expense("1899-12-31")).status == 422)
      let first = try await books.enter("/expenses", expense(near))
      _ = try await books.enter("/expenses", expense("1900-01-01"))
      let second = try await books.enter("/payments", payment(near))
      let any = [("If-Match", "*")]
      for path in ["/expenses/\(first.id)", "/payments/\(second.id)"] {
        let refused = try await books.send("PATCH", path, #"{"date": "\#(far)"}"#, headers: any)
        #expect(try refused.problem().errors?.map(\.code) == ["too_far_ahead"])
        #expect(try await books.send("PATCH", path, #"{"note": "x"}"#, headers: any).status == 200)
      }
      let closed = try await books.send("PATCH", "", #"{"closedUntil": "9999-12-31"}"#, headers: any)
        .problem()
      #expect(closed.errors?.map(\.field) == ["closedUntil"])
    }
  }

  /// What came with a file, or was entered when it was not asked about, can still be changed otherwise.
  @Test(arguments: Backend.available) func anOldDateThatStaysIsNotAskedAbout(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      let json = #"{"description": "x", "amount": 300, "payer": "\#(books.anna)", "date": "\#(Self.day(1))"}"#
      _ = try await books.enter("/expenses", json)
      let file = try await books.send("GET", "/export").text.replacing(Self.day(1), with: "2099-01-01")
      let group = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
        .decode(Group.self)
      let copy = Books(server: books.server, token: books.token, group: group, members: books.members)
      #expect(try await copy.send("POST", "/import", file).status == 200)
      let entry = try await copy.get(Entry.self, "/entries/1")
      #expect(entry.date.description == "2099-01-01")
      let any = [("If-Match", "*")]
      let path = "/expenses/\(entry.id)"
      #expect(try await copy.send("PATCH", path, #"{"amount": 400}"#, headers: any).status == 200)
      #expect(try await copy.send("PATCH", path, #"{"date": "2099-01-02"}"#, headers: any).status == 422)
    }
  }

  private static func day(_ ahead: Int64) -> String {
    Day(daysSince1970: Instant.now.day.daysSince1970 + ahead).description
  }
}
