import KittyShared
import Testing

@testable import KittyTUI

/// A category that a command names.
struct CategoryOptionTests {
  private func run(_ arguments: [String], _ categories: [KittyShared.Category]) async throws -> (
    run: CommandRun, sent: [FakeServer.Request]
  ) {
    let log = CommandTests.Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      if request.line.contains("/categories?") {
        return (200, CommandTests.json(Page(items: categories, next: nil)))
      }
      return CommandTests.books(request) ?? CommandTests.saved
    }
    let run = try await CommandRun.run(arguments, CommandTests.stage(server))
    return (run, log.requests.filter { $0.line.hasPrefix("POST") })
  }

  @Test(arguments: ["food/groceries", "Food/Gro", "groceries", "gro"])
  func nameBeginningAndPathAreTheSame(text: String) async throws {
    let (run, sent) = try await run(["add", "flat", "12 tea", "--category", text], Fixtures.categories)
    #expect(run.status == .done, "\(run)")
    #expect(sent.first?.body.contains("\(Fixtures.id(71))") == true, "\(sent)")
  }

  @Test func equalNamesAreToldApartByTheirPaths() async throws {
    let other = KittyShared.Category(
      id: Fixtures.id(74), name: "Groceries", parent: Fixtures.id(72), createdAt: Instant(milliseconds: 0))
    let categories = Fixtures.categories + [other]
    let unclear = try await run(["add", "flat", "12 tea", "--category", "groceries"], categories).run
    #expect(unclear.status == .usage, "\(unclear)")
    #expect(unclear.errors.contains("\"Food/Groceries\" or \"Home/Groceries\""), "\(unclear.errors)")
    let (named, sent) = try await run(["add", "flat", "12 tea", "--category", "home/groceries"], categories)
    #expect(named.status == .done && sent.first?.body.contains("\(other.id)") == true, "\(named)")
    let wrong = try await run(["add", "flat", "12 tea", "--category", "home/tea"], categories).run
    #expect(wrong.status == .notFound, "\(wrong)")
  }
}
