import KittyShared
import Testing

@testable import KittyServer

/// Comments on entries.
@Suite struct CommentTests {
  @Test(arguments: Backend.available) func commentIsListedAndCounted(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "Dinner", "amount": "30", "payer": "\#(books.anna)"}"#)
      let comment = try await books.send("POST", "/entries/1/comments", #"{"text": "Really?"}"#)
      #expect(comment.status == 201)
      let comments = try await books.get(Page<KittyShared.Comment>.self, "/entries/1/comments").items
      #expect(comments.map(\.text) == ["Really?"])
      #expect(try await books.get(Entry.self, "/entries/1").commentCount == 1)
    }
  }
}
