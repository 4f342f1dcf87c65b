import KittyShared
import Testing

@testable import KittyServer

struct TagVersionsTests {
  private let books = CacheTag.books(ID(at: .now))
  private let other = CacheTag.books(ID(at: .now))

  /// `true` if a value that was cached under the present versions would be found.
  private func isUsable(_ tag: CacheTag, _ table: TagVersions) -> Bool {
    table.versions(of: [tag]) == table.versions(of: [tag])
  }

  @Test func heldTagHasNoVersionThatCanBeFound() {
    let table = TagVersions()
    let before = table.versions(of: [books, other])
    table.hold([books], as: "a", for: .seconds(60))
    let during = table.versions(of: [books, other])
    #expect(during[0] != before[0] && during[1] == before[1])
    #expect(!isUsable(books, table) && isUsable(other, table))
    // A value that was read while the tag was held, or before, is not found afterwards.
    table.invalidate([books])
    table.release("a")
    let after = table.versions(of: [books])[0]
    #expect(isUsable(books, table) && after != during[0] && after != before[0])
  }

  @Test func releaseAloneKeepsTheVersion() {
    let table = TagVersions()
    let before = table.versions(of: [books])
    table.hold([books], as: "a", for: .seconds(60))
    table.release("a")
    #expect(table.versions(of: [books]) == before)
    table.release("unknown")
    #expect(table.versions(of: [books]) == before)
  }

  @Test func tagOfTwoWritersIsHeldUntilBothAreDone() {
    let table = TagVersions()
    table.hold([books], as: "a", for: .seconds(60))
    table.hold([books, other], as: "b", for: .seconds(60))
    table.release("a")
    #expect(!isUsable(books, table))
    table.release("b")
    #expect(isUsable(books, table) && isUsable(other, table))
  }

  @Test func holdThatNoMessageEndsInvalidatesItsTags() async throws {
    let table = TagVersions()
    let before = table.versions(of: [books, other])
    table.hold([books], as: "a", for: .milliseconds(50))
    table.hold([.all], as: "b", for: .milliseconds(100))
    #expect(!isUsable(other, table))
    try await until { isUsable(books, table) }
    let after = table.versions(of: [books, other])
    #expect(after[0] != before[0] && after[1] != before[1])
  }

  @Test func renewedHoldLastsLonger() async throws {
    let table = TagVersions()
    table.hold([books], as: "a", for: .milliseconds(50))
    table.hold([books], as: "a", for: .seconds(60))
    try await Task.sleep(for: .milliseconds(100))
    #expect(!isUsable(books, table))
    table.release("a")
    #expect(isUsable(books, table))
  }

  @Test func tooManyHoldsHoldEverything() async throws {
    let table = TagVersions(maxHolds: 3)
    for number in 0..<3 { table.hold([.session("\(number)")], as: "\(number)", for: .milliseconds(50)) }
    #expect(isUsable(books, table))
    table.hold([.session("3")], as: "3", for: .milliseconds(50))
    #expect(!isUsable(books, table))
    try await until { isUsable(books, table) && isUsable(.session("3"), table) }
  }

  @Test func usedValuesSurviveManyNewOnes() {
    var values = Generations<Int, Int>(capacity: 10)
    values.insert(1, for: -1)
    for number in 0..<1000 {
      values.insert(number, for: number)
      #expect(values.value(for: -1) == 1)
      #expect(values.count <= 10)
    }
    #expect(values.value(for: 0) == nil && values.value(for: 999) == 999)
    values.remove(-1)
    #expect(values.value(for: -1) == nil)
    values.removeAll()
    #expect(values.count == 0)
  }
}
