import Testing

@testable import KittyServer

/// Free names in exports and invites.
@Suite struct FreeNamesTests {
  private final class Counter { var calls = 0 }

  /// The number of keys that are computed for a number of equal names.
  private func keys(for count: Int) -> Int {
    let counter = Counter()
    var names = FreeNames(used: ["Kitty"]) { name in
      counter.calls += 1
      return name.lowercased()
    }
    let free = (0..<count).map { _ in names.free("X--") { "X---\($0)" } }
    #expect(Set(free).count == count)
    return counter.calls
  }

  @Test(arguments: [250, 1000, 4000]) func equalNamesCostTheirNumber(count: Int) {
    #expect(keys(for: count) <= 2 * count)
  }

  @Test func numberedNameOfAnotherIsNotGivenAgain() {
    var names = FreeNames(used: ["Kitty"]) { $0.lowercased() }
    let free = ["Ann", "Ann-2", "ann", "Ann", "kitty"].map { name in names.free(name) { "\(name)-\($0)" } }
    #expect(free == ["Ann", "Ann-2", "ann-3", "Ann-4", "kitty-2"])
  }
}
